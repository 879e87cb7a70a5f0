import { stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { frameHead } from '../../electron/transports/frame-reader.ts';
import type { LocalSocketServer } from '../../electron/transports/local-socket.ts';
import { connectLocalSocket, listenLocalSocket, removeSocketFile } from '../../electron/transports/local-socket.ts';
import { createToken, createTokenCheck, readTokenFile, writeTokenFile } from '../../electron/transports/token.ts';
import type { Wire } from '../../shared/rpc/wire.ts';
import { temporaryFolder } from './wire-pairs.ts';

describe.skipIf(process.platform === 'win32')('local socket', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let path: string;
  let server: LocalSocketServer | null;
  let wires: Wire[];
  const token = createToken();

  beforeEach(async () => {
    folder = await temporaryFolder();
    path = join(folder.path, 'core.sock');
    wires = [];
    server = await listenLocalSocket(path, { token }, (wire) => wires.push(wire));
  });
  afterEach(async () => {
    await server?.close();
    await folder.remove();
  });

  /** Writes raw bytes and resolves with everything that came back once the server has hung up. */
  function rawExchange(bytes: Uint8Array): Promise<string> {
    return new Promise((resolve, reject) => {
      let got = '';
      const socket = createConnection(path, () => socket.write(bytes));
      socket.on('data', (chunk: Buffer) => (got += chunk.toString('latin1')));
      socket.on('error', reject);
      socket.on('close', () => resolve(got));
    });
  }

  it('is readable and writable by this user only', async () => {
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('refuses a wrong token and says so', async () => {
    await expect(connectLocalSocket(path, createToken())).rejects.toMatchObject({ code: 'unauthorized' });
    expect(wires).toEqual([]);
  });

  it('hangs up on who does not greet', async () => {
    const text = '{"kind":"call","id":1,"name":"system.info","input":{}}';
    const greeting = `{"kind":"hello","protocol":99,"token":"${token}"}`;
    const say = (data: string): Promise<string> => rawExchange(Buffer.concat([frameHead(data), Buffer.from(data)]));
    expect(await say(text)).toContain('unauthorized');
    expect(await say(greeting)).toContain('another version');
    expect(await rawExchange(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toBe('');
    // A greeting needs no megabyte.
    expect(await rawExchange(Buffer.from([0, 16, 0, 0, 0]))).toBe('');
    expect(wires).toEqual([]);
  });

  it('takes frames far larger than a greeting afterwards', async () => {
    const client = await connectLocalSocket(path, token);
    await vi.waitFor(() => expect(wires).toHaveLength(1));
    const got: unknown[] = [];
    wires[0]?.onMessage((frame) => got.push(frame));
    client.send({ text: 'x'.repeat(3_000_000) });
    await vi.waitFor(() => expect(got).toEqual([{ text: 'x'.repeat(3_000_000) }]));
    client.close();
  });

  it('says that nobody listens', async () => {
    await server?.close();
    server = null;
    await expect(connectLocalSocket(path, token)).rejects.toMatchObject({ code: 'disconnected', retryable: true });
  });

  it('leaves no file, and takes a path again after a stale file was removed', async () => {
    await server?.close();
    server = null;
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(path, '');
    await expect(listenLocalSocket(path, { token }, () => undefined)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await removeSocketFile(path);
    server = await listenLocalSocket(path, { token }, (wire) => wires.push(wire));
    (await connectLocalSocket(path, token)).close();
  });

  it('explains a path that is too long for a socket', async () => {
    const long = join(folder.path, 'x'.repeat(100));
    await expect(listenLocalSocket(long, { token }, () => undefined)).rejects.toMatchObject({
      code: 'not_supported',
      message: expect.stringContaining('shorter'),
    });
  });

  it('keeps the token in a file of this user only, and replaces it', async () => {
    const file = join(folder.path, 'token');
    await writeTokenFile(file, createToken());
    await writeTokenFile(file, token);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readTokenFile(file)).toBe(token);
    expect(token).toMatch(/^[\w-]{43}$/);
    const isToken = createTokenCheck(token);
    expect([isToken(token), isToken(''), isToken(`${token}x`), isToken(token.slice(1))]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
