import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { ByteChannel, ChannelEnd } from './remote-host.ts';

/**
 * A channel of ssh2 as ours. ssh2 tells of the end only when stdout has been read; whether stderr has been too is looked after here, so that `closed` means
 * that every byte was delivered.
 */
export function toByteChannel(channel: ClientChannel): ByteChannel {
  let destroyed = false;
  const closed = new Promise<ChannelEnd>((resolve) => {
    channel.once('close', (code: number | null | undefined, signal: string | undefined) => {
      const end: ChannelEnd = { code: code ?? null, signal: signal ?? null };
      const { stderr } = channel;
      const look = (): void => {
        // Nobody has to read an empty stderr, or one that nobody reads.
        const isRead = stderr.readableLength > 0 && stderr.readableFlowing !== null;
        if (destroyed || stderr.destroyed || !isRead) resolve(end);
        else stderr.once('end', () => resolve(end)).once('close', () => resolve(end));
      };
      // A quick script may be over before whoever started it has been given its channel.
      setImmediate(look);
    });
  });
  tellEnd(channel);
  tellEnd(channel.stderr);
  // A write after the far side has gone is told by `closed`.
  channel.on('error', () => {});
  channel.stderr.on('error', () => {});
  return {
    stdout: channel,
    stderr: channel.stderr,
    stdin: channel,
    closed,
    destroy() {
      if (destroyed) return;
      destroyed = true;
      // The program is told too: it would not notice a closed channel until it next reads or writes.
      if (channel.writable) channel.signal('TERM');
      channel.close();
      // Nobody reads what is left, and ssh2 waits for it.
      for (const stream of [channel, channel.stderr]) {
        stream.removeAllListeners('data');
        stream.removeAllListeners('readable');
        stream.on('data', () => {});
        stream.resume();
      }
    },
  };
}

/** An output that ends empty tells so though nobody reads it: who only sends does not have to read. */
function tellEnd(stream: Readable): void {
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    const hasRoom = push(chunk, encoding);
    // Reads nothing, but lets the stream look at itself.
    if (chunk === null) process.nextTick(() => stream.read(0));
    return hasRoom;
  };
}
