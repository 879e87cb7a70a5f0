import { mkdir, symlink, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { LoopbackServer } from '../../electron/server/loopback-server.ts';
import { startLoopbackServer } from '../../electron/server/loopback-server.ts';
import { createToken } from '../../electron/transports/token.ts';
import { webSocketWire } from '../../electron/transports/websocket.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { introduce } from '../../shared/wires/handshake.ts';
import { openSocket, temporaryFolder } from './wire-pairs.ts';

const PAGE =
  '<!doctype html><meta name="csp-nonce" content="__CSP_NONCE__"><script type="module" src="/assets/app-1.js" nonce="__CSP_NONCE__"></script>';

describe('loopback server', () => {
  const token = createToken();
  const wires: Wire[] = [];
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let server: LoopbackServer;
  let authority: string;

  beforeAll(async () => {
    folder = await temporaryFolder();
    const root = join(folder.path, 'built');
    await mkdir(join(root, 'assets'), { recursive: true });
    await writeFile(join(folder.path, 'secret.txt'), 'secret');
    await writeFile(join(root, 'index.html'), PAGE);
    await writeFile(join(root, 'assets', 'app-1.js'), 'export {};');
    await writeFile(join(root, 'assets', 'font-1.woff2'), 'font');
    await writeFile(join(root, '.env'), 'secret');
    await writeFile(join(root, 'ünï code.svg'), '<svg/>');
    await symlink(join(folder.path, 'secret.txt'), join(root, 'link.txt'));
    await symlink(folder.path, join(root, 'up'));
    server = await startLoopbackServer({ root, token, onWire: (wire) => wires.push(wire) });
    authority = `127.0.0.1:${server.port}`;
  });
  afterAll(async () => {
    await server.close();
    await folder.remove();
  });

  interface Answer {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
  }
  /** A request with the path sent as it is: `fetch` would tidy it. */
  function ask(path: string, options: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const headers = { host: authority, ...options.headers };
      const sent = request(
        { host: '127.0.0.1', port: server.port, path, method: options.method ?? 'GET', headers },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => (body += text));
          response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
        },
      );
      sent.on('error', reject).end();
    });
  }

  /** The status with which a WebSocket is refused; 101 when it opens. */
  function upgrade(path: string, headers: Record<string, string>): Promise<number> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://${authority}${path}`, { headers });
      socket.on('open', () => (socket.terminate(), resolve(101)));
      socket.on('unexpected-response', (_request, response) => (response.destroy(), resolve(response.statusCode ?? 0)));
      socket.on('error', reject);
    });
  }

  it('gives a URL with the token in the fragment', () => {
    expect(server.url).toBe(`http://${authority}/#token=${token}`);
  });

  it('serves the page with a nonce of its own each time, and a policy that names it', async () => {
    const nonces = new Set<string>();
    for (const path of ['/', '/index.html', '/jobs/7', '/new?from=x', '/']) {
      const { status, headers, body } = await ask(path);
      expect(status).toBe(200);
      expect(headers['content-type']).toBe('text/html; charset=utf-8');
      expect(headers['cache-control']).toBe('no-store');
      const nonce = /name="csp-nonce" content="([A-Za-z0-9+/]{24})"/.exec(body)?.[1] ?? '';
      expect(body).not.toContain('__CSP_NONCE__');
      const policy = String(headers['content-security-policy']);
      expect(policy.split('; ')).toEqual(
        expect.arrayContaining([
          "default-src 'none'",
          "script-src 'self'",
          `style-src 'self' 'nonce-${nonce}'`,
          `connect-src 'self' ws://${authority}`,
          "frame-ancestors 'none'",
        ]),
      );
      expect(policy).not.toContain('unsafe');
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(5);
  });

  it('serves files with their type, and keeps those that are named by content', async () => {
    const script = await ask('/assets/app-1.js');
    expect(script).toMatchObject({ status: 200, body: 'export {};' });
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect((await ask('/assets/font-1.woff2')).headers['content-type']).toBe('font/woff2');
    expect(await ask(`/${encodeURIComponent('ünï code.svg')}`)).toMatchObject({ status: 200, body: '<svg/>' });
    expect((await ask('/assets/gone.js')).status).toBe(404);
    expect((await ask('/assets/nodot')).status).toBe(404);
  });

  it('answers HEAD with the headers of GET, and nothing else than GET and HEAD', async () => {
    const head = await ask('/assets/app-1.js', { method: 'HEAD' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('10');
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const { status, headers } = await ask('/', { method });
      expect({ method, status, allow: headers.allow }).toEqual({ method, status: 405, allow: 'GET, HEAD' });
    }
  });

  it('sets the protecting headers on every answer, and no cookie, no CORS', async () => {
    const answers = [
      await ask('/'),
      await ask('/assets/app-1.js'),
      await ask('/no.txt'),
      await ask('/', { method: 'POST' }),
      await ask('/', { headers: { host: 'evil.example' } }),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        'content-security-policy': expect.stringContaining("default-src 'none'"),
      });
      expect(headers['set-cookie']).toBeUndefined();
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });

  it('refuses other names for this host, and other origins', async () => {
    for (const host of [
      'evil.example',
      `evil.example:${server.port}`,
      '127.0.0.1',
      '127.0.0.1:1',
      `localhost:${server.port}`,
      `127.0.0.1.evil.example:${server.port}`,
    ]) {
      expect((await ask('/', { headers: { host } })).status, host).toBe(403);
    }
    for (const origin of [
      'http://evil.example',
      'null',
      `https://${authority}`,
      `http://${authority}.evil.example`,
      'http://127.0.0.1',
    ]) {
      expect((await ask('/', { headers: { origin } })).status, origin).toBe(403);
      expect(await upgrade('/rpc', { origin }), origin).toBe(403);
    }
    expect((await ask('/', { headers: { origin: `http://${authority}` } })).status).toBe(200);
  });

  it('opens WebSockets at /rpc only, and only for a page that tells its origin', async () => {
    const origin = `http://${authority}`;
    expect(await upgrade('/rpc', {})).toBe(403);
    expect(await upgrade('/rpc', { origin, host: 'evil.example' })).toBe(403);
    expect(await upgrade('/other', { origin })).toBe(404);
    expect(await upgrade('/rpc?token=x', { origin })).toBe(404);
    expect(await upgrade('/rpc', { origin })).toBe(101);
  });

  it.each([
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%5csecret.txt',
    '/..\\secret.txt',
    '//../secret.txt',
    '/link.txt',
    '/up/secret.txt',
    '/.env',
    '/index.html%00.js',
    '/%ff.txt',
    '/C:/secret.txt',
  ])('does not leave its folder for %s', async (path) => {
    const { status, body } = await ask(path);
    expect(status).toBe(404);
    expect(body).not.toContain('secret');
  });

  it('listens on 127.0.0.1 only', async () => {
    await new Promise<void>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.2');
      socket.on('connect', () => (socket.destroy(), reject(new Error('127.0.0.2 answered'))));
      socket.on('error', () => resolve());
    });
  });

  it('lets in who shows the token', async () => {
    const before = wires.length;
    const client = await introduce(webSocketWire(await openSocket(server)), token);
    await vi.waitFor(() => expect(wires).toHaveLength(before + 1));
    client.close();
  });

  it('refuses a wrong token and a first frame that is no greeting', async () => {
    const before = wires.length;
    await expect(introduce(webSocketWire(await openSocket(server)), createToken())).rejects.toMatchObject({
      code: 'unauthorized',
    });
    const frames = [
      '{"kind":"call","id":1,"name":"system.info","input":{}}',
      'no json',
      '',
      JSON.stringify({ kind: 'hello', protocol: 1, token, more: 1 }),
    ];
    for (const first of frames) {
      const socket = await openSocket(server);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.send(first);
      await closed;
    }
    expect(wires).toHaveLength(before);
  });

  it('does not wait for a greeting for ever', async () => {
    const impatient = await startLoopbackServer({
      root: join(folder.path, 'built'),
      token,
      onWire: () => undefined,
      greetingMs: 50,
    });
    const socket = await openSocket(impatient);
    await new Promise((resolve) => socket.once('close', resolve));
    await impatient.close();
  });

  it('cuts off a stranger who sends more than a greeting', async () => {
    const socket = await openSocket(server);
    socket.on('error', () => undefined);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.send('x'.repeat(1_000_000));
    await closed;
  });

  it('lets only so many strangers wait, and forgets them when they leave', async () => {
    const open = await Promise.all(Array.from({ length: 32 }, () => openSocket(server)));
    await expect(openSocket(server)).rejects.toThrow('503');
    for (const socket of open) socket.terminate();
    await vi.waitFor(async () => (await openSocket(server)).terminate());
  });

  it('cuts off a page that has gone silent', async () => {
    const page = await openSocket(server);
    const wire = webSocketWire(page, 20);
    const closed = new Promise<void>((resolve) => wire.onClose(resolve));
    // A paused socket does not read the answer to its ping.
    page.pause();
    await closed;
  });

  it('refuses to start without a built app, and on a port that is taken', async () => {
    const options = { root: join(folder.path, 'none'), token, onWire: () => undefined };
    await expect(startLoopbackServer(options)).rejects.toMatchObject({
      code: 'not_found',
      message: expect.stringContaining('not built'),
    });
    const root = join(folder.path, 'built');
    await expect(startLoopbackServer({ ...options, root, port: server.port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });

  it('closes at once although pages are connected', async () => {
    const other = await startLoopbackServer({ root: join(folder.path, 'built'), token, onWire: () => undefined });
    const wire = await introduce(webSocketWire(await openSocket(other)), token);
    const closed = new Promise<void>((resolve) => wire.onClose(resolve));
    await other.close();
    await closed;
  });
});
