/**
 * How many requests are on their way to one store at once: it grows by one while all goes well and is halved when the store asks for less, as TCP does with
 * what it has under way.
 */
export class RequestGate {
  readonly #least: number;
  readonly #most: number;
  #width: number;
  #busy = 0;
  /** Requests that went well since the width last changed. */
  #good = 0;
  readonly #waiting: (() => void)[] = [];

  constructor({ least, most, first }: { readonly least: number; readonly most: number; readonly first: number }) {
    this.#least = least;
    this.#most = most;
    this.#width = first;
  }

  get width(): number {
    return this.#width;
  }

  /** Runs the work once there is room. @throws the signal's reason when it is aborted before */
  async run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#enter(signal);
    try {
      const result = await work();
      if (++this.#good >= this.#width && this.#width < this.#most) {
        this.#width++;
        this.#good = 0;
      }
      return result;
    } finally {
      this.#busy--;
      this.#admit();
    }
  }

  /** The store asked for fewer requests. */
  slower(): void {
    this.#width = Math.max(this.#least, Math.floor(this.#width / 2));
    this.#good = 0;
  }

  async #enter(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#busy >= this.#width) {
      await new Promise<void>((resolve, reject) => {
        const admit = (): void => {
          signal.removeEventListener('abort', leave);
          resolve();
        };
        const leave = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(admit), 1);
          reject(signal.reason as Error);
        };
        this.#waiting.push(admit);
        signal.addEventListener('abort', leave, { once: true });
      });
      return;
    }
    this.#busy++;
  }

  /** Whoever is admitted counts as busy from here on: nobody can slip in between. */
  #admit(): void {
    while (this.#busy < this.#width && this.#waiting.length > 0) {
      this.#busy++;
      this.#waiting.shift()!();
    }
  }
}
