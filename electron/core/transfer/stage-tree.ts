import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { ByteChannel, RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import { gatherText, newStopper, writeChunk } from './channel-bytes.ts';
import { readAhead } from './read-ahead.ts';
import { compress, packEntries, TAR_END } from './tar-pack.ts';
import type { Compression } from './tar-pack.ts';
import { causeIn, NO_ROOM } from './unpack-words.ts';

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

/** How much is made ready while the far side is not: enough to keep a fast line busy. */
const AHEAD_BYTES = 16 * 1024 * 1024;
/** Comes last in the stream and says how many files came before it; it is gone when the tree appears. */
const COUNT_FILE = '.slipway-count';

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

/** Where a tree is made before it becomes visible. */
export function partFolder({ target, token }: Pick<StageRequest, 'target' | 'token'>): string {
  return posix.join(posix.dirname(target), `.part-${posix.basename(target)}-${token}`);
}

/**
 * Sends a tree as one tar stream into a folder aside, counts what has arrived, and makes it visible by one rename. Harmless to repeat; when the target is
 * there already it is left as it is.
 * @throws StageError, RemoteError
 */
export async function stageTree(host: RemoteHost, request: StageRequest): Promise<void> {
  const { compression, signal } = request;
  const chunks = readAhead(request.chunks, AHEAD_BYTES);
  let channel: ByteChannel;
  try {
    channel = await host.exec(unpackScript(request), { signal, lane: 'bulk' });
  } catch (error) {
    await chunks.return?.();
    throw error;
  }
  const stopper = newStopper(signal);
  // tar reads on to the end of a stream for which it has no room.
  const said = gatherText(channel.stderr, (text) => NO_ROOM.test(text) && stopper.stop());
  channel.stdout.resume();
  try {
    let bytes = 0;
    let open = true;
    for await (const chunk of chunks) {
      if (signal.aborted) break;
      open = await writeChunk(channel, chunk, stopper.stopped);
      if (!open) break;
      bytes += chunk.length;
      request.onProgress?.(bytes);
    }
    if (open && !signal.aborted) {
      await writeChunk(channel, compress(lastPiece(request.expected().files), compression), stopper.stopped);
      channel.stdin.end();
    }
    const end = await Promise.race([channel.closed, stopper.stopped.then(() => null)]);
    signal.throwIfAborted();
    if (end === null) throw stageError(said(), null);
    if (end.code === null)
      throw new RemoteError('lost', 'The connection broke while files were being sent.', { sent: true });
    if (end.code !== 0 || !/^published$/m.test(said())) throw stageError(said(), end.code);
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    stopper.release();
  }
}

/** Unpacks its stdin aside, counts what has arrived, and makes it visible: all in one go, without asking back. */
function unpackScript(request: StageRequest): string {
  const { target, compression } = request;
  const [q, p, t] = [partFolder(request), posix.dirname(target), target].map((path) => shellQuote(path));
  // Arguments are counted, not lines: names may hold line ends.
  return `LC_ALL=C; export LC_ALL; unset TAR_OPTIONS
mkdir -p ${p} && rm -rf ${q} && mkdir ${q} || exit 71
{ ${UNPACK[compression]} tar -xpf - -C ${q}; } || exit
read -r want <${q}/${COUNT_FILE} && rm -f ${q}/${COUNT_FILE} || exit 1
n=0
for k in $(find ${q} ! -type d -exec sh -c 'echo "$#"' sh {} +); do n=$((n + k)); done
[ "$n" = "$want" ] || { echo "$n of $want files arrived" >&2; exit 1; }
if [ -e ${t} ]; then rm -rf ${q}; else mv ${q} ${t}; fi && echo published >&2`;
}

function lastPiece(files: number): Uint8Array {
  const bytes = Buffer.from(`${files}\n`);
  const count = packEntries([{ kind: 'file', path: COUNT_FILE, bytes, mode: 0o600, modifiedAt: Date.now() }]);
  return Buffer.concat([count, TAR_END]);
}

function stageError(stderr: string, code: number | null): StageError {
  const { kind, words } = causeIn(stderr, code);
  if (kind === 'space') return new StageError(kind, `The site has no room for the files: ${words}`);
  if (kind === 'permission') return new StageError(kind, `The work folder of the site cannot be written: ${words}`);
  return new StageError('other', `The files could not be laid out on the site: ${words}`);
}
