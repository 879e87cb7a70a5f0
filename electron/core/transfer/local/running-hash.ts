import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { FileHashes } from './hash-file.ts';

/** Hashes bytes that pass by, as long as they pass in one go from start to end. Bytes that begin at the start again begin a new hash. */
export class RunningHash {
  readonly #withMd5: boolean;
  #hashed = 0;
  /** Made when they are needed: most of many small files are hashed elsewhere. */
  #hashes: { readonly sha256: Hash; readonly md5: Hash | null } | null = null;

  constructor({ md5 }: { readonly md5: boolean }) {
    this.#withMd5 = md5;
  }

  pass(offset: number, bytes: Uint8Array): void {
    if (offset === 0 && this.#hashed > 0) {
      this.#hashed = 0;
      this.#hashes = null;
    }
    if (offset !== this.#hashed) return;
    const { sha256, md5 } = this.#begun();
    sha256.update(bytes);
    md5?.update(bytes);
    this.#hashed += bytes.length;
  }

  /** Null when not all of `size` bytes have passed in order. */
  digest(size: number): FileHashes | null {
    if (this.#hashed !== size) return null;
    const { sha256, md5 } = this.#begun();
    return { sha256: sha256.copy().digest('hex'), md5: md5 === null ? null : md5.copy().digest('hex') };
  }

  #begun(): { readonly sha256: Hash; readonly md5: Hash | null } {
    return (this.#hashes ??= { sha256: createHash('sha256'), md5: this.#withMd5 ? createHash('md5') : null });
  }
}
