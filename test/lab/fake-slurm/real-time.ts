import type { WorldTime } from './virtual-time.ts';

/** The time of this machine, in which the cluster lives so many times faster. */
export class RealTime implements WorldTime {
  readonly #speed: number;
  readonly #due = new Map<NodeJS.Timeout, () => void | Promise<void>>();

  constructor(speed: number) {
    this.#speed = speed;
  }

  get epoch(): number {
    return Math.floor(Date.now() / 1000);
  }

  in(seconds: number, act: () => void | Promise<void>): () => void {
    const timer = setTimeout(
      () => {
        this.#due.delete(timer);
        void act();
      },
      (seconds * 1000) / this.#speed,
    );
    this.#due.set(timer, act);
    return () => {
      clearTimeout(timer);
      this.#due.delete(timer);
    };
  }

  async overtake(): Promise<boolean> {
    const [next] = this.#due;
    if (next === undefined) return false;
    clearTimeout(next[0]);
    this.#due.delete(next[0]);
    await next[1]();
    return true;
  }

  stop(): void {
    for (const timer of this.#due.keys()) clearTimeout(timer);
    this.#due.clear();
  }
}
