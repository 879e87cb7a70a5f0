import type { RunChange, RunStore } from '../storage/run-store.ts';

/** Told after each commit, in order. */
export type CommitListener = (changes: readonly RunChange[]) => void;

/**
 * Collects run changes and commits them in one transaction per turn of the event loop.
 * `flush` commits at once: called before anything that touches the outside (journal before effect).
 */
export class RunJournal {
  readonly #store: RunStore;
  readonly #listeners = new Set<CommitListener>();
  #pending: RunChange[] = [];
  #scheduled = false;

  constructor(store: RunStore) {
    this.#store = store;
  }

  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  record(change: RunChange): void {
    this.#pending.push(change);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    if (this.#pending.length === 0) return;
    const changes = this.#pending;
    this.#pending = [];
    this.#store.apply(changes);
    for (const listener of this.#listeners) listener(changes);
  }
}
