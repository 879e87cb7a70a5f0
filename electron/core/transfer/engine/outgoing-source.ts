import type { NewAgeFile } from '../../encryption/age-header.ts';
import type { LocalBytes, OutgoingFile } from '../ends/far-end.ts';
import type { FileHashes } from '../local/hash-file.ts';
import { RunningHash } from '../local/running-hash.ts';
import type { SourceFileSpec } from '../local/source-file.ts';
import { SourceFile } from '../local/source-file.ts';
import type { Seal } from './seal.ts';

const READ_BYTES = 1024 * 1024;

/** A file as it travels: as it is, or encrypted on the way. What travels is hashed as it passes. */
export class OutgoingSource implements OutgoingFile {
  readonly path: string;
  readonly size: number;
  readonly modifiedAt: number;
  readonly mode: number;
  readonly #plain: SourceFile;
  readonly #file: OutgoingFile;
  readonly #hash: RunningHash;
  readonly here: LocalBytes | null;
  /** By another thread that has read all of it, and looked at it before and after. */
  #taken: FileHashes | null = null;

  /** `spec`: the plain file under its plain path. */
  constructor(
    spec: SourceFileSpec,
    {
      sealed,
      md5,
    }: { readonly sealed: { readonly seal: Seal; readonly envelope: NewAgeFile } | null; readonly md5: boolean },
  ) {
    this.#plain = new SourceFile(spec);
    this.#file = sealed === null ? this.#plain : sealed.seal.seal(this.#plain, sealed.envelope);
    this.#hash = new RunningHash({ md5 });
    this.path = this.#file.path;
    this.size = this.#file.size;
    this.modifiedAt = this.#file.modifiedAt;
    this.mode = this.#file.mode;
    const { absolute, mark, throttle } = spec;
    const took = (sha256: string): void => {
      this.#taken = { sha256, md5: null };
    };
    this.here = sealed === null && !md5 ? { absolute, mark, throttle, took } : null;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    const bytes = await this.#file.read(offset, length);
    this.#hash.pass(offset, bytes);
    return bytes;
  }

  /** Looks whether the file is still the one that was planned. @throws EndError `changed` */
  assertUnchanged(): Promise<void> {
    return this.#taken !== null ? Promise.resolve() : this.#plain.assertUnchanged();
  }

  /** Hashes of what travelled; null when it was not read in one go from start to end. */
  hashes(): FileHashes | null {
    return this.#taken ?? this.#hash.digest(this.size);
  }

  /** Reads all of it for its hashes. @throws EndError */
  async readThrough(signal: AbortSignal): Promise<FileHashes> {
    for (let at = 0; at < this.size; at += READ_BYTES) {
      signal.throwIfAborted();
      await this.read(at, READ_BYTES);
    }
    return this.hashes()!;
  }

  close(): Promise<void> {
    return this.#plain.close();
  }
}
