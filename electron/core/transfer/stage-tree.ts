import { posix } from 'node:path';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import { printableText } from '../ssh/sign-in-prompts.ts';
import { gatherText, newStopper, writeChunk } from './channel-bytes.ts';
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

const NO_ROOM = /no space left|quota exceeded|disk full/i;
const NOT_ALLOWED = /permission denied|read-only file system|operation not permitted/i;
const NOT_FOUND = /not found/i;
/** Said of every file where the site's clock is behind. */
const NO_REASON = /^unpacked$| in the future$|implausibly old time stamp/;

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
    `LC_ALL=C; export LC_ALL; unset TAR_OPTIONS
mkdir -p ${p} && rm -rf ${q} && mkdir ${q} || exit 71
{ ${UNPACK[compression]} tar -xpf - -C ${q} && echo unpacked >&2; }`,
    { signal, lane: 'bulk' },
  );
  const stopper = newStopper(signal);
  // tar reads on to the end of a stream for which it has no room.
  const said = gatherText(channel.stderr, (text) => NO_ROOM.test(text) && stopper.stop());
  channel.stdout.resume();
  try {
    let bytes = 0;
    let open = true;
    for await (const chunk of request.chunks) {
      if (signal.aborted) break;
      open = await writeChunk(channel, chunk, stopper.stopped);
      if (!open) break;
      bytes += chunk.length;
      request.onProgress?.(bytes);
    }
    if (open && !signal.aborted) {
      await writeChunk(channel, compress(TAR_END, compression), stopper.stopped);
      channel.stdin.end();
    }
    const end = await Promise.race([channel.closed, stopper.stopped.then(() => null)]);
    signal.throwIfAborted();
    if (end === null) throw stageError(said(), null);
    if (end.code === null)
      throw new RemoteError('lost', 'The connection broke while files were being sent.', { sent: true });
    if (end.code !== 0 || !said().includes('unpacked')) throw stageError(said(), end.code);
  } catch (error) {
    channel.destroy();
    throw error;
  } finally {
    stopper.release();
  }
  const { files } = request.expected();
  const t = shellQuote(target);
  // Arguments are counted, not lines: names may hold line ends.
  const published = await host.run(
    `n=0
for k in $(find ${q} ! -type d -exec sh -c 'echo "$#"' sh {} +); do n=$((n + k)); done
[ "$n" -eq ${files} ] || { echo "$n of ${files} files arrived" >&2; exit 1; }
if [ -e ${t} ]; then rm -rf ${q}; else mv ${q} ${t}; fi`,
    { signal, timeoutMs: 300_000 },
  );
  if (published.code !== 0) throw stageError(published.stderr, published.code);
}

function stageError(stderr: string, code: number | null): StageError {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !NO_REASON.test(line));
  const reason = [NO_ROOM, NOT_ALLOWED, NOT_FOUND].find((r) => r.test(stderr));
  // The first line is the cause; what follows are its consequences.
  const words = (reason && lines.find((line) => reason.test(line))) ?? lines[0] ?? `exit code ${code ?? 'unknown'}`;
  const told = printableText(words).trim();
  if (reason === NO_ROOM) return new StageError('space', `The site has no room for the files: ${told}`);
  if (reason === NOT_ALLOWED)
    return new StageError('permission', `The work folder of the site cannot be written: ${told}`);
  return new StageError('other', `The files could not be laid out on the site: ${told}`);
}
