import type { TransferPriority } from '../../storage/transfer-store.ts';

const RANK: Record<TransferPriority, number> = { high: 0, normal: 1, low: 2 };

/** Lets bulk stand still while something more urgent moves: each asks for its turn before it takes the next bundle or piece. */
export class PriorityGate {
  readonly #moving = new Map<string, TransferPriority>();
  #waiting: (() => void)[] = [];

  /** One moves, with this priority from now on. */
  enter(id: string, priority: TransferPriority): void {
    if (this.#moving.get(id) === priority) return;
    this.#moving.set(id, priority);
    this.#look();
  }

  leave(id: string): void {
    this.#moving.delete(id);
    this.#look();
  }

  /** Resolves when nothing more urgent moves. @throws the signal's reason */
  async turn(id: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      if (!this.#mustWait(id)) return;
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }

  #mustWait(id: string): boolean {
    const own = this.#moving.get(id);
    if (own === undefined) return false;
    return [...this.#moving.values()].some((priority) => RANK[priority] < RANK[own]);
  }

  #look(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
