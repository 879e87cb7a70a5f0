import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { RemoteHost } from '../ssh/remote-host.ts';

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
 * Bytes of a file on a host, following it while its run may write, on one channel. A file that became shorter is read from its start; one that is not there
 * yet is waited for. When the input ends (the run has ended, or the connection has gone) the far side reads what is there once more and ends.
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

/** @throws RemoteError */
export async function* tailRemote(host: RemoteHost, options: TailRemoteOptions): AsyncGenerator<Uint8Array> {
  const { signal } = options;
  const growing = options.follow && options.mayGrow();
  const channel = await host.exec(tailScript({ ...options, follow: growing }), { signal, lane: 'interactive' });
  channel.stderr.resume();
  const stop = (): void => channel.destroy();
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
    for await (const chunk of channel.stdout as AsyncIterable<Buffer>) {
      const part = chunk.length <= left ? chunk : chunk.subarray(0, left);
      left -= part.length;
      yield new Uint8Array(part);
      if (left <= 0) return;
    }
  } finally {
    if (timer !== null) clearInterval(timer);
    signal.removeEventListener('abort', stop);
    channel.destroy();
  }
}
