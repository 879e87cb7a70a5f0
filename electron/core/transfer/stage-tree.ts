import { posix } from 'node:path';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import { gatherText, writeChunk } from './channel-bytes.ts';
import { compress, TAR_END } from './tar-pack.ts';
import type { Compression } from './tar-pack.ts';

/** Staging failed for a reason on the site; nothing of the tree is visible. The message holds the site's own words. */
export class StageError extends Error {
  readonly kind: 'space' | 'permission' | 'other';

  constructor(kind: StageError['kind'], message: string) {
    super(message);
    this.name = 'StageError';
    this.kind = kind;
  }
}

const UNPACK: Record<Compression, string> = { zstd: 'zstd -dcq |', gzip: 'gzip -dc |', none: '' };

export interface StageRequest {
  /** Absolute path of the folder that appears; there is none of that name yet. */
  readonly target: string;
  /** Names the half-made folder: a repeat with the same token clears it away. */
  readonly token: string;
  readonly compression: Compression;
  /** A tar stream in chunks, without its end. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Asked when all chunks have been sent: how many files (and links) there must be. */
  readonly expected: () => { readonly files: number };
  readonly signal: AbortSignal;
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Sends a tree as one tar stream into a folder aside, counts what has arrived, and makes it visible by one rename. Harmless to repeat; when the target is
 * there already it is left as it is.
 * @throws StageError, RemoteError
 */
export async function stageTree(host: RemoteHost, request: StageRequest): Promise<void> {
  const { target, compression, signal } = request;
  const parent = posix.dirname(target);
  const part = posix.join(parent, `.part-${posix.basename(target)}-${request.token}`);
  const [q, p] = [shellQuote(part), shellQuote(parent)];
  const channel = await host.exec(
    `mkdir -p ${p} && rm -rf ${q} && mkdir ${q} || exit 71
{ ${UNPACK[compression]} tar -xpf - -C ${q} && echo unpacked >&2; }`,
    { signal, lane: 'bulk' },
  );
  const said = gatherText(channel.stderr);
  channel.stdout.resume();
  const stop = (): void => channel.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    let bytes = 0;
    let open = true;
    for await (const chunk of request.chunks) {
      if (signal.aborted) break;
      open = await writeChunk(channel, chunk);
      if (!open) break;
      bytes += chunk.length;
      request.onProgress?.(bytes);
    }
    if (open && !signal.aborted) {
      await writeChunk(channel, compress(TAR_END, compression));
      channel.stdin.end();
    }
    const end = await channel.closed;
    signal.throwIfAborted();
    if (end.code === null)
      throw new RemoteError('lost', 'The connection broke while files were being sent.', { sent: true });
    if (end.code !== 0 || !said().includes('unpacked')) throw stageError(said(), end.code);
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const { files } = request.expected();
  const published = await host.run(
    `n=$(find ${q} ! -type d | wc -l)
[ "$n" -eq ${files} ] || { echo "$n of ${files} files arrived" >&2; exit 1; }
[ -e ${shellQuote(target)} ] || mv ${q} ${shellQuote(target)}`,
    { signal, timeoutMs: 300_000 },
  );
  if (published.code !== 0) throw stageError(published.stderr, published.code);
}

function stageError(stderr: string, code: number): StageError {
  const words =
    stderr
      .trim()
      .split('\n')
      .findLast((line) => line !== 'unpacked' && line !== '') ?? `exit code ${code}`;
  if (/no space left|quota exceeded|disk full/i.test(stderr))
    return new StageError('space', `The site has no room for the files: ${words}`);
  if (/permission denied|read-only file system|operation not permitted/i.test(stderr))
    return new StageError('permission', `The work folder of the site cannot be written: ${words}`);
  return new StageError('other', `The files could not be laid out on the site: ${words}`);
}
