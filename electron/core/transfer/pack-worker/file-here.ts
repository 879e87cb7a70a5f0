import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import type { EndProblem, OutgoingFile } from '../ends/far-end.ts';
import { localError } from '../local/local-problem.ts';
import { sourceChanged } from '../local/source-file.ts';
import { markOf } from '../local/walk-local.ts';
import type { FileToPack, PackedFile } from './protocol.ts';

/** A small file that is read once from start to end, without ever giving way: for a thread that does nothing else. */
export class FileHere implements OutgoingFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  readonly #absolute: string;
  readonly #mark: string;
  readonly #sha256: Hash = createHash('sha256');
  #file: number | null = null;
  #hashed = 0;

  constructor({ path, size, modifiedAt, mode, absolute, mark }: FileToPack) {
    this.path = path;
    this.size = size;
    this.modifiedAt = modifiedAt;
    this.mode = mode;
    this.#absolute = absolute;
    this.#mark = mark;
  }

  read(offset: number, length: number): Promise<Buffer> {
    try {
      return Promise.resolve(this.#read(offset, length));
    } catch (error) {
      return Promise.reject(localError(this.#absolute, error));
    }
  }

  close(): Promise<void> {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    return Promise.resolve();
  }

  /** What was read, if it was all of what was planned. */
  result(problem: EndProblem | undefined): PackedFile {
    try {
      if (problem !== undefined) return { problem };
      // Nothing is read of an empty file.
      if (this.size === 0 && markOf(lstatSync(this.#absolute, { bigint: true })) !== this.#mark)
        throw sourceChanged(this.path);
      return { sha256: this.#sha256.digest('hex') };
    } catch (error) {
      return { problem: localError(this.#absolute, error).problem };
    }
  }

  #read(offset: number, length: number): Buffer {
    if (this.#file === null) {
      this.#file = openSync(this.#absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
      this.#assertUnchanged();
    }
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    const buffer = Buffer.allocUnsafe(wanted);
    for (let filled = 0; filled < wanted;) {
      const bytes = readSync(this.#file, buffer, filled, wanted - filled, offset + filled);
      if (bytes === 0) throw sourceChanged(this.path);
      filled += bytes;
    }
    // The beginning may be read twice: as a sample, and when its turn comes.
    if (offset + wanted > this.#hashed) {
      this.#sha256.update(buffer.subarray(this.#hashed - offset));
      this.#hashed = offset + wanted;
    }
    if (this.#hashed === this.size) {
      this.#assertUnchanged();
      closeSync(this.#file);
      this.#file = null;
    }
    return buffer;
  }

  #assertUnchanged(): void {
    if (markOf(fstatSync(this.#file!, { bigint: true })) !== this.#mark) throw sourceChanged(this.path);
  }
}
