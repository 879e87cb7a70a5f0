import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { LoopbackServer } from '../../electron/server/loopback-server.ts';
import { startLoopbackServer } from '../../electron/server/loopback-server.ts';
import { createInProcessPair } from '../../electron/transports/in-process.ts';
import { messagePortWire } from '../../electron/transports/message-port.ts';
import { createToken } from '../../electron/transports/token.ts';
import { Connection } from '../../renderer/api/connection.ts';
import { connectMessagePort } from '../../renderer/api/message-port-wire.ts';
import { connectWebSocket, takeToken } from '../../renderer/api/websocket-wire.ts';
import { AppError } from '../../shared/errors.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import { createRouter } from '../../shared/rpc/serve.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { createSmallHandlers, smallContract } from './small-contract.ts';
import { temporaryFolder } from './wire-pairs.ts';

function serve(wire: Wire): { readonly peer: Peer; readonly seen: ReturnType<typeof createSmallHandlers>['seen'] } {
  const { handlers, seen } = createSmallHandlers();
  return { peer: new Peer(wire, { router: createRouter(smallContract, handlers, { log: () => undefined }) }), seen };
}
const never = new AbortController().signal;

describe('WebSocket of the page', () => {
  const token = createToken();
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LoopbackServer;
  let url: string;

  beforeEach(async () => {
    folder = await temporaryFolder();
    await mkdir(join(folder.path, 'built'));
    await writeFile(join(folder.path, 'built', 'index.html'), '');
    server = await startLoopbackServer({ root: join(folder.path, 'built'), token, onWire: serve });
    url = `ws://127.0.0.1:${server.port}/rpc`;
    // Node's own WebSocket tells no origin; a browser's does, as this one.
    class PageSocket extends WebSocket {
      constructor(address: string) {
        super(address, { origin: `http://127.0.0.1:${server.port}` });
        // An 'error' that nobody hears is thrown by this one, not by a browser's.
        this.on('error', () => undefined);
      }
    }
    vi.stubGlobal('WebSocket', PageSocket);
  });
  afterEach(async () => {
    vi.unstubAllGlobals();
    await server.close();
    await folder.remove();
  });

  it('shows the token and carries text and bytes', async () => {
    const peer = new Peer(await connectWebSocket(url, token, never));
    const client = createClient(peer, smallContract);
    const value = { text: 'ü', raw: new Uint8Array([1, 2, 3]) };
    expect(await client.echo.value({ value })).toEqual({ value });
    const sizes: number[] = [];
    for await (const chunk of client.live.chunks({ chunks: 3, size: 70_000 })) sizes.push(chunk.byteLength);
    expect(sizes.reduce((a, b) => a + b)).toBe(210_000);
    peer.close();
  });

  it('is refused with a wrong token, and does not try without one', async () => {
    await expect(connectWebSocket(url, createToken(), never)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(connectWebSocket(url, null, never)).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('says that nobody answers', async () => {
    await server.close();
    await expect(connectWebSocket(url, token, never)).rejects.toMatchObject({ code: 'disconnected', retryable: true });
  });
});

describe('token of the page', () => {
  function places(hash: string, kept: string | null) {
    const stored = new Map(kept === null ? [] : [['slipway.token', kept]]);
    const replaceState = vi.fn();
    const sessionStorage = {
      getItem: (k: string) => stored.get(k) ?? null,
      setItem: (k: string, v: string) => void stored.set(k, v),
    };
    return {
      location: { hash, pathname: '/jobs/7', search: '?a=1' },
      history: { state: { s: 1 }, replaceState },
      sessionStorage,
      stored,
    };
  }

  it('is taken from the link, out of the visible URL, and kept for reloads', () => {
    const page = places('#token=abc-_1', 'old');
    expect(takeToken(page)).toBe('abc-_1');
    expect(page.history.replaceState).toHaveBeenCalledExactlyOnceWith({ s: 1 }, '', '/jobs/7?a=1');
    expect(page.stored.get('slipway.token')).toBe('abc-_1');
  });

  it('is the kept one after a reload, and null in a fresh tab', () => {
    const page = places('#section', 'kept');
    expect(takeToken(page)).toBe('kept');
    expect(page.history.replaceState).not.toHaveBeenCalled();
    expect(takeToken(places('', null))).toBeNull();
  });
});

describe('port of the page', () => {
  /** A window of which only the message event matters. */
  function page() {
    const target = new EventTarget();
    const post = (data: unknown, port: unknown, source: unknown = target): void => {
      target.dispatchEvent(Object.assign(new Event('message'), { data, source, ports: port === null ? [] : [port] }));
    };
    return { window: target as unknown as Window, post };
  }

  it('is the one that the preload posts under the nonce of the request', async () => {
    const { window, post } = page();
    const { port1, port2 } = new MessageChannel();
    const wrong = new MessageChannel();
    const { peer } = serve(messagePortWire(port1));
    const bridge = {
      connect: (nonce: string) => {
        post('hello', null);
        post({ type: 'slipway:port', nonce: 'other' }, wrong.port1);
        post({ type: 'slipway:port', nonce }, wrong.port1, {});
        post({ type: 'other', nonce }, wrong.port1);
        post({ type: 'slipway:port', nonce }, port2);
      },
    };
    const client = new Peer(await connectMessagePort(bridge, window, never));
    expect(await client.call('echo.value', { value: 5 })).toEqual({ value: 5 });
    peer.close();
    await expect(client.call('echo.wait', {})).rejects.toMatchObject({ code: 'disconnected' });
    wrong.port1.close();
  });

  it('gives up when the shell does not answer', async () => {
    vi.useFakeTimers();
    const failed = expect(connectMessagePort({ connect: () => undefined }, page().window, never)).rejects.toMatchObject(
      { code: 'disconnected' },
    );
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
    vi.useRealTimers();
  });
});

describe('connection', () => {
  /** A core that can be cut off, refuse and come back. */
  function core() {
    let refusal: AppError | null = null;
    const served: ReturnType<typeof serve>[] = [];
    const connect = vi.fn(async (): Promise<Wire> => {
      if (refusal !== null) throw refusal;
      const [page, end] = createInProcessPair();
      served.push(serve(end));
      return page;
    });
    return {
      connect,
      served,
      refuse: (error: AppError | null) => (refusal = error),
      cut: () => served.at(-1)?.peer.close(),
    };
  }
  const gone = new AppError('disconnected', 'gone', { retryable: true });

  it('lets calls wait for the first connection, and keeps its client over a reconnect', async () => {
    const { connect, cut } = core();
    const connection = new Connection(smallContract, connect);
    const { client } = connection;
    const states = [connection.getSnapshot().state];
    connection.subscribe(() => states.push(connection.getSnapshot().state));
    expect(await client.echo.value({ value: 1 })).toEqual({ value: 1 });
    const first = connection.getSnapshot();
    expect(connection.getSnapshot()).toBe(first);
    cut();
    await vi.waitFor(() => expect(states).toEqual(['connecting', 'open', 'lost', 'open']));
    expect(await client.echo.value({ value: 2 })).toEqual({ value: 2 });
    expect(connection.getSnapshot().since).toBeGreaterThanOrEqual(first.since);
    connection.close();
    await vi.waitFor(() => expect(connection.getSnapshot().state).toBe('lost'));
  });

  it('fails calls at once while it is lost, and tells since when and why', async () => {
    const { connect, refuse, cut } = core();
    const connection = new Connection(smallContract, connect);
    await connection.client.echo.add({});
    refuse(gone);
    cut();
    await vi.waitFor(() => expect(connection.getSnapshot()).toMatchObject({ state: 'lost', problem: gone }));
    const { since } = connection.getSnapshot();
    const tries = connect.mock.calls.length;
    connection.retry();
    await vi.waitFor(() => expect(connect.mock.calls.length).toBeGreaterThan(tries));
    expect(connection.getSnapshot().since).toBe(since);
    await expect(connection.client.echo.add({})).rejects.toMatchObject({ code: 'disconnected' });
    refuse(null);
    connection.retry();
    await vi.waitFor(() => expect(connection.getSnapshot().state).toBe('open'));
    connection.close();
  });

  it('pauses longer after each failure', async () => {
    vi.useFakeTimers();
    const { connect, refuse } = core();
    refuse(gone);
    const connection = new Connection(smallContract, connect);
    await vi.advanceTimersByTimeAsync(60_000);
    // 0.25, 0.5, 1, 2, 4, then every 2.5 to 5 s; an even pace of 250 ms would make 240.
    expect(connect.mock.calls.length).toBeGreaterThan(14);
    expect(connect.mock.calls.length).toBeLessThan(32);
    connection.close();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = connect.mock.calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connect.mock.calls.length).toBe(tries);
    vi.useRealTimers();
  });

  it('does not try again by itself when it is not let in', async () => {
    vi.useFakeTimers();
    const { connect, refuse } = core();
    refuse(new AppError('unauthorized', 'no'));
    const connection = new Connection(smallContract, connect);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connect).toHaveBeenCalledTimes(1);
    expect(connection.getSnapshot()).toMatchObject({ state: 'lost', problem: { code: 'unauthorized' } });
    connection.retry();
    await vi.advanceTimersByTimeAsync(1);
    expect(connect).toHaveBeenCalledTimes(2);
    connection.close();
    vi.useRealTimers();
  });

  it('follows a live view over a reconnect from its beginning', async () => {
    const { connect, cut, served } = core();
    const connection = new Connection(smallContract, connect);
    const items: number[] = [];
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const stop = connection.watch(
      (client, options) => client.live.count({ to: 1_000_000 }, options),
      ({ n }) => {
        items.push(n);
        if (n === 3 && served.length === 1) cut();
        if (n === 3 && served.length === 2) resolve();
      },
    );
    await reached;
    const second = items.lastIndexOf(1);
    expect(second).toBeGreaterThan(2);
    expect(items.slice(second, second + 3)).toEqual([1, 2, 3]);
    stop();
    await vi.waitFor(() => expect(served.map(({ peer }) => peer.open.streamsIn)).toEqual([0, 0]));
    const count = items.length;
    await connection.client.echo.add({});
    expect(items).toHaveLength(count);
    connection.close();
  });

  it('ends a watch that has waited for an item, when it is stopped', async () => {
    const { connect, served } = core();
    const connection = new Connection(smallContract, connect);
    const stop = connection.watch(
      (client, options) => client.live.silent({}, options),
      () => undefined,
    );
    await vi.waitFor(() => expect(served[0]?.seen.signals).toHaveLength(1));
    stop();
    await vi.waitFor(() => expect(served[0]?.seen.ended).toBe(1));
    connection.close();
  });

  it('unsubscribes by return() although an item is waited for', async () => {
    const { connect, served } = core();
    const connection = new Connection(smallContract, connect);
    const items = connection.client.live.silent({})[Symbol.asyncIterator]();
    const pending = items.next();
    await vi.waitFor(() => expect(served[0]?.seen.signals).toHaveLength(1));
    await items.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    connection.close();
  });

  it('tells the error that ended a watch', async () => {
    const { connect } = core();
    const connection = new Connection(smallContract, connect);
    const items: number[] = [];
    const problem = await new Promise((resolve) => {
      connection.watch(
        (client, options) => client.live.breaks({ after: 2 }, options),
        ({ n }) => items.push(n),
        resolve,
      );
    });
    expect(problem).toMatchObject({ code: 'files/no_space' });
    expect(items).toEqual([1, 2]);
    connection.close();
  });
});
