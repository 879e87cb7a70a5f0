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

/**
 * Takes a tar stream apart whose chunks were compressed one by one and whose end is missing, as `packLocalTree` and `packEntries` make it. Memory stays at a
 * chunk. @throws Error when it is no such stream
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  compression: Compression,
  onChunk: (bytes: number) => void = () => {},
): AsyncGenerator<TarPiece> {
  let pieces: TarPiece[] = [];
  let flaw: Error | null = null;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      pieces.push(headOf(entry));
      entry.on('data', (bytes: Buffer) => pieces.push({ kind: 'bytes', bytes }));
      if (entry.type === 'File') entry.on('end', () => pieces.push({ kind: 'end-of-file' }));
      entry.resume();
    },
  });
  parser.on('error', (error: Error) => (flaw ??= error));
  const taken = (): TarPiece[] => {
    if (flaw !== null) throw flaw;
    const now = pieces;
    pieces = [];
    return now;
  };
  for await (const chunk of chunks) {
    parser.write(await unpacked(chunk, compression));
    yield* taken();
    onChunk(chunk.length);
  }
  parser.write(TAR_END);
  parser.end();
  yield* taken();
}

function headOf(entry: ReadEntry): TarPiece {
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
      throw new Error(`a tar stream to be sent holds an entry of the type ${entry.type}`);
  }
}
