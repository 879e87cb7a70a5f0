import type { TransferStore } from '../../storage/transfer-store.ts';
import type { TokenBucket } from './token-bucket.ts';

/** The bandwidth limit of all transfers together, which outlives the core. */
export class TransferLimit {
  readonly #store: TransferStore;
  readonly #bucket: TokenBucket;
  readonly #listeners = new Set<() => void>();

  constructor(store: TransferStore, bucket: TokenBucket) {
    this.#store = store;
    this.#bucket = bucket;
    bucket.setLimit(store.limit);
  }

  /** Bytes per second; null = none. */
  get(): number | null {
    return this.#bucket.limit;
  }

  set(bytesPerSecond: number | null): void {
    this.#store.setLimit(bytesPerSecond);
    this.#bucket.setLimit(bytesPerSecond);
    for (const listener of this.#listeners) listener();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
