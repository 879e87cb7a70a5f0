import { Buffer } from 'node:buffer';
import type { ByteChannel, ChannelEnd } from '../../../ssh/remote-host.ts';
import { RemoteError } from '../../../ssh/remote-host.ts';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';

/** A path and the target of a link are far shorter. */
const MOST_RECORD = 64 * 1024;

/** What a program on a channel says on stdout, as it comes; the channel is ended when nobody wants more. @throws RemoteError `cancelled` */
export async function* outputOf(channel: ByteChannel, signal: AbortSignal): AsyncGenerator<Buffer> {
  const { stdout } = channel;
  let changed = Promise.withResolvers<void>();
  const tell = (): void => changed.resolve();
  const events = ['readable', 'end', 'close', 'error'] as const;
  for (const event of events) stdout.on(event, tell);
  let isWhole = false;
  try {
    for (;;) {
      const chunk = stdout.read() as Buffer | null;
      if (chunk !== null) {
        yield chunk;
        continue;
      }
      if (stdout.readableEnded || stdout.destroyed) break;
      await unlessAborted(changed.promise, signal);
      changed = Promise.withResolvers();
    }
    isWhole = true;
  } finally {
    for (const event of events) stdout.off(event, tell);
    if (!isWhole) channel.destroy();
  }
}

/** All that a program says; `onFirst` is called when the first of it is here. @throws RemoteError `too-large` when it is more than `mostBytes`, `cancelled` */
export async function wholeOutput(
  channel: ByteChannel,
  mostBytes: number,
  signal: AbortSignal,
  onFirst?: () => void,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of outputOf(channel, signal)) {
    if (bytes === 0) onFirst?.();
    bytes += part.length;
    if (bytes > mostBytes) throw endless();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function endless(): RemoteError {
  return new RemoteError('too-large', 'The host says something that has no end.');
}

/** Cuts a byte stream at each NUL. What is left at the end is no record. @throws RemoteError `too-large` for a record without end */
export async function* recordsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held: Buffer | null = null;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      const part: Buffer = chunk.subarray(from, at);
      yield held === null ? part : Buffer.concat([held, part]);
      held = null;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    const rest = chunk.subarray(from);
    held = held === null ? rest : Buffer.concat([held, rest]);
    if (held.length > MOST_RECORD) throw endless();
  }
}

/** How a program has ended. @throws RemoteError `lost` when the connection broke first, `cancelled` */
export async function endOf(channel: ByteChannel, host: string, signal: AbortSignal): Promise<ChannelEnd> {
  const end = await unlessAborted(channel.closed, signal);
  if (end.code === null && end.signal === null)
    throw new RemoteError('lost', `The connection to ${host} broke while files were moved.`, { sent: true });
  return end;
}
