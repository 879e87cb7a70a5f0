import { create } from 'zustand';

/** An example of an output file, for trying outputs on. */
export interface Sample {
  readonly text: string;
  /** Where it came from: `draft:PATH`, `job:ID`, or null when it was pasted, dropped or edited. */
  readonly source: string | null;
}

interface SampleState {
  /** By draft and output file, so that outputs of the same file share it. */
  readonly samples: ReadonlyMap<string, Sample>;
  readonly put: (key: string, sample: Sample) => void;
}

/** Samples stay while the app is open; they are not part of the job. */
export const useSampleStore = create<SampleState>()((set) => ({
  samples: new Map(),
  put: (key, sample) => set((state) => ({ samples: new Map(state.samples).set(key, sample) })),
}));
