import type { Timers } from '../../clock.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
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
        if (!mayPass(error) || attempt === TRIES) throw error;
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

/** A connection that is lost stays lost for everything: the transfer waits for it as a whole, and says so. */
function mayPass(error: unknown): boolean {
  return error instanceof EndError && error.problem.kind === 'transient' && !(error.cause instanceof RemoteError);
}
