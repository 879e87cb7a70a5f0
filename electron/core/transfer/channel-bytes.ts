import type { ByteChannel } from '../ssh/remote-host.ts';

const STDERR_LIMIT = 16 * 1024;

/** What ends an effort from our side. Its promise settles once; a broken way that no longer answers cannot hold anybody up. */
export interface Stopper {
  readonly stopped: Promise<void>;
  stop(): void;
}

export function newStopper(signal: AbortSignal): Stopper & { release(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = (): void => resolve();
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return { stopped: promise, stop, release: () => signal.removeEventListener('abort', stop) };
}

/** Writes one chunk, waiting for room; false when the far side has closed, or when it was stopped. */
export async function writeChunk(channel: ByteChannel, chunk: Uint8Array, stopped: Promise<void>): Promise<boolean> {
  const { stdin } = channel;
  if (stdin.destroyed || stdin.writableEnded) return false;
  if (stdin.write(chunk)) return true;
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const drained = (): void => resolve(true);
  stdin.once('drain', drained);
  try {
    return await Promise.race([promise, channel.closed.then(() => false), stopped.then(() => false)]);
  } finally {
    stdin.off('drain', drained);
  }
}

/** Gathers what a channel's program says on stderr (its end), and on stdout when that is text of a few lines. */
export function gatherText(stream: NodeJS.ReadableStream, onText: (text: string) => void = () => {}): () => string {
  let text = '';
  stream.on('data', (bytes: Buffer) => {
    text = (text + bytes.toString('utf8')).slice(-STDERR_LIMIT);
    onText(text);
  });
  return () => text;
}
