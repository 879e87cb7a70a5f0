import type { Timers } from '../../clock.ts';
import { EndError } from '../ends/far-end.ts';

const TRIES = 5;
const FIRST_MS = 500;
const MOST_MS = 8000;

/** Tries something that failed for a moment again, with growing waits, up to five times. Errors of the connection are not its business: they go up at once. */
export class RetryWaits {
  readonly #timers: Timers;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** @throws what the work has thrown at last; the signal's reason when it was told to stop */
  async persist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        const isTransient = error instanceof EndError && error.problem.kind === 'transient';
        if (!isTransient || attempt === TRIES) throw error;
        await this.wait(Math.min(MOST_MS, FIRST_MS * 2 ** (attempt - 1)), signal);
      }
    }
  }

  /** Waits, a fifth longer or shorter, so that many do not come back at once. @throws the signal's reason */
  wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.#timers.after(ms * (0.8 + 0.4 * Math.random()), () => {
        signal.removeEventListener('abort', aborted);
        resolve();
      });
      const aborted = (): void => {
        stop();
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', aborted, { once: true });
    });
  }
}
