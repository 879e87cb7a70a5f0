import type { FileHandle } from 'node:fs/promises';
import { EndError } from '../ends/far-end.ts';
import type { IncomingFile } from '../ends/far-end.ts';
import { onLocal } from './local-problem.ts';
import { RunningHash } from './running-hash.ts';
import type { Throttle } from './source-file.ts';

/** Holes are made of whole blocks. */
const HOLE = Buffer.alloc(1024 * 1024);

function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at += HOLE.length) {
    const piece = bytes.subarray(at, at + HOLE.length);
    if (HOLE.compare(piece, 0, piece.length, 0, piece.length) !== 0) return false;
  }
  return true;
}

/** For files whose place keeps no modes. */
const USUAL_MODE = 0o666 & ~process.umask();

/** Sets time and mode of a file that is open. @throws NodeJS.ErrnoException */
export async function settle(file: FileHandle, modifiedAt: number | null, mode: number | null): Promise<void> {
  if (process.platform !== 'win32') await file.chmod(mode === null ? USUAL_MODE : mode & 0o777);
  if (modifiedAt !== null) await file.utimes(modifiedAt / 1000, modifiedAt / 1000);
}

/** A file aside on this workstation that bytes come into, at any place. Written from start to end it is hashed on the way; what is all zeros becomes a hole. */
export class PartFile implements IncomingFile {
  readonly path: string;
  readonly size: number;
  readonly #file: FileHandle;
  readonly #throttle: Throttle;
  /** It has its full size already: what is not written reads as zeros. */
  readonly #isFull: boolean;
  readonly #hash = new RunningHash({ md5: false });
  #received = 0;

  constructor(path: string, size: number, file: FileHandle, throttle: Throttle, isFull: boolean) {
    this.path = path;
    this.size = size;
    this.#file = file;
    this.#throttle = throttle;
    this.#isFull = isFull;
  }

  /** Bytes that have come. */
  get received(): number {
    return this.#received;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (offset < 0 || offset + bytes.length > this.size) {
      throw new EndError({
        kind: 'corrupt',
        message: `${this.path}: more came than the ${this.size} bytes that were told.`,
        hint: null,
      });
    }
    await this.#throttle(bytes.length);
    this.#hash.pass(offset, bytes);
    this.#received += bytes.length;
    if (this.#isFull && isZero(bytes)) return;
    for (let done = 0; done < bytes.length;) {
      const { bytesWritten } = await onLocal(
        this.path,
        this.#file.write(bytes, done, bytes.length - done, offset + done),
      );
      done += bytesWritten;
    }
  }

  /** SHA-256 of all bytes in hex; null when they did not come in one go from start to end. */
  hash(): string | null {
    return this.#hash.digest(this.size)?.sha256 ?? null;
  }

  /** Sees to it that the bytes survive a crash of the machine. */
  async sync(): Promise<void> {
    await onLocal(this.path, this.#file.sync());
  }

  /** Gives it the time and mode that it is to have (never setuid or setgid), while it is open anyway. */
  async settle({
    modifiedAt,
    mode,
  }: {
    readonly modifiedAt: number | null;
    readonly mode: number | null;
  }): Promise<void> {
    await onLocal(this.path, settle(this.#file, modifiedAt, mode));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
