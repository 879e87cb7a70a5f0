import { RequestWindow } from './request-window.ts';

/** Lets so many works go on at once, which together hold no more than so many bytes; the others wait in order. */
export class Limiter {
  readonly #window: RequestWindow;

  constructor(most: number, mostBytes = Number.MAX_SAFE_INTEGER) {
    this.#window = new RequestWindow(most, mostBytes);
  }

  /** Resolves when there is room, to what gives it back. */
  async enter(weight = 0): Promise<() => void> {
    await new Promise<void>((resolve) => this.#window.enter(weight, resolve));
    return () => this.#window.leave(weight);
  }

  async run<T>(work: () => Promise<T>, weight = 0): Promise<T> {
    const leave = await this.enter(weight);
    try {
      return await work();
    } finally {
      leave();
    }
  }
}
