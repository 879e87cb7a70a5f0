import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { ByteChannel, ChannelEnd } from '../../../electron/core/ssh/remote-host.ts';
import { PacketCutter } from '../../../electron/core/transfer/sftp/sftp-codec.ts';
import type { SftpAttributes } from '../../../electron/core/transfer/sftp/sftp-codec.ts';
import { SftpClient } from '../../../electron/core/transfer/sftp/sftp-client.ts';
import { SftpError } from '../../../electron/core/transfer/sftp/sftp-error.ts';
import { FolderLook } from '../../../electron/core/transfer/sftp/sftp-folders.ts';
import { downloadFile } from '../../../electron/core/transfer/sftp/sftp-download.ts';
import { SftpSession } from '../../../electron/core/transfer/sftp/sftp-session.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { packet, reply, string, u32 } from '../../support/sftp-replies.ts';
import { failure } from './transfer-lab.ts';

/** A request as a server sees it. */
interface Asked {
  readonly type: number;
  readonly id: number;
  readonly body: Buffer;
}

/** A server that answers as a test wants it: no real one lies, or sends what is no SFTP. */
function server(
  answer: (asked: Asked) => Uint8Array | null,
  version: Uint8Array | null = reply.version(),
): ByteChannel {
  const stdout = new PassThrough({ highWaterMark: 1024 * 1024 });
  const { promise: closed, resolve } = Promise.withResolvers<ChannelEnd>();
  const cutter = new PacketCutter();
  const stdin = new Writable({
    write(chunk: Buffer, _, done) {
      for (const asked of cutter.push(chunk)) {
        const said =
          asked[0] === 1
            ? version
            : answer({ type: asked[0]!, id: asked.readUInt32BE(1), body: Buffer.from(asked.subarray(5)) });
        if (said !== null) stdout.write(said);
      }
      done();
    },
  });
  return {
    stdin,
    stdout,
    stderr: new PassThrough(),
    closed,
    destroy: () => resolve({ code: null, signal: 'TERM' }),
  };
}

async function clientOf(channel: ByteChannel): Promise<SftpClient> {
  return new SftpClient(await SftpSession.start(channel, 'lab'));
}

const FOLDER = Buffer.from('/root/run');
const FILE: SftpAttributes = { mode: 0o100644, size: 5 };
const HANDLE = 'h';
const OK = 0;
const EOF = 1;

/** Answers reads of one file; what it says of its size is another thing. */
function fileServer(told: SftpAttributes, read: (offset: number, length: number) => Uint8Array | null): ByteChannel {
  return server(({ type, id, body }) => {
    if (type === 3) return reply.handle(id, HANDLE);
    if (type === 8) return reply.attributes(id, told);
    if (type !== 5) return reply.status(id, OK);
    const offset = Number(body.readBigUInt64BE(4 + HANDLE.length));
    const bytes = read(offset, body.readUInt32BE(12 + HANDLE.length));
    return bytes === null ? reply.status(id, EOF) : reply.data(id, bytes);
  });
}

async function get(channel: ByteChannel, most = 10_000_000): Promise<Buffer> {
  const target = join(tempFolder(), 'got');
  const size = await downloadFile(await clientOf(channel), { path: '/f', target, most });
  const bytes = readFileSync(target);
  expect(bytes.length).toBe(size);
  return bytes;
}

