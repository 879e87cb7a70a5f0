const FIRST_MS = 500;
const MOST_MS = 30_000;
/** A connection that held this long counts as a good one: the next wait is short again. */
export const GOOD_AFTER_MS = 10_000;

/** Waits between attempts to connect: half a second, doubling up to half a minute, each up to a fifth longer or shorter. */
export class BackOff {
  #failures = 0;

  /** Milliseconds until the next attempt. */
  next(): number {
    const wait = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(this.#failures, 10));
    this.#failures++;
    return Math.round(wait * (0.8 + 0.4 * Math.random()));
  }

  reset(): void {
    this.#failures = 0;
  }
}
