import { create } from 'zustand';

import type { Dropped } from './dropped-files.ts';

interface DropState {
  /** Dropped somewhere in the app and not taken yet. */
  readonly pending: Dropped | null;
  readonly offer: (dropped: Dropped) => void;
  /** Takes what is pending; null when nothing is. */
  readonly take: () => Dropped | null;
}

/** Carries a drop from wherever it happened to the New job page. */
export const useDropStore = create<DropState>()((set, get) => ({
  pending: null,
  offer: (pending) => set({ pending }),
  take: () => {
    const { pending } = get();
    if (pending !== null) set({ pending: null });
    return pending;
  },
}));
