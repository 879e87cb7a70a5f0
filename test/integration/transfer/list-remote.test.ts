import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { listRemote } from '../../../electron/core/transfer/list-remote.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { failure, hostBehindProxy, ODD_NAMES } from './transfer-lab.ts';

function request(root: string, folders: readonly string[]): Parameters<typeof listRemote>[2] {
  return { root, folders, signal: AbortSignal.timeout(20_000) };
}

describe.runIf(HAS_SSHD)('listing folders of a site', () => {
  test('tells kinds, sizes and times, and leaves out what is not there', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles(Object.fromEntries(ODD_NAMES.map((name, i) => [`0001/${name}`, 'x'.repeat(i)])));
    symlinkSync('nowhere', join(root, '0001/dangling'));
    execFileSync('mkfifo', [join(root, '0001/fifo')]);
    mkdirSync(join(root, '0002'));
    mkdirSync(join(root, '0003'));
    writeFileSync(join(root, '0003/not listed'), '');
    utimesSync(join(root, '0001/plain.txt'), 1_700_000_000, 1_700_000_000.75);
    const entries = await listRemote(host, { gnuFind: true }, request(root, ['0001', '0002', '0009']));
    const by = new Map(entries.map((e) => [e.path, e]));
    ODD_NAMES.forEach((name, i) => expect(by.get(`0001/${name}`), name).toMatchObject({ kind: 'file', size: i }));
    expect(by.get('0001/plain.txt')?.modifiedAt).toBe(1_700_000_000);
    expect(by.get('0001/dangling')?.kind).toBe('link');
    expect(by.get('0001/fifo')?.kind).toBe('other');
    expect(by.get('0002')?.kind).toBe('folder');
    expect(by.has('0009')).toBe(false);
    expect([...by.keys()].some((path) => path.startsWith('0003'))).toBe(false);
    expect(await listRemote(host, { gnuFind: true }, request(join(root, 'nowhere'), ['0001']))).toEqual([]);
  });

  test('offers no file whose name is no UTF-8: it could not be asked for', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles({ 'run/good': '' });
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'run/caf')), Buffer.from([0xe9])]), '');
    const entries = await listRemote(host, { gnuFind: true }, request(root, ['run']));
    expect(entries.filter((e) => e.kind === 'file').map((e) => e.path)).toEqual(['run/good']);
    expect(entries.find((e) => e.path.startsWith('run/caf'))?.kind).toBe('other');
  });

  test('reads what busybox tells', async () => {
    const bin = tempFolder();
    chmodSync(bin, 0o755);
    execFileSync('/usr/bin/busybox', ['--install', '-s', bin]);
    const { host } = useHost(specOf(await startSshd({ env: { PATH: bin } })));
    const names = ODD_NAMES.filter((name) => !name.includes('\n'));
    const root = writeFiles(Object.fromEntries(names.map((name, i) => [`run/${name}`, 'x'.repeat(i)])));
    symlinkSync('nowhere', join(root, 'run/dangling'));
    const entries = await listRemote(host, { gnuFind: false }, request(root, ['run', 'nowhere']));
    const by = new Map(entries.map((e) => [e.path, e]));
    names.forEach((name, i) => expect(by.get(`run/${name}`), name).toMatchObject({ kind: 'file', size: i }));
    expect([by.get('run')?.kind, by.get('run/dangling')?.kind]).toEqual(['folder', 'link']);
  });

  test('fails when the site cannot be reached: that is no empty folder', async () => {
    const { host, proxy } = await hostBehindProxy();
    const root = writeFiles({ 'run/a': '' });
    await host.run(':');
    proxy.freeze();
    const listing = failure(listRemote(host, { gnuFind: true }, request(root, ['run'])));
    proxy.cut();
    expect(await listing).toBeInstanceOf(RemoteError);
  });
});