describe('an SFTP server that means harm', () => {
  test.each([
    ['answers what was not asked', (id: number) => reply.status(id + 77, OK)],
    ['answers id 0', () => reply.status(0, OK)],
    ['begins a second time', () => reply.version()],
    ['answers with a packet of an unknown type', (id: number) => packet(77, u32(id))],
    ['cuts an answer short', (id: number) => packet(105, u32(id), u32(1), Buffer.alloc(3))],
    ['sends a packet that is too long', () => u32(0x7fff_ffff)],
    ['sends a packet of nothing', () => u32(0)],
  ])('%s: everything that waits is told once, and nothing more is sent', async (_, answer) => {
    let asked = 0;
    const client = await clientOf(
      server(({ id }) => {
        asked++;
        return asked === 1 ? answer(id) : null;
      }),
    );
    const errors = await Promise.all([failure(client.stat('/a')), failure(client.stat('/b'))]);
    for (const error of errors) expect(error).toMatchObject({ name: 'SftpError', kind: 'protocol' });
    expect(await failure(client.stat('/c'))).toBe(errors[0]);
  });

  test('answers with another kind than was asked for: that request fails, the others do not', async () => {
    const client = await clientOf(
      server(({ type, id }) => (type === 17 ? reply.handle(id, 'x') : reply.attributes(id, FILE))),
    );
    expect(await failure(client.stat('/a'))).toMatchObject({ kind: 'protocol' });
    expect(await client.lstat('/a')).toEqual(FILE);
  });

  test('speaks another version, or never begins', async () => {
    const error = await failure(clientOf(server(() => null, reply.version(6))));
    expect(error.message).toMatch(/version 6 only/);
    const silent = server(() => null, null);
    const starting = failure(clientOf(silent));
    silent.destroy();
    expect((await starting).message).toMatch(/offers no SFTP/);
  });

  test('names files so that they lead elsewhere: those names are dropped', async () => {
    const names = ['..', '.', '', '../../etc/passwd', '/etc/passwd', 'a/b', 'nul\0byte', 'good', '...'];
    let sent = false;
    const client = await clientOf(
      server(({ type, id }) => {
        if (type === 11) return reply.handle(id, HANDLE);
        if (type !== 12) return reply.status(id, OK);
        if (sent) return reply.status(id, EOF);
        sent = true;
        return reply.name(
          id,
          names.map((name) => [name, FILE]),
        );
      }),
    );
    const items = await new FolderLook(client).namesIn(FOLDER);
    expect(items.map(({ name }) => name.toString())).toEqual(['good', '...']);
  });

  test('lists without end: that is refused, and memory stays bounded', async () => {
    const part = Array.from({ length: 1000 }, (_, i): readonly [string, SftpAttributes] => [
      `${i}`.padStart(200, 'x'),
      FILE,
    ]);
    const client = await clientOf(
      server(({ type, id }) => (type === 11 ? reply.handle(id, HANDLE) : reply.name(id, part))),
    );
    expect(await failure(new FolderLook(client).namesIn(FOLDER))).toMatchObject({ kind: 'too-large' });
    const idle = await clientOf(
      server(({ type, id }) => (type === 11 ? reply.handle(id, HANDLE) : reply.name(id, []))),
    );
    expect(await failure(new FolderLook(idle).namesIn(FOLDER))).toMatchObject({ kind: 'protocol' });
  });

  test('sends more than it is asked for, or nothing for ever', async () => {
    expect(await failure(get(fileServer(FILE, (_, n) => Buffer.alloc(n + 1))))).toMatchObject({ kind: 'protocol' });
    expect(await failure(get(fileServer(FILE, () => Buffer.alloc(0))))).toMatchObject({ kind: 'protocol' });
  });

  test('lies about sizes: what comes is what counts, and no more than may come', async () => {
    const content = Buffer.from('0123456789'.repeat(30_000));
    const read = (most: number) => (offset: number, length: number) =>
      offset >= content.length ? null : content.subarray(offset, offset + Math.min(length, most));
    for (const size of [0, 5, content.length - 1, content.length, content.length + 1, 2 ** 52]) {
      const got = await get(fileServer({ mode: 0o100644, size }, read(Infinity)));
      expect(got.length >= Math.min(size, content.length)).toBe(true);
      expect(content.subarray(0, got.length).equals(got), String(size)).toBe(true);
    }
    // A server that tells no size, and one that gives a few bytes at a time.
    expect((await get(fileServer({}, read(Infinity)))).equals(content)).toBe(true);
    expect((await get(fileServer({ size: content.length }, read(5000)))).equals(content)).toBe(true);
    expect((await get(fileServer({ size: 2 ** 52 }, read(7001)))).equals(content)).toBe(true);
    const endless = fileServer({ size: 1 }, (_, n) => Buffer.alloc(n));
    expect((await failure(get(endless, 3_000_000))).message).toMatch(/goes on behind 3000000 bytes/);
  });

  test('answers out of order: bytes land where they belong', async () => {
    const waiting: Buffer[] = [];
    const content = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * 7) % 251));
    const channel = server(({ type, id, body }) => {
      if (type === 3) return reply.handle(id, HANDLE);
      if (type === 8) return reply.attributes(id, { size: content.length });
      if (type !== 5) return reply.status(id, OK);
      const offset = Number(body.readBigUInt64BE(5));
      const length = body.readUInt32BE(13);
      const part = content.subarray(offset, offset + length);
      waiting.unshift(part.length === 0 ? reply.status(id, EOF) : reply.data(id, part));
      if (offset > 0 && offset + length < content.length) return null;
      return Buffer.concat(waiting.splice(0));
    });
    expect((await get(channel)).equals(content)).toBe(true);
  });

  test('is a link where a file was: it is not taken for one', async () => {
    const target = join(tempFolder(), 'in', 'got');
    mkdirSync(join(target, '..'));
    const client = await clientOf(fileServer({ mode: 0o040755 }, () => Buffer.from('x')));
    expect(await failure(downloadFile(client, { path: '/f', target, most: 10 }))).toBeInstanceOf(SftpError);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(join(target, '..'))).toEqual([]);
  });

  test('prints escapes: none is shown', async () => {
    const client = await clientOf(server(({ id }) => reply.status(id, 4, 'bad \u001b]0;title\u0007 disk\n\u202eabc')));
    const error = await failure(client.mkdir('/x'));
    expect(error.message).toBe('The host could not make the folder /x: bad ]0;title disk\nabc.');
  });

  test('does not get a path with a NUL, and a handle that is too long is refused', async () => {
    const client = await clientOf(server(({ id }) => packet(102, u32(id), string(Buffer.alloc(300)))));
    expect(await failure(client.openFile('/x', 1))).toMatchObject({ kind: 'protocol' });
  });
});
