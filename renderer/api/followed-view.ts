/** A view of something live, in the form of `useSyncExternalStore`: followed from the first subscriber on until the last one has left. The last view stays. */
export abstract class FollowedView<V> {
  readonly #listeners = new Set<() => void>();
  #view: V;
  #stop: (() => void) | null = null;

  constructor(first: V) {
    this.#view = first;
  }

  readonly getSnapshot = (): V => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    this.#stop ??= this.follow();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.();
      this.#stop = null;
    };
  };

  /** Begins to follow; returns what ends it. */
  protected abstract follow(): () => void;

  protected show(view: V): void {
    this.#view = view;
    for (const listener of [...this.#listeners]) listener();
  }
}
