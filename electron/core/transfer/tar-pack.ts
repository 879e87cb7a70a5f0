/** Packs trees into tar streams made of chunks that are compressed one by one: concatenated zstd frames and gzip members are one stream to their programs. */
import { Buffer } from 'node:buffer';
import { open, readlink } from 'node:fs/promises';
import { promisify } from 'node:util';
import { constants, gzip, gzipSync, zstdCompress, zstdCompressSync } from 'node:zlib';
import { Header, Pax } from 'tar';

export type Compression = 'zstd' | 'gzip' | 'none';

/** An entry made in memory. Paths are relative, with `/`; times are UTC milliseconds. */
export type PackEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly modifiedAt: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly bytes: Uint8Array;
      readonly mode: number;
      readonly modifiedAt: number;
    };

/** An entry whose content lies on this workstation. */
export type LocalEntry =
  | PackEntry
  | {
      readonly kind: 'local-file';
      readonly path: string;
      readonly source: string;
      /** Bytes; a file that has become shorter fails the packing. */
      readonly size: number;
      readonly modifiedAt: number;
      readonly mode: number;
    }
  | { readonly kind: 'local-link'; readonly path: string; readonly source: string; readonly modifiedAt: number };

const BLOCK = 512;
const NOTHING = Buffer.alloc(BLOCK);
const PLAIN_NAME = /^[\w.-]{1,99}$/;
/** Eleven octal digits. */
const MOST_PLAIN = 0o77777777777;
/** What closes a tar stream. */
export const TAR_END = Buffer.alloc(2 * BLOCK);
const CHUNK = 1024 * 1024;
/** On the text of solvers the first level packs as well as the third, in two thirds of the time. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
const GZIP = { level: 1 };
const zstdAsync = promisify(zstdCompress);
const gzipAsync = promisify(gzip);

interface HeaderParts {
  readonly path: string;
  readonly type: 'File' | 'Directory' | 'SymbolicLink';
  readonly size: number;
  readonly mode: number;
  readonly modifiedAt: number;
  readonly linkpath?: string;
}

/** The header of an entry, with an extended one before it where names or sizes need it. Its content and `padding` come behind it. */
export function headerOf(parts: HeaderParts): Buffer {
  return isPlain(parts) ? plainHeader(parts) : anyHeader(parts);
}

/** The same by the library, which takes far longer. */
function anyHeader({ path, type, size, mode, modifiedAt, linkpath }: HeaderParts): Buffer {
  const name = type === 'Directory' ? `${path}/` : path;
  // The library cannot write parts of seconds before 1970.
  const mtime = new Date(Math.floor(modifiedAt / 1000) * 1000);
  const fields = { path: name, type, size, mode, mtime, uid: 0, gid: 0, linkpath };
  const block = Buffer.alloc(BLOCK);
  const needsMore = new Header(fields).encode(block);
  if (!needsMore) return block;
  return Buffer.concat([new Pax({ path: name, size, linkpath }).encode(), block]);
}

/** A file whose name, size and time fit into the oldest form of a header. */
function isPlain({ path, type, size, modifiedAt }: HeaderParts): boolean {
  return (
    type === 'File' && PLAIN_NAME.test(path) && size <= MOST_PLAIN && modifiedAt >= 0 && modifiedAt / 1000 <= MOST_PLAIN
  );
}

function plainHeader({ path, size, mode, modifiedAt }: HeaderParts): Buffer {
  const block = Buffer.allocUnsafe(BLOCK).fill(0);
  /** Octal, in a field of so many bytes, of which the last is NUL. */
  const number = (value: number, at: number, field: number): void => {
    const digits = value.toString(8);
    block.write(digits.length === field - 1 ? digits : `${digits.padStart(field - 2, '0')} `, at, 'latin1');
  };
  block.write(path, 0, 'latin1');
  number(mode & 0o7777, 100, 8);
  for (const at of [108, 116, 329, 337]) number(0, at, 8);
  number(size, 124, 12);
  number(Math.floor(modifiedAt / 1000), 136, 12);
  block.write('        0', 148, 'latin1');
  block.write('ustar\u000000', 257, 'latin1');
  let sum = 0;
  for (const byte of block) sum += byte;
  number(sum, 148, 8);
  block[155] = 0;
  return block;
}

/** What fills the last block of a content. */
export function padding(size: number): Buffer {
  return NOTHING.subarray(0, (BLOCK - (size % BLOCK)) % BLOCK);
}

/** The entries as a piece of a tar stream, without its end. */
export function packEntries(entries: readonly PackEntry[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const entry of entries) {
    const { path, mode, modifiedAt } = entry;
    if (entry.kind === 'folder') parts.push(headerOf({ path, type: 'Directory', size: 0, mode, modifiedAt }));
    else {
      const size = entry.bytes.length;
      parts.push(headerOf({ path, type: 'File', size, mode, modifiedAt }), entry.bytes, padding(size));
    }
  }
  return Buffer.concat(parts);
}

/** One chunk, compressed on its own. */
export function compress(chunk: Uint8Array, compression: Compression): Buffer {
  if (compression === 'zstd') return zstdCompressSync(chunk, ZSTD);
  return compression === 'gzip' ? gzipSync(chunk, GZIP) : Buffer.from(chunk);
}

/** The same without holding up anything else. */
export async function compressAside(chunk: Buffer, compression: Compression): Promise<Buffer> {
  if (compression === 'zstd') return zstdAsync(chunk, ZSTD);
  return compression === 'gzip' ? gzipAsync(chunk, GZIP) : chunk;
}

/** Packs entries of this workstation; memory stays at a few chunks. @throws Error when a file has become shorter */
export async function* packLocalTree(
  entries: readonly LocalEntry[],
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    size += part.length;
  };
  const take = (): Promise<Buffer> => {
    const chunk = Buffer.concat(parts);
    parts = [];
    size = 0;
    return compressAside(chunk, compression);
  };
  for (const entry of entries) {
    if (entry.kind === 'folder' || entry.kind === 'file') add(packEntries([entry]));
    else if (entry.kind === 'local-link') {
      const { path, modifiedAt } = entry;
      const linkpath = await readlink(entry.source);
      add(headerOf({ path, type: 'SymbolicLink', size: 0, mode: 0o777, modifiedAt, linkpath }));
    } else {
      add(headerOf({ ...entry, type: 'File' }));
      const file = await open(entry.source, 'r');
      try {
        let left = entry.size;
        while (left > 0) {
          const buffer = Buffer.alloc(Math.min(CHUNK, left));
          const { bytesRead } = await file.read(buffer, 0, buffer.length);
          if (bytesRead === 0) throw new Error(`${entry.source} became shorter while it was read`);
          left -= bytesRead;
          add(buffer.subarray(0, bytesRead));
          if (size >= CHUNK) yield await take();
        }
      } finally {
        await file.close();
      }
      add(padding(entry.size));
    }
    if (size >= CHUNK) yield await take();
  }
  if (size > 0) yield await take();
}
