/** How many runs had ended at a moment (milliseconds). */
export interface RateSample {
  readonly at: number;
  readonly ended: number;
}

/** Milliseconds of the past that a rate is taken from. */
const WINDOW = 60_000;
/** A rate from less than this says nothing. */
const LEAST_TIME = 5000;
const LEAST_RUNS = 5;

/** Adds a sample and forgets those older than the window. Fewer ended runs than before (a re-run) begin anew. */
export function addSample(samples: readonly RateSample[], sample: RateSample): readonly RateSample[] {
  const last = samples.at(-1);
  if (last === undefined || sample.ended < last.ended) return [sample];
  if (sample.ended === last.ended) return samples;
  return [...samples.filter(({ at }) => at >= sample.at - WINDOW), sample];
}

/** Runs that ended per second from the first sample until `now`: it falls while none ends. Null when too few did to tell. */
export function observedRate(samples: readonly RateSample[], now = samples.at(-1)?.at ?? 0): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return null;
  const runs = last.ended - first.ended;
  const time = Math.max(now, last.at) - first.at;
  return runs >= LEAST_RUNS && time >= LEAST_TIME ? (runs * 1000) / time : null;
}
