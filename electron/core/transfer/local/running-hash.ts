import { createHash } from 'node:crypto';
import type { FileHashes } from './hash-file.ts';

/** Hashes bytes that pass by, as long as they pass in one go from start to end. Bytes that begin at the start again begin a new hash. */
export class RunningHash {
  readonly #withMd5: boolean;
  #hashed = 0;
  #sha256 = createHash('sha256');
  #md5 = createHash('md5');

  constructor({ md5 }: { readonly md5: boolean }) {
    this.#withMd5 = md5;
  }

  pass(offset: number, bytes: Uint8Array): void {
    if (offset === 0 && this.#hashed > 0) {
      this.#hashed = 0;
      this.#sha256 = createHash('sha256');
      this.#md5 = createHash('md5');
    }
    if (offset !== this.#hashed) return;
    this.#sha256.update(bytes);
    if (this.#withMd5) this.#md5.update(bytes);
    this.#hashed += bytes.length;
  }

  /** Null when not all of `size` bytes have passed in order. */
  digest(size: number): FileHashes | null {
    if (this.#hashed !== size) return null;
    return { sha256: this.#sha256.copy().digest('hex'), md5: this.#withMd5 ? this.#md5.copy().digest('hex') : null };
  }
}
