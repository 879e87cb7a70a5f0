import { chmod, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createConnection, createServer } from 'node:net';
import { AppError } from '../../shared/errors.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { MAX_FRAME_BYTES, decodeFrame, encodeFrame } from '../../shared/wires/codec.ts';
import { createWire } from '../../shared/wires/create-wire.ts';
import { admit, introduce } from '../../shared/wires/handshake.ts';
import { FrameReader, frameHead } from './frame-reader.ts';
import { createTokenCheck } from './token.ts';

/** A greeting needs no more. */
const GREETING_BYTES = 4096;
/** `sun_path` holds 104 bytes on macOS, 108 on Linux, with the closing zero. */
const MAX_PATH_BYTES = 103;

export interface LocalSocketServer {
  /** Stops listening, closes every connection and removes the socket file. */
  close(): Promise<void>;
}

function isPipe(path: string): boolean {
  return path.startsWith('\\\\');
}

/** Removes the file that a killed core left behind. Only for who holds the profile's lock. Named pipes leave nothing. */
export async function removeSocketFile(path: string): Promise<void> {
  if (!isPipe(path)) await rm(path, { force: true });
}

function socketWire(socket: Socket, reader: (deliver: (data: string | Uint8Array) => void) => FrameReader): Wire {
  const end = createWire({
    send: (frame) => {
      const data = encodeFrame(frame);
      socket.cork();
      socket.write(frameHead(data));
      socket.write(data);
      socket.uncork();
    },
    close: () => socket.end(() => socket.destroy()),
  });
  const frames = reader((data) => end.deliver(decodeFrame(data)));
  socket.on('data', (chunk: Buffer) => {
    if (!frames.push(chunk)) socket.destroy();
  });
  // 'close' always follows 'error'.
  socket.on('error', () => undefined);
  socket.on('close', () => end.closed());
  return end.wire;
}

/**
 * Listens on a unix socket (mode 0600) or a Windows named pipe. `onWire` gets a wire once its first frame has held the token.
 * Rejects when the path is too long or in use; a stale file is the caller's to remove, who knows by its lock that it is stale.
 */
export async function listenLocalSocket(
  path: string,
  options: { readonly token: string },
  onWire: (wire: Wire) => void,
): Promise<LocalSocketServer> {
  if (!isPipe(path) && Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new AppError(
      'not_supported',
      `${path} is longer than the ${MAX_PATH_BYTES} bytes that a socket may have. Use a shorter folder.`,
    );
  }
  const isToken = createTokenCheck(options.token);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    let frames: FrameReader | null = null;
    const wire = socketWire(socket, (deliver) => (frames = new FrameReader(deliver, GREETING_BYTES)));
    admit(wire, isToken).then(
      (admitted) => {
        if (frames !== null) frames.limit = MAX_FRAME_BYTES;
        onWire(admitted);
      },
      () => undefined,
    );
  });
  await listen(server, path);
  if (!isPipe(path)) await chmod(path, 0o600);
  return {
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => resolve());
  });
}

/** Attaches to the core that listens there. Rejects with `disconnected` when none does, `unauthorized` for a wrong token. */
export async function connectLocalSocket(path: string, token: string): Promise<Wire> {
  const socket = createConnection(path);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) => {
      reject(new AppError('disconnected', `No Slipway answers on ${path}.`, { cause, retryable: true }));
    });
  });
  return introduce(
    socketWire(socket, (deliver) => new FrameReader(deliver)),
    token,
  );
}
