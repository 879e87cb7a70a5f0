/** Threads taken in turn: each is started when it is first needed, and one that has ended is replaced. */
export class ThreadRing<T extends { readonly isAlive: boolean }> {
  readonly #most: number;
  readonly #start: () => T;
  readonly #threads: T[] = [];
  #next = 0;
  #isOver = false;

  constructor(most: number, start: () => T) {
    this.#most = most;
    this.#start = start;
  }

  /** @throws Error when the threads have been stopped */
  take(): T {
    if (this.#isOver) throw new Error('the workers have been stopped');
    const at = this.#next++ % this.#most;
    const there = this.#threads[at];
    return there?.isAlive === true ? there : (this.#threads[at] = this.#start());
  }

  /** Starts none any more, and ends those that there are. */
  async stop(end: (thread: T) => Promise<unknown>): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#threads.map(end));
  }
}
