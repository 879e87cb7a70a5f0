import type { ByteChannel } from '../ssh/remote-host.ts';

const STDERR_LIMIT = 16 * 1024;

/** Writes one chunk, waiting for room; false when the far side has closed. */
export async function writeChunk(channel: ByteChannel, chunk: Uint8Array): Promise<boolean> {
  if (channel.stdin.destroyed || channel.stdin.writableEnded) return false;
  if (channel.stdin.write(chunk)) return true;
  const room = new Promise<boolean>((resolve) => channel.stdin.once('drain', () => resolve(true)));
  return Promise.race([room, channel.closed.then(() => false)]);
}

/** Gathers what a channel's program says on stderr (its end), and on stdout when that is text of a few lines. */
export function gatherText(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (bytes: Buffer) => (text = (text + bytes.toString('utf8')).slice(-STDERR_LIMIT)));
  return () => text;
}
