import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';

const LOOK_MS = 250;

export interface TailRemoteOptions {
  /** Absolute path on the host. */
  readonly path: string;
  /** ≥ 0 offset, < 0 from the end. */
  readonly from: number;
  readonly limit: number | null;
  readonly follow: boolean;
  /** While true the file may still grow or appear. */
  readonly mayGrow: () => boolean;
  readonly signal: AbortSignal;
}

/**
 * The far side's loop. A file that became shorter is read from its start; one that is not there yet is waited for. When the input ends (the run has ended, or
 * the connection has gone) it reads what is there once more and ends.
 */
function tailScript({ path, from, follow }: TailRemoteOptions): string {
  return `f=${shellQuote(path)} o=${from} last=${follow ? '' : 1}
trap 'last=1' USR1
me=$$
[ -n "$last" ] || { (cat >/dev/null; kill -s USR1 "$me" 2>/dev/null) <&3 & } 3<&0
while :; do
  final=$last
  if [ -f "$f" ]; then
    s=$(wc -c <"$f") || s=0
    if [ "$o" -lt 0 ]; then o=$((s + o)); [ "$o" -ge 0 ] || o=0; fi
    [ "$s" -ge "$o" ] || o=0
    while [ "$o" -lt "$s" ]; do
      n=$((s - o))
      [ "$n" -le 4194304 ] || n=4194304
      tail -c "+$((o + 1))" "$f" | head -c "$n" || exit
      o=$((o + n))
    done
  fi
  [ -z "$final" ] || exit 0
  sleep 0.3 2>/dev/null || sleep 1
done`;
}

/**
 * Bytes of a file on a host, following it while its run may write, on one channel. Memory stays flat: the far side waits for a slow reader. A cancelled tail
 * just ends.
 * @throws RemoteError `lost` when the connection broke before the end
 */
export async function* tailRemote(host: RemoteHost, options: TailRemoteOptions): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  const growing = options.follow && options.mayGrow();
  const channel = await host.exec(tailScript({ ...options, follow: growing }), { signal, lane: 'interactive' });
  channel.stderr.resume();
  const pieces = (channel.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  // A broken way does not end the stream by itself. One promise for each piece: a lasting one would hold on to every piece that raced it.
  let wake = (): void => {};
  const next = (): Promise<Buffer | null> => {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
    wake = () => resolve(null);
    if (signal.aborted) wake();
    pieces.next().then((piece) => resolve(piece.done === true ? null : piece.value), reject);
    return promise;
  };
  const stop = (): void => {
    channel.destroy();
    wake();
  };
  signal.addEventListener('abort', stop, { once: true });
  const timer = growing
    ? setInterval(() => {
        if (options.mayGrow()) return;
        clearInterval(timer!);
        channel.stdin.end();
      }, LOOK_MS)
    : null;
  let left = options.limit ?? Infinity;
  try {
    for (let piece = await next(); piece !== null; piece = await next()) {
      const part = piece.length <= left ? piece : piece.subarray(0, left);
      left -= part.length;
      yield new Uint8Array(part);
      if (left <= 0) return;
    }
    if (signal.aborted) return;
    const end = await channel.closed;
    if (end.code === null && end.signal === null) throw lost();
  } catch (error) {
    if (signal.aborted) return;
    throw error instanceof RemoteError ? error : lost(error);
  } finally {
    if (timer !== null) clearInterval(timer);
    signal.removeEventListener('abort', stop);
    channel.destroy();
  }
}

function lost(cause?: unknown): RemoteError {
  return new RemoteError('lost', 'The connection broke while a file was being read.', { cause });
}
