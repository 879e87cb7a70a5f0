import { Buffer } from 'node:buffer';
import { constants, zstdCompressSync } from 'node:zlib';
import type { Compression } from '../../tar-pack.ts';
import { compressAside, headerOf, packEntries, padding, TAR_END } from '../../tar-pack.ts';
import type { EndProblem, OutgoingFile } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { asideName } from './aside-folder.ts';
import { changedProblem } from './end-problem.ts';

const CHUNK = 1024 * 1024;
const FILES_AHEAD = 32;
const BYTES_AHEAD = 4 * 1024 * 1024;
const SAMPLE_FILES = 8;
const SAMPLE_BYTES = 32 * 1024;
/** What a sample must shrink to for packing it to be worth the time. */
const WORTH = 1.15;
const PERMISSION_BITS = 0o777;

/** How a bundle is best packed, by the beginnings of a few of its files. */
export async function compressionFor(
  files: readonly OutgoingFile[],
  offered: ReadonlySet<Compression>,
): Promise<Compression> {
  const best = (['zstd', 'gzip'] as const).find((compression) => offered.has(compression));
  if (best === undefined) return 'none';
  const step = Math.max(1, Math.floor(files.length / SAMPLE_FILES));
  const parts: Buffer[] = [];
  for (let i = 0; i < files.length && parts.length < SAMPLE_FILES; i += step) {
    const { size } = files[i]!;
    // Whoever cannot be read now is told when its turn comes.
    if (size > 0) parts.push(await files[i]!.read(0, Math.min(size, SAMPLE_BYTES)).catch(() => Buffer.alloc(0)));
  }
  const sample = Buffer.concat(parts);
  if (sample.length === 0) return best;
  const packed = zstdCompressSync(sample, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
  return sample.length / packed.length >= WORTH ? best : 'none';
}

/** About a MiB of a stream, packed; `contentBytes` of files are in it. */
export interface PackedChunk {
  readonly packed: Buffer;
  readonly contentBytes: number;
}

export interface Bundle {
  readonly compression: Compression;
  readonly chunks: AsyncIterable<PackedChunk>;
}

/** Packs files into a bundle as `packBundle` does, in the way that suits them best of those that are offered. */
export type PackBundle = (
  files: readonly OutgoingFile[],
  options: {
    readonly offered: ReadonlySet<Compression>;
    readonly list: string;
    readonly problems: Map<string, EndProblem>;
    readonly signal: AbortSignal;
  },
) => Promise<Bundle>;

/** In the thread that asks. */
export const packHere: PackBundle = async (files, { offered, list, problems }) => {
  const compression = await compressionFor(files, offered);
  return { compression, chunks: packBundle(files, { compression, list, problems }) };
};

export interface PackOptions {
  readonly compression: Compression;
  readonly list: string;
  readonly problems: Map<string, EndProblem>;
}

/**
 * Files as a tar stream with their aside names, packed in chunks of about a MiB; memory stays at a few of them. A file `list` comes last and holds the names of
 * what came before, separated by NUL. A file that cannot be read as it was planned is put
 * into `problems`: what went out of it is not what was planned, and so is never proven.
 */
export async function* packBundle(
  files: readonly OutgoingFile[],
  { compression, list, problems }: PackOptions,
): AsyncGenerator<PackedChunk> {
  let parts: Buffer[] = [];
  let size = 0;
  let contentBytes = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
  };
  const take = async (): Promise<PackedChunk> => {
    const chunk = Buffer.concat(parts);
    const taken = contentBytes;
    parts = [];
    size = 0;
    contentBytes = 0;
    return { packed: await compressAside(chunk, compression), contentBytes: taken };
  };
  const first = new Prefetch(files, problems);
  for (const [index, file] of files.entries()) {
    const { modifiedAt } = file;
    const name = asideName(file.path);
    add(headerOf({ path: name, type: 'File', size: file.size, mode: file.mode & PERMISSION_BITS, modifiedAt }));
    for (let at = 0; at < file.size;) {
      const length = Math.min(CHUNK, file.size - at);
      if (at === 0) add(await first.take(index));
      else add(problems.has(file.path) ? Buffer.alloc(length) : await readOrTell(file, at, length, problems));
      at += length;
      contentBytes += length;
      if (size >= CHUNK) yield await take();
    }
    add(padding(file.size));
    if (size >= CHUNK) yield await take();
  }
  const names = Buffer.from(files.map(({ path }) => `./${asideName(path)}\0`).join(''));
  add(packEntries([{ kind: 'file', path: list, bytes: names, mode: 0o600, modifiedAt: Date.now() }]));
  add(TAR_END);
  yield await take();
}

/** Reads the beginnings of files some way ahead: one after the other, opening each would take longer than sending it. */
class Prefetch {
  readonly #files: readonly OutgoingFile[];
  readonly #problems: Map<string, EndProblem>;
  readonly #ahead = new Map<number, Promise<Buffer>>();
  #next = 0;
  #bytes = 0;

  constructor(files: readonly OutgoingFile[], problems: Map<string, EndProblem>) {
    this.#files = files;
    this.#problems = problems;
  }

  /** The first MiB of a file that is not empty; each is taken once, in order. */
  async take(index: number): Promise<Buffer> {
    this.#next = Math.max(this.#next, index);
    while (this.#next < this.#files.length && (this.#next === index || this.#hasRoom())) this.#read(this.#next++);
    const bytes = await this.#ahead.get(index)!;
    this.#ahead.delete(index);
    this.#bytes -= bytes.length;
    return bytes;
  }

  #hasRoom(): boolean {
    return this.#ahead.size < FILES_AHEAD && this.#bytes < BYTES_AHEAD;
  }

  #read(index: number): void {
    const file = this.#files[index]!;
    const length = Math.min(CHUNK, file.size);
    if (length === 0) return;
    this.#bytes += length;
    const reading = readOrTell(file, 0, length, this.#problems);
    reading.catch(() => {});
    this.#ahead.set(index, reading);
  }
}

/** Bytes of a file; zeros in the place of those that cannot be read, for the stream has to go on. */
async function readOrTell(
  file: OutgoingFile,
  offset: number,
  length: number,
  problems: Map<string, EndProblem>,
): Promise<Buffer> {
  try {
    const bytes = await file.read(offset, length);
    if (bytes.length === length) return bytes;
    problems.set(file.path, changedProblem(file.path, 'it became shorter'));
  } catch (error) {
    if (!(error instanceof EndError)) throw error;
    problems.set(file.path, error.problem);
  }
  return Buffer.alloc(length);
}
