/** Time, as injected everywhere, so that tests can own it. */
export interface Clock {
  /** UTC milliseconds. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** Waiting, as injected where it takes minutes. */
export interface Timers {
  /** Milliseconds of a clock that never jumps and stands still while the machine sleeps. */
  elapsed(): number;
  /** Calls `act` once after `ms` milliseconds, unless the returned function is called before. Keeps no process alive. */
  after(ms: number, act: () => void): () => void;
}

export const systemTimers: Timers = {
  elapsed: () => performance.now(),
  after: (ms, act) => {
    const timer = setTimeout(act, ms).unref();
    return () => clearTimeout(timer);
  },
};
