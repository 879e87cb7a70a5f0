import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { Unpack } from 'tar';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import { printableText } from '../ssh/sign-in-prompts.ts';
import { gatherText, newStopper } from './channel-bytes.ts';
import type { RemoteEntry } from './list-remote.ts';
import type { Compression } from './tar-pack.ts';

const PACK: Record<Compression, string> = { zstd: '| zstd -3 -qc', gzip: '| gzip -1c', none: '' };
/** Arguments of one command; the smallest usual limit is 128 KiB. */
const NAMES_AT_ONCE = 96 * 1024;
/** A file may have grown since it was listed; a server that sends without end is cut off. */
export const GROWTH = 64 * 1024 * 1024;
/** How long the end of a stream may come after its channel has closed. */
const LAST_BYTES_MS = 3_000;
/** How long the far side may take to say why what it sent is no archive. */
const LAST_WORDS_MS = 5000;

/** Files of the site that cannot be brought back as they are; the way there and this workstation are well. */
export class UnreadableError extends Error {
  override readonly name = 'UnreadableError';
}

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
 * Copies listed files into a folder of this workstation by tar streams. Only files that were asked for are written, whatever the stream holds, and with
 * nobody's special rights. What is verified: that the far side's tar read everything, that the stream was whole, and every size. A file that is missing
 * afterwards, has fewer bytes than listed, or shrank while it was read, is an error; one that has grown meanwhile is taken as it was sent.
 * @throws RemoteError, UnreadableError, Error
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
    `LC_ALL=C; export LC_ALL; unset TAR_OPTIONS
cd ${shellQuote(root)} || exit 72
{ tar -cf - ${names}; echo "tar ended with $?" >&2; } ${PACK[compression]}`,
    { signal, lane: 'bulk' },
  );
  channel.stdin.end();
  const said = gatherText(channel.stderr);
  const stopper = newStopper(signal);
  const stopped = stopper.stopped.then(() => null);
  const abort = new AbortController();
  try {
    const unpacking = unpack(channel.stdout, compression, { target, files, onBytes, signal: abort.signal }).then(
      () => null,
      (error: unknown) => error as Error,
    );
    const flaw = await Promise.race([unpacking, stopped]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), LAST_WORDS_MS)));
    const end = await Promise.race([channel.closed, stopped, ...(flaw === null ? [] : [late])]);
    clearTimeout(timer);
    signal.throwIfAborted();
    if (end !== null && end.code === null && end.signal === null)
      throw new RemoteError('lost', 'The connection broke while files came back.', { sent: true, cause: flaw });
    refuseUnlessWhole(said(), end?.code ?? null, flaw);
  } finally {
    abort.abort();
    stopper.release();
    channel.destroy();
  }
  for (const file of files) {
    const got = await lstat(join(target, file.path)).catch(() => null);
    if (got === null || !got.isFile()) throw new UnreadableError(`${file.path} did not come back.`);
    if (got.size < file.size)
      throw new UnreadableError(`${file.path} came back with ${got.size} of ${file.size} bytes.`);
  }
}

/** @throws Error in the far side's words where it has some; they explain a stream that is no archive. */
function refuseUnlessWhole(said: string, code: number | null, flaw: Error | null): void {
  const words = said.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('tar ended with'));
  // tar fills up with zeros what a file has lost since it looked at its size.
  const shrank = words.find((line) => / shrank by |short read/i.test(line));
  // 1 = a file changed while it was read.
  const tarCode = /^tar ended with (\d+)$/m.exec(said)?.[1];
  const isWhole = code === 0 && (tarCode === '0' || tarCode === '1') && shrank === undefined;
  if (isWhole && flaw === null) return;
  const told = printableText(shrank ?? words[0] ?? '').trim();
  if (!isWhole && told !== '')
    throw new UnreadableError(`Files could not be read on the site: ${told}`, { cause: flaw });
  if (flaw === null) throw new UnreadableError(`Files could not be read on the site: exit code ${code ?? 'unknown'}.`);
  throw new Error(`What came back from the site is damaged: ${flaw.message}`, { cause: flaw });
}

/** Unpacks a stream; entries that were not asked for are passed over. After a failure the stream is read and dropped. */
function unpack(
  stream: Readable,
  compression: Compression,
  options: {
    readonly target: string;
    readonly files: readonly RemoteEntry[];
    readonly onBytes: (bytes: number) => void;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const wanted = new Map(options.files.map((f) => [f.path, f]));
  const find = (path: string): RemoteEntry | undefined => wanted.get(path.replace(/^\.\//, ''));
  const plain =
    compression === 'zstd' ? createZstdDecompress() : compression === 'gzip' ? createGunzip() : new PassThrough();
  const writer = new Unpack({
    cwd: options.target,
    strict: true,
    preserveOwner: false,
    filter: (path, entry) => {
      const file = find(path);
      if (file === undefined || !('type' in entry)) return false;
      // No setuid, setgid or sticky bit of a host means anything here.
      entry.mode = (entry.mode ?? 0o644) & 0o777;
      // A file with two names comes once, and then as a link to it.
      if (entry.type === 'Link') return find(entry.linkpath ?? '') !== undefined;
      return entry.type === 'File' && entry.size <= file.size + GROWTH;
    },
  });
  return new Promise((resolve, reject) => {
    let failed = false;
    let late: NodeJS.Timeout | undefined;
    const fail = (error: Error): void => {
      if (failed) return;
      failed = true;
      clearTimeout(late);
      stream.unpipe(plain);
      stream.resume();
      plain.destroy();
      writer.abort(error);
      reject(error);
    };
    options.signal.addEventListener('abort', () => fail(new Error('stopped')), { once: true });
    stream.on('data', (chunk: Buffer) => options.onBytes(chunk.length));
    // A channel may say that it is closed while its last bytes are still being read: its end comes a moment later, or never.
    stream.on('close', () => {
      if (!failed && !stream.readableEnded) late = setTimeout(() => fail(new Error('it ended early')), LAST_BYTES_MS);
    });
    stream.on('end', () => clearTimeout(late));
    stream.on('error', fail);
    plain.on('error', fail);
    writer.on('error', fail);
    writer.on('close', () => resolve());
    stream.pipe(plain);
    plain.on('data', (chunk: Buffer) => {
      if (failed || writer.write(chunk)) return;
      plain.pause();
      writer.once('drain', () => plain.resume());
    });
    plain.on('end', () => writer.end());
  });
}
