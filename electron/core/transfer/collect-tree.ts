import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Unpack } from 'tar';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import { gatherText } from './channel-bytes.ts';
import type { RemoteEntry } from './list-remote.ts';
import type { Compression } from './tar-pack.ts';

const PACK: Record<Compression, string> = { zstd: '| zstd -3 -qc', gzip: '| gzip -1c', none: '' };
/** Arguments of one command; the smallest usual limit is 128 KiB. */
const NAMES_AT_ONCE = 96 * 1024;
/** A file may have grown since it was listed; a server that sends without end is cut off. */
const GROWTH = 64 * 1024 * 1024;

export interface CollectRequest {
  /** Absolute path on the host. */
  readonly root: string;
  /** Files as listed, relative to `root`. */
  readonly files: readonly RemoteEntry[];
  /** An existing folder of this workstation. */
  readonly target: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Copies listed files into a folder of this workstation by tar streams. Only files that were asked for are written, whatever the stream holds. A file that is
 * missing afterwards, or has fewer bytes than listed, is an error; one that has grown meanwhile is taken as it was sent.
 * @throws RemoteError, Error
 */
export async function collectFiles(
  host: RemoteHost,
  tools: { readonly zstd: boolean; readonly gzip: boolean },
  request: CollectRequest,
): Promise<void> {
  const compression: Compression = tools.zstd ? 'zstd' : tools.gzip ? 'gzip' : 'none';
  let bytes = 0;
  for (const part of inParts(request.files)) {
    await collectPart(host, compression, request, part, (n) => {
      bytes += n;
      request.onProgress?.(bytes);
    });
  }
}

function* inParts(files: readonly RemoteEntry[]): Generator<RemoteEntry[]> {
  let part: RemoteEntry[] = [];
  let names = 0;
  for (const file of files) {
    if (part.length > 0 && names + file.path.length + 8 > NAMES_AT_ONCE) {
      yield part;
      part = [];
      names = 0;
    }
    part.push(file);
    names += file.path.length + 8;
  }
  if (part.length > 0) yield part;
}

async function collectPart(
  host: RemoteHost,
  compression: Compression,
  { root, target, signal }: CollectRequest,
  files: readonly RemoteEntry[],
  onBytes: (bytes: number) => void,
): Promise<void> {
  const names = files.map((f) => shellQuote(`./${f.path}`)).join(' ');
  const channel = await host.exec(
    `cd ${shellQuote(root)} || exit 72
{ tar -cf - ${names}; echo "tar ended with $?" >&2; } ${PACK[compression]}`,
    { signal, lane: 'bulk' },
  );
  channel.stdin.end();
  const said = gatherText(channel.stderr);
  const stop = (): void => channel.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await unpack(channel.stdout, compression, target, files, onBytes);
    const end = await channel.closed;
    signal.throwIfAborted();
    if (end.code === null) throw new RemoteError('lost', 'The connection broke while files came back.', { sent: true });
    // 1 = a file changed while it was read.
    const code = /tar ended with (\d+)/.exec(said())?.[1];
    if (end.code !== 0 || (code !== '0' && code !== '1'))
      throw new Error(`Files could not be read on the site: ${said().trim().split('\n')[0]}`);
  } catch (error) {
    channel.destroy();
    signal.throwIfAborted();
    const end = await channel.closed;
    if (end.code === null && !(error instanceof RemoteError))
      throw new RemoteError('lost', 'The connection broke while files came back.', { sent: true, cause: error });
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  for (const file of files) {
    const got = await lstat(join(target, file.path)).catch(() => null);
    if (got === null || !got.isFile()) throw new Error(`${file.path} did not come back.`);
    if (got.size < file.size) throw new Error(`${file.path} came back with ${got.size} of ${file.size} bytes.`);
  }
}

/** Unpacks a stream; entries that were not asked for are passed over. */
function unpack(
  stream: Readable,
  compression: Compression,
  target: string,
  files: readonly RemoteEntry[],
  onBytes: (bytes: number) => void,
): Promise<void> {
  const wanted = new Map(files.map((f) => [f.path, f]));
  const plain =
    compression === 'zstd' ? createZstdDecompress() : compression === 'gzip' ? createGunzip() : new PassThrough();
  const writer = new Unpack({
    cwd: target,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      const file = wanted.get(path.replace(/^\.\//, ''));
      return file !== undefined && 'type' in entry && entry.type === 'File' && entry.size <= file.size + GROWTH;
    },
  });
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => onBytes(chunk.length));
    stream.on('error', reject);
    plain.on('error', reject);
    writer.on('error', reject);
    writer.on('close', () => resolve());
    stream.pipe(plain);
    plain.on('data', (chunk: Buffer) => {
      if (writer.write(chunk)) return;
      plain.pause();
      writer.once('drain', () => plain.resume());
    });
    plain.on('end', () => writer.end());
  });
}
