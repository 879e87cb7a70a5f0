import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, open } from 'node:fs/promises';
import { EndError } from '../ends/far-end.ts';
import type { OutgoingFile } from '../ends/far-end.ts';
import { localError, onLocal } from './local-problem.ts';
import { markOf } from './walk-local.ts';

/** Waits until so many bytes may be moved. */
export type Throttle = (bytes: number) => Promise<void>;

export interface SourceFileSpec {
  /** Where it lies. */
  readonly absolute: string;
  /** What it is called at the target. */
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  /** What it was when it was planned, as `LocalEntry.mark`. */
  readonly mark: string;
  readonly throttle: Throttle;
  /** Also compute an MD5. */
  readonly md5: boolean;
}

/** The error of a source that is not what it was when it was planned. */
export function sourceChanged(path: string): EndError {
  return new EndError({ kind: 'changed', message: `${path} was changed while it was being sent.`, hint: null });
}

/** A file of this workstation as it is sent. Read from start to end it is hashed on the way. */
export class SourceFile implements OutgoingFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  readonly #spec: SourceFileSpec;
  #opening: Promise<FileHandle> | null = null;
  #hashed = 0;
  #sha256: Hash = createHash('sha256');
  #md5: Hash | null;

  constructor(spec: SourceFileSpec) {
    this.#spec = spec;
    this.path = spec.path;
    this.size = spec.size;
    this.modifiedAt = spec.modifiedAt;
    this.mode = spec.mode & 0o777;
    this.#md5 = spec.md5 ? createHash('md5') : null;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const wanted = Math.max(0, Math.min(length, this.size - offset));
    await this.#spec.throttle(wanted);
    const file = await this.#file();
    const buffer = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await onLocal(
        this.#spec.absolute,
        file.read(buffer, filled, wanted - filled, offset + filled),
      );
      if (bytesRead === 0) throw sourceChanged(this.path);
      filled += bytesRead;
    }
    // A second reading from the start (a bundle that is sent again) begins a new hash.
    if (offset === 0 && this.#hashed > 0) {
      this.#hashed = 0;
      this.#sha256 = createHash('sha256');
      this.#md5 = this.#md5 === null ? null : createHash('md5');
    }
    if (offset === this.#hashed) {
      this.#sha256.update(buffer);
      this.#md5?.update(buffer);
      this.#hashed += wanted;
    }
    return buffer;
  }

  /**
   * Hashes of all bytes; null when they were not read in one go from start to end. Can be asked once.
   * @throws EndError `changed` when the file is not any more what was read
   */
  async finish(): Promise<{ readonly sha256: string; readonly md5: string | null } | null> {
    await this.assertUnchanged();
    if (this.#hashed !== this.size) return null;
    return { sha256: this.#sha256.digest('hex'), md5: this.#md5?.digest('hex') ?? null };
  }

  /** Looks whether the file is still the one that was planned. @throws EndError */
  async assertUnchanged(): Promise<void> {
    const stats = await lstat(this.#spec.absolute, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? sourceChanged(this.path) : localError(this.#spec.absolute, error);
    });
    if (markOf(stats) !== this.#spec.mark) throw sourceChanged(this.path);
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    await (await opening?.catch(() => null))?.close();
  }

  #file(): Promise<FileHandle> {
    return (this.#opening ??= this.#openUnchanged());
  }

  async #openUnchanged(): Promise<FileHandle> {
    const { absolute, mark } = this.#spec;
    let file: FileHandle;
    try {
      file = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw code === 'ENOENT' || code === 'ELOOP' ? sourceChanged(this.path) : localError(absolute, error);
    }
    if (markOf(await file.stat({ bigint: true })) === mark) return file;
    await file.close();
    throw sourceChanged(this.path);
  }
}
