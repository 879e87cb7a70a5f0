import { access } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { AppError } from '../../shared/errors.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { MAX_FRAME_BYTES } from '../../shared/wires/codec.ts';
import { admit } from '../../shared/wires/handshake.ts';
import { createTokenCheck } from '../transports/token.ts';
import { webSocketWire } from '../transports/websocket.ts';
import { answerFromFolder, plainHeaders } from './static-files.ts';

const HOST = '127.0.0.1';
/** A socket that has not shown its token may send no more than this. */
const GREETING_BYTES = 8192;
/** Sockets that may be waiting to show their token. */
const MAX_STRANGERS = 32;

export interface LoopbackOptions {
  /** The built renderer: index.html and assets/. */
  readonly root: string;
  /** Called for every WebSocket that has shown the token. */
  readonly onWire: (wire: Wire) => void;
  /** 256 random bits (`createToken`). Whoever has it controls this Slipway. */
  readonly token: string;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** How long a WebSocket may take to show its token. */
  readonly greetingMs?: number;
}

export interface LoopbackServer {
  /** `http://127.0.0.1:PORT/#token=…`: the fragment is never sent to a server, so it stays out of logs and referrers. */
  readonly url: string;
  readonly port: number;
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

/**
 * Serves the app to a browser of this workstation: static files over HTTP, the contract over a WebSocket at `/rpc`.
 * Every request must name 127.0.0.1 as host (a page that rebinds its DNS name to us does not) and, where it tells an
 * origin, ours; the WebSocket must tell it. Rejects when the built app is missing or the port is taken.
 */
export async function startLoopbackServer(options: LoopbackOptions): Promise<LoopbackServer> {
  await access(join(options.root, 'index.html')).catch((cause: unknown) => {
    throw new AppError(
      'not_found',
      `${options.root} holds no index.html: the app is not built. Run npm start, which builds it.`,
      { cause },
    );
  });
  let authority = '';
  const isOurs = (request: IncomingMessage): boolean => {
    const { host, origin } = request.headers;
    return host === authority && (origin === undefined || origin === `http://${authority}`);
  };

  const http = createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 10_000 }, (request, response) => {
    answer(request, response).catch(() => response.destroy());
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // We serve no bodies; what comes is not waited for.
    request.resume();
    if (!isOurs(request)) return refuse(response, 403, `Slipway answers only to http://${authority}.`);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      return refuse(response, 405, 'Only GET and HEAD are answered here.');
    }
    const path = (request.url ?? '').split(/[?#]/, 1)[0] ?? '';
    const { status, headers, body } = await answerFromFolder(options.root, path, [`ws://${authority}`]);
    response.writeHead(status, { ...headers, 'content-length': body.byteLength });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const isToken = createTokenCheck(options.token);
  const strangers = new Set<Duplex>();

  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (!isOurs(request) || request.headers.origin === undefined) return refuseUpgrade(socket, '403 Forbidden');
    if (request.url !== '/rpc') return refuseUpgrade(socket, '404 Not Found');
    if (strangers.size >= MAX_STRANGERS) return refuseUpgrade(socket, '503 Service Unavailable');
    const known = meetStranger(socket, head.byteLength);
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      admit(webSocketWire(webSocket), isToken, options.greetingMs).then(
        (wire) => {
          known();
          options.onWire(wire);
        },
        () => undefined,
      );
    });
  });

  /** Counts the socket and limits what it may send, until the returned function is called or it has closed. */
  function meetStranger(socket: Duplex, alreadyReceived: number): () => void {
    let received = alreadyReceived;
    const watch = (chunk: Buffer): void => {
      received += chunk.byteLength;
      if (received > GREETING_BYTES) socket.destroy();
    };
    const known = (): void => {
      if (!strangers.delete(socket)) return;
      socket.off('data', watch);
    };
    strangers.add(socket);
    socket.on('data', watch).once('close', known);
    return known;
  }

  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(options.port ?? 0, HOST, () => resolve());
  });
  const { port } = http.address() as AddressInfo;
  authority = `${HOST}:${port}`;

  return {
    url: `http://${authority}/#token=${options.token}`,
    port,
    close: async () => {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      for (const webSocket of sockets.clients) webSocket.terminate();
      http.closeAllConnections();
      await closed;
    },
  };
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  const headers = { ...plainHeaders(), 'content-type': 'text/plain; charset=utf-8', connection: 'close' };
  response.writeHead(status, headers).end(`${sentence}\n`);
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
