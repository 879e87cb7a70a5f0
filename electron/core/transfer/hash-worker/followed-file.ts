import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { FileHashes } from '../local/hash-file.ts';

const CHUNK = 512 * 1024;

/** Hashes a file while it still arrives, never further than has come. */
export class FollowedFile {
  readonly #path: string;
  readonly #sha256 = createHash('sha256');
  #file: FileHandle | null = null;
  #at = 0;
  #isStopped = false;
  /** One advance after the other; the first failure stays. */
  #work: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  /** So many bytes are there, from the start. */
  came(bytes: number): void {
    this.#work = this.#work.then(() => this.#advance(bytes));
    // Told when the whole is asked for.
    this.#work.catch(() => undefined);
  }

  /** @throws NodeJS.ErrnoException; Error when the file is shorter, or was stopped */
  async whole(bytes: number): Promise<FileHashes> {
    this.came(bytes);
    try {
      await this.#work;
      return { sha256: this.#sha256.digest('hex'), md5: null };
    } finally {
      await this.#close();
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#work.catch(() => undefined);
    await this.#close();
  }

  async #advance(end: number): Promise<void> {
    if (this.#isStopped) throw new Error('the hashing was stopped');
    this.#file ??= await open(this.#path, 'r');
    const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(CHUNK, end - this.#at)));
    while (this.#at < end) {
      if (this.#isStopped) throw new Error('the hashing was stopped');
      const { bytesRead } = await this.#file.read(buffer, 0, Math.min(CHUNK, end - this.#at), this.#at);
      if (bytesRead === 0) throw new Error(`${this.#path} is shorter than what has come`);
      this.#sha256.update(buffer.subarray(0, bytesRead));
      this.#at += bytesRead;
    }
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    await file?.close();
  }
}
