import { stateLetter } from '../../../shared/domain/run-state.ts';
import type { RunChange } from '../storage/run-store.ts';

/** Live views get at most ten updates a second, each with the newest state of what changed. */
const INTERVAL_MS = 100;

/** What changed since a subscriber last looked. */
export interface Changes {
  /** Jobs whose row changed, or all their runs. */
  readonly jobs: ReadonlySet<string>;
  readonly removed: ReadonlySet<string>;
  /** Per job: run → state letter. */
  readonly runs: ReadonlyMap<string, ReadonlyMap<number, string>>;
  /** Per job: runs with new results. */
  readonly results: ReadonlyMap<string, ReadonlySet<number>>;
}

class Subscriber {
  readonly only: string | null;
  jobs = new Set<string>();
  removed = new Set<string>();
  runs = new Map<string, Map<number, string>>();
  results = new Map<string, Set<number>>();
  wake: (() => void) | null = null;

  constructor(only: string | null) {
    this.only = only;
  }

  touch(job: string): void {
    this.jobs.add(job);
    this.wake?.();
  }

  take(): Changes {
    const { jobs, removed, runs, results } = this;
    this.jobs = new Set();
    this.removed = new Set();
    this.runs = new Map();
    this.results = new Map();
    return { jobs, removed, runs, results };
  }

  get isEmpty(): boolean {
    return this.jobs.size + this.removed.size === 0;
  }
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

/** Tells live views what changed after each commit; per subscriber only the latest state of each run is kept. */
export class JobFeed {
  readonly #subscribers = new Set<Subscriber>();

  get subscribers(): number {
    return this.#subscribers.size;
  }

  publish(changes: readonly RunChange[]): void {
    for (const subscriber of this.#subscribers) {
      const touched = new Set<string>();
      for (const change of changes) {
        if (subscriber.only !== null && subscriber.only !== change.job) continue;
        touched.add(change.job);
        if (subscriber.only === null) continue;
        at(subscriber.runs, change.job, () => new Map<number, string>()).set(change.run, stateLetter(change.to));
        if (change.end !== undefined || change.to === 'planned')
          at(subscriber.results, change.job, () => new Set<number>()).add(change.run);
      }
      for (const job of touched) subscriber.touch(job);
    }
  }

  /** The job's own row changed (submitted, finished, cancelling, new columns). */
  jobChanged(job: string): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.only === null || subscriber.only === job) subscriber.touch(job);
    }
  }

  jobRemoved(job: string): void {
    for (const subscriber of this.#subscribers) {
      if (subscriber.only !== null && subscriber.only !== job) continue;
      subscriber.removed.add(job);
      subscriber.touch(job);
    }
  }

  /**
   * Changes from now on, coalesced. Subscribing happens at the call, not at the first `next`, so that a snapshot taken
   * right after it misses nothing.
   */
  changes(only: string | null, signal: AbortSignal): AsyncIterable<Changes> {
    const subscriber = new Subscriber(only);
    this.#subscribers.add(subscriber);
    const leave = (): void => {
      this.#subscribers.delete(subscriber);
      subscriber.wake?.();
    };
    signal.addEventListener('abort', leave, { once: true });
    return this.#iterate(subscriber, signal, leave);
  }

  async *#iterate(subscriber: Subscriber, signal: AbortSignal, leave: () => void): AsyncGenerator<Changes> {
    try {
      while (!signal.aborted) {
        if (subscriber.isEmpty) {
          await new Promise<void>((resolve) => (subscriber.wake = resolve));
          subscriber.wake = null;
        }
        if (signal.aborted) return;
        yield subscriber.take();
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, INTERVAL_MS);
          subscriber.wake = () => {
            if (!signal.aborted) return;
            clearTimeout(timer);
            resolve();
          };
        });
        subscriber.wake = null;
      }
    } finally {
      leave();
      signal.removeEventListener('abort', leave);
    }
  }
}
