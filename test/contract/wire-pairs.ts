import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { introduce } from '../../shared/wires/handshake.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import type { LoopbackServer } from '../../electron/server/loopback-server.ts';
import { startLoopbackServer } from '../../electron/server/loopback-server.ts';
import { createInProcessPair } from '../../electron/transports/in-process.ts';
import { connectLocalSocket, listenLocalSocket } from '../../electron/transports/local-socket.ts';
import { messagePortWire } from '../../electron/transports/message-port.ts';
import { createToken } from '../../electron/transports/token.ts';
import { webSocketWire } from '../../electron/transports/websocket.ts';

/** Two joined ends of a real wire. */
export interface WirePair {
  readonly client: Wire;
  readonly server: Wire;
  /** Closes both ends and whatever carried them. */
  dispose(): Promise<void>;
}

/** A temporary folder; with `index.html`, the least that the loopback server serves. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'slipway-wire-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A WebSocket to a loopback server as a browser page of its own origin opens it. */
export async function openSocket(server: Pick<LoopbackServer, 'port'>): Promise<WebSocket> {
  const authority = `127.0.0.1:${server.port}`;
  const socket = new WebSocket(`ws://${authority}/rpc`, { origin: `http://${authority}` });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

async function inProcess(): Promise<WirePair> {
  const [client, server] = createInProcessPair();
  return { client, server, dispose: async () => client.close() };
}

async function messagePort(): Promise<WirePair> {
  const { port1, port2 } = new MessageChannel();
  const client = messagePortWire(port1);
  return { client, server: messagePortWire(port2), dispose: async () => client.close() };
}

async function localSocket(): Promise<WirePair> {
  const folder = await temporaryFolder();
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\slipway-${createToken()}` : join(folder.path, 's');
  const token = createToken();
  const { promise, resolve } = Promise.withResolvers<Wire>();
  const listener = await listenLocalSocket(path, { token }, resolve);
  const client = await connectLocalSocket(path, token);
  const dispose = async (): Promise<void> => {
    client.close();
    await listener.close();
    await folder.remove();
  };
  return { client, server: await promise, dispose };
}

async function webSocket(): Promise<WirePair> {
  const root = await temporaryFolder();
  await writeFile(join(root.path, 'index.html'), '<!doctype html>');
  const token = createToken();
  const { promise, resolve } = Promise.withResolvers<Wire>();
  const loopback = await startLoopbackServer({ root: root.path, token, onWire: resolve });
  const client = await introduce(webSocketWire(await openSocket(loopback)), token);
  const dispose = async (): Promise<void> => {
    client.close();
    await loopback.close();
    await root.remove();
  };
  return { client, server: await promise, dispose };
}

/** All the wires that the contract runs over. */
export const WIRES: readonly { readonly name: string; readonly open: () => Promise<WirePair> }[] = [
  { name: 'in-process', open: inProcess },
  { name: 'MessagePort', open: messagePort },
  { name: 'WebSocket through the loopback server', open: webSocket },
  { name: 'local socket', open: localSocket },
];
