import type { Timers } from '../../clock.ts';

/** What may pass at once after a pause, in seconds of the limit. */
const BURST_SECONDS = 0.25;

/** Limits bytes per second over everything that takes from it, in the order in which it was asked. Without a limit nothing waits. */
export class TokenBucket {
  readonly #timers: Timers;
  #perSecond: number | null = null;
  #tokens = 0;
  #filledAt: number;
  #turn: Promise<void> = Promise.resolve();
  #changed: (() => void) | null = null;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#filledAt = timers.elapsed();
  }

  get limit(): number | null {
    return this.#perSecond;
  }

  /** Bytes per second from now on; null = none. Those who wait feel it at once. */
  setLimit(bytesPerSecond: number | null): void {
    this.#fill();
    this.#perSecond = bytesPerSecond;
    this.#tokens = Math.min(this.#tokens, this.#most());
    this.#changed?.();
  }

  /** Resolves once so many bytes may pass, or as soon as the signal aborts. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    if (this.#perSecond === null) return;
    const turn = this.#turn.then(() => this.#pass(bytes, signal));
    this.#turn = turn;
    await turn;
  }

  async #pass(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (signal?.aborted === true) return;
      this.#fill();
      const perSecond = this.#perSecond;
      // More than fits at once passes when it is full, and leaves a debt.
      if (perSecond === null || this.#tokens >= Math.min(bytes, this.#most())) {
        if (perSecond !== null) this.#tokens -= bytes;
        return;
      }
      await this.#wait(((Math.min(bytes, this.#most()) - this.#tokens) / perSecond) * 1000, signal);
    }
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        stop();
        signal?.removeEventListener('abort', done);
        this.#changed = null;
        resolve();
      };
      const stop = this.#timers.after(Math.max(1, ms), done);
      this.#changed = done;
      signal?.addEventListener('abort', done, { once: true });
    });
  }

  #most(): number {
    return (this.#perSecond ?? 0) * BURST_SECONDS;
  }

  #fill(): void {
    const now = this.#timers.elapsed();
    this.#tokens = Math.min(this.#most(), this.#tokens + ((now - this.#filledAt) / 1000) * (this.#perSecond ?? 0));
    this.#filledAt = now;
  }
}
