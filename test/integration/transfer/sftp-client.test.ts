import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { OPEN } from '../../../electron/core/transfer/sftp/sftp-client.ts';
import { downloadFile } from '../../../electron/core/transfer/sftp/sftp-download.ts';
import { SftpError } from '../../../electron/core/transfer/sftp/sftp-error.ts';
import { makeFolders, removeTree } from '../../../electron/core/transfer/sftp/sftp-folders.ts';
import { uploadFile } from '../../../electron/core/transfer/sftp/sftp-upload.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { BACK_ENDS, openSftp, sftpOnlyHost } from './sftp-lab.ts';
import { failure, hostBehindProxy, ODD_NAMES } from './transfer-lab.ts';

const MOST = 1024 ** 3;

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** A file of that size whose parts differ from each other. */
function bigFile(bytes: number): string {
  const block = randomBytes(1_000_003);
  const path = join(tempFolder(), 'big');
  const parts: Buffer[] = [];
  for (let left = bytes; left > 0; left -= block.length) {
    block.writeUInt32BE(left);
    parts.push(Buffer.from(block.subarray(0, Math.min(left, block.length))));
  }
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

describe.runIf(HAS_SSHD)('SFTP', () => {
  test.each(BACK_ENDS)(
    'carries 200 MB each way byte for byte (%s)',
    async (transport) => {
      const { host } = await sftpOnlyHost(transport);
      const client = await openSftp(host, AbortSignal.timeout(100_000));
      const source = bigFile(200 * 1024 * 1024 + 17);
      chmodSync(source, 0o640);
      utimesSync(source, 1_600_000_000, 1_600_000_000);
      const folder = tempFolder();
      const there = join(folder, 'copy');
      writeFileSync(there, 'an older one');
      let sent = 0;
      expect(await uploadFile(client, { source, target: there, durable: true, onBytes: (n) => (sent += n) })).toBe(
        sent,
      );
      expect(readdirSync(folder)).toEqual(['copy']);
      expect(hashOf(there)).toBe(hashOf(source));
      expect([lstatSync(there).mode & 0o7777, lstatSync(there).mtimeMs]).toEqual([0o640, 1_600_000_000_000]);
      const back = join(tempFolder(), 'back');
      let came = 0;
      const before = process.memoryUsage().rss;
      const size = await downloadFile(client, { path: there, target: back, most: MOST, onBytes: (n) => (came += n) });
      expect([size, came]).toEqual([sent, sent]);
      expect(process.memoryUsage().rss - before).toBeLessThan(120 * 1024 * 1024);
      expect(hashOf(back)).toBe(hashOf(source));
      expect([lstatSync(back).mode & 0o7777, lstatSync(back).mtimeMs]).toEqual([0o640, 1_600_000_000_000]);
    },
    120_000,
  );

  test('does what OpenSSH offers', async () => {
    const { host } = await sftpOnlyHost();
    const client = await openSftp(host);
    const root = tempFolder();
    const at = (name: string): string => join(root, name);
    await makeFolders(client, at('a/b/c'));
    await makeFolders(client, at('a/b/c'));
    for (const name of ODD_NAMES.filter((n) => !n.includes('/'))) {
      const handle = await client.openFile(at(name), OPEN.WRITE | OPEN.CREATE | OPEN.EXCLUSIVE, 0o600);
      await Promise.all([client.write(handle, 3, Buffer.from('def')), client.write(handle, 0, Buffer.from('abc'))]);
      await client.fsync(handle);
      expect((await client.fstat(handle)).size).toBe(6);
      await client.closeHandle(handle);
      expect(readFileSync(at(name), 'utf8'), name).toBe('abcdef');
    }
    const raw = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]);
    await client.mkdir(raw);
    const names: Buffer[] = [];
    for await (const part of client.readFolder(root)) names.push(...part.map(({ name }) => name));
    expect(names.some((name) => name.equals(Buffer.from('caf\xe9', 'latin1')))).toBe(true);
    expect(names).toHaveLength(readdirSync(root).length);

    // What a link says is the first argument, and where it is made the second.
    await client.symlink('plain.txt', at('link'));
    expect(readlinkSync(at('link'))).toBe('plain.txt');
    expect((await client.readlink(at('link'))).toString()).toBe('plain.txt');
    expect((await client.stat(at('link'))).size).toBe(6);
    expect((await client.lstat(at('link'))).mode! & 0o170000).toBe(0o120000);
    await client.lsetstat(at('link'), { modifiedAt: 1_000_000_000 });
    expect(lstatSync(at('link')).mtimeMs).toBe(1_000_000_000_000);
    expect((await client.realpath(at('a/../link/../a'))).toString()).toBe(at('a'));
    await client.setstat(at('plain.txt'), { mode: 0o604, modifiedAt: 1_500_000_000 });
    expect([lstatSync(at('plain.txt')).mode & 0o777, lstatSync(at('plain.txt')).mtimeMs]).toEqual([
      0o604, 1_500_000_000_000,
    ]);
    await client.hardlink(at('plain.txt'), at('same'));
    expect(lstatSync(at('same')).ino).toBe(lstatSync(at('plain.txt')).ino);
    const from = await client.openFile(at('plain.txt'), OPEN.READ);
    const to = await client.openFile(at('copied'), OPEN.WRITE | OPEN.CREATE, 0o600);
    await client.copyData(from, 2, 3, to, 0);
    expect(readFileSync(at('copied'), 'utf8')).toBe('cde');
    expect(await client.read(from, 6, 10)).toBe(null);

    await client.rename(at('copied'), at('moved'));
    expect(await failure(client.rename(at('moved'), at('same')))).toMatchObject({ kind: 'failed' });
    await client.replace(at('moved'), at('same'));
    expect(readFileSync(at('same'), 'utf8')).toBe('cde');
    const space = await client.space(root);
    expect(space!.freeBytes).toBeGreaterThan(1e6);
    expect(space!.isReadOnly).toBe(false);

    symlinkSync('/etc', at('a/b/outside'));
    await removeTree(client, root);
    expect(existsSync(root)).toBe(false);
    expect(existsSync('/etc/passwd')).toBe(true);
    mkdirSync(root);
  });

  test('says what was tried where, what is wrong, and what to do', async () => {
    const { host } = await sftpOnlyHost();
    const client = await openSftp(host);
    const root = tempFolder();
    const missing = (await failure(client.stat(join(root, 'no\u001b[31m\nwhere')))) as SftpError;
    expect(missing).toBeInstanceOf(SftpError);
    expect(missing).toMatchObject({ kind: 'not-found', path: `${root}/no[31m where` });
    expect(missing.message).toBe(`The host could not look at ${root}/no[31m where: there is no such file or folder.`);
    expect(missing.hint).toMatch(/moved or removed/);
    expect(await failure(client.mkdir('/proc/x'))).toMatchObject({ kind: 'not-found' });
    expect(await failure(client.mkdir(`${root}/${'x'.repeat(300)}`))).toMatchObject({ kind: 'bad-name' });
    expect(await failure(client.remove('a\0b'))).toMatchObject({ kind: 'bad-name' });
    const mount = (options: string): string => {
      const folder = tempFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
      onTestFinished(() => void execFileSync('umount', ['-l', folder]));
      return folder;
    };
    const source = bigFile(3_000_000);
    const small = mount('size=1m');
    const full = await failure(uploadFile(client, { source, target: join(small, 'f') }));
    expect(full).toMatchObject({ kind: 'no-space' });
    expect(full.message).toMatch(/could not write .*no space is left/);
    // What has been written of it is gone again.
    expect(readdirSync(small)).toEqual([]);
    const readOnly = await failure(uploadFile(client, { source, target: join(mount('ro,size=1m'), 'f') }));
    expect(readOnly).toMatchObject({ kind: 'read-only' });
    expect(await failure(downloadFile(client, { path: root, target: join(root, 'x'), most: MOST }))).toMatchObject({
      kind: 'failed',
    });
  });

  test('is not misled by sizes: files of the kernel, growing, shrinking, endless ones', async () => {
    const { host } = await sftpOnlyHost();
    const client = await openSftp(host);
    const root = tempFolder();
    const back = join(root, 'back');
    const get = (path: string, most = MOST): Promise<number> => downloadFile(client, { path, target: back, most });
    expect(await get('/proc/cpuinfo')).toBeGreaterThan(100);
    expect(readFileSync(back, 'utf8')).toContain('processor');
    for (const size of [0, 1, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 512 * 1024]) {
      writeFileSync(join(root, 'f'), randomBytes(size));
      expect(await get(join(root, 'f'))).toBe(size);
      expect(hashOf(back)).toBe(hashOf(join(root, 'f')));
    }
    expect((await failure(get('/dev/zero'))).message).toContain('no file any more');
    writeFileSync(join(root, 'f'), randomBytes(3_000_000));
    expect((await failure(get(join(root, 'f'), 1_000_000))).message).toMatch(/goes on behind 1000000 bytes/);
    truncateSync(join(root, 'f'), 10 * 1024 ** 3);
    expect((await failure(get(join(root, 'f'), 5_000_000))).message).toMatch(/goes on behind/);
  });

  test('ends at once with one reason when the connection breaks or it is cancelled, and begins again', async () => {
    const { host, proxy } = await hostBehindProxy();
    const client = await openSftp(host);
    const folder = tempFolder();
    const source = bigFile(400 * 1024 * 1024);
    let sent = 0;
    const target = join(folder, 'copy');
    const broken = failure(uploadFile(client, { source, target, onBytes: (n) => (sent += n) }));
    await eventually(() => sent > 8_000_000);
    proxy.cut();
    expect(await broken).toMatchObject({ kind: 'lost', sent: true });
    expect(existsSync(target)).toBe(false);
    expect(await failure(client.stat(folder))).toBeInstanceOf(RemoteError);
    const abort = new AbortController();
    const again = await openSftp(host, abort.signal);
    sent = 0;
    const stopped = failure(uploadFile(again, { source, target, onBytes: (n) => (sent += n) }));
    await eventually(() => sent > 8_000_000);
    proxy.freeze();
    const began = performance.now();
    abort.abort();
    expect(await stopped).toMatchObject({ kind: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(existsSync(target)).toBe(false);
  });

  test('is missed where there is none, and a greeting where it should begin is told apart', async () => {
    const none = await startSshd({ sftp: false });
    for (const transport of BACK_ENDS) {
      const { host } = useHost(specOf(none), { deps: { transport } });
      const error = await failure(openSftp(host));
      expect([(error as RemoteError).kind, error.message], transport).toEqual([
        'no-shell',
        expect.stringContaining('offers no SFTP'),
      ]);
    }
    const greets = useHost(specOf(await startSshd({ config: ['ForceCommand echo Welcome to the machine'] })));
    const error = await failure(openSftp(greets.host));
    expect(error).toBeInstanceOf(SftpError);
    expect(error.message).toContain('prints text where SFTP should begin ("Welc');
  });
});
