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
}

/** The error of a source that is not what it was when it was planned. */
export function sourceChanged(path: string): EndError {
  return new EndError({ kind: 'changed', message: `${path} was changed while it was being sent.`, hint: null });
}

/** A file of this workstation as it is read for sending: always the one that was planned, or nothing. */
export class SourceFile implements OutgoingFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  readonly #spec: SourceFileSpec;
  #opening: Promise<FileHandle> | null = null;
  #reads = 0;
  #isClosed = false;

  constructor(spec: SourceFileSpec) {
    this.#spec = spec;
    this.path = spec.path;
    this.size = spec.size;
    this.modifiedAt = spec.modifiedAt;
    this.mode = spec.mode & 0o777;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    this.#reads++;
    try {
      return await this.#read(offset, length);
    } finally {
      this.#reads--;
      // It was closed while this one waited for its turn, and has been opened again.
      if (this.#isClosed && this.#reads === 0) await this.#letGo();
    }
  }

  async #read(offset: number, length: number): Promise<Buffer> {
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
    // Thousands of small files of a bundle are not kept open until all of it has gone.
    if (offset === 0 && wanted === this.size) await this.#letGo();
    return buffer;
  }

  /** Looks whether the file is still the one that was planned. @throws EndError */
  async assertUnchanged(): Promise<void> {
    const stats = await lstat(this.#spec.absolute, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? sourceChanged(this.path) : localError(this.#spec.absolute, error);
    });
    if (markOf(stats) !== this.#spec.mark) throw sourceChanged(this.path);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
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
