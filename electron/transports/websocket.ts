import type { WebSocket } from 'ws';
import type { Wire } from '../../shared/rpc/wire.ts';
import { decodeFrame, encodeFrame } from '../../shared/wires/codec.ts';
import { createWire } from '../../shared/wires/create-wire.ts';

/** How long a closed socket may wait for the other side's goodbye. */
const GOODBYE_MS = 1000;

/**
 * A wire over an open socket of the `ws` package, on either side. JSON goes as text messages, frames with bytes as binary
 * ones. A peer that does not answer a ping until the next one is due is taken for gone and cut off.
 */
export function webSocketWire(socket: WebSocket, heartbeatMs = 15_000): Wire {
  let answered = true;
  const heartbeat = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, heartbeatMs);
  heartbeat.unref();

  const end = createWire({
    send: (frame) => {
      const data = encodeFrame(frame);
      if (socket.readyState === socket.OPEN) socket.send(data);
    },
    close: () => {
      socket.close();
      setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
    },
  });
  socket.on('pong', () => (answered = true));
  socket.on('message', (data: Buffer, isBinary) => end.deliver(decodeFrame(isBinary ? data : data.toString('utf8'))));
  // 'close' always follows 'error'.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(heartbeat);
    end.closed();
  });
  return end.wire;
}
