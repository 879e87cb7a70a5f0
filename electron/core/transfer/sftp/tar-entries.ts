import { Buffer } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { Parser } from 'tar';
import type { ReadEntry } from 'tar';
import { TAR_END } from '../tar-pack.ts';
import type { Compression } from '../tar-pack.ts';

/** What stands in a tar stream, in its order. The bytes of a file follow it. */
export type TarPiece =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly modifiedAt: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly size: number;
      readonly mode: number;
      /** Seconds since 1970. */
      readonly modifiedAt: number;
    }
  | { readonly kind: 'link'; readonly path: string; readonly target: string; readonly modifiedAt: number }
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'end-of-file' };

const zstd = promisify(zstdDecompress);
const gzip = promisify(gunzip);

/** One chunk of a stream, as `compress` made it. */
async function unpacked(chunk: Uint8Array, compression: Compression): Promise<Buffer> {
  if (compression === 'zstd') return await zstd(chunk);
  if (compression === 'gzip') return await gzip(chunk);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Takes a plain tar stream apart, chunk by chunk. */
export class TarReader {
  readonly #parser: Parser;
  #pieces: TarPiece[] = [];
  #flaw: Error | null = null;

  /** `others`: what is done with entries that are no file, folder or symbolic link. */
  constructor(others: 'refuse' | 'skip') {
    this.#parser = new Parser({
      strict: true,
      onReadEntry: (entry) => {
        const head = headOf(entry);
        if (head === null && others === 'refuse')
          throw new Error(`a tar stream to be sent holds an entry of the type ${entry.type}`);
        if (head !== null) this.#pieces.push(head);
        if (head?.kind === 'file') {
          entry.on('data', (bytes: Buffer) => this.#pieces.push({ kind: 'bytes', bytes }));
          entry.on('end', () => this.#pieces.push({ kind: 'end-of-file' }));
        }
        entry.resume();
      },
    });
    this.#parser.on('error', (error: Error) => (this.#flaw ??= error));
  }

  /** What the next bytes hold. @throws Error when they are no tar */
  push(bytes: Buffer): TarPiece[] {
    this.#parser.write(bytes);
    return this.#taken();
  }

  /** What was still held back. @throws Error when the stream is not whole */
  end(): TarPiece[] {
    this.#parser.end();
    return this.#taken();
  }

  #taken(): TarPiece[] {
    if (this.#flaw !== null) throw this.#flaw;
    const now = this.#pieces;
    this.#pieces = [];
    return now;
  }
}

/**
 * Takes a tar stream apart whose chunks were compressed one by one and whose end is missing, as `packLocalTree` and `packEntries` make it. Memory stays at a
 * chunk. @throws Error when it is no such stream
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
  onChunk: (bytes: number) => void = () => {},
): AsyncGenerator<TarPiece> {
  const reader = new TarReader('refuse');
  for await (const chunk of chunks) {
    yield* reader.push(await unpacked(chunk, compression));
    onChunk(chunk.length);
  }
  yield* reader.push(TAR_END);
  yield* reader.end();
}

/** Null = it is none of these. */
function headOf(entry: ReadEntry): TarPiece | null {
  const path = entry.path.replace(/\/+$/, '');
  const mode = (entry.mode ?? 0o644) & 0o7777;
  const modifiedAt = (entry.mtime?.getTime() ?? 0) / 1000;
  switch (entry.type) {
    case 'Directory':
      return { kind: 'folder', path, mode, modifiedAt };
    case 'SymbolicLink':
      return { kind: 'link', path, target: entry.linkpath ?? '', modifiedAt };
    case 'File':
      return { kind: 'file', path, size: entry.size, mode, modifiedAt };
    default:
      return null;
  }
}
