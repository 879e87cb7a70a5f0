import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lookAtTransferHost, TransferHostFiles, tryTransferHost } from '../../../electron/core/sites/transfer-host.ts';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { HostFiles } from '../../../electron/core/transfer/host-files.ts';
import type { FileTools } from '../../../electron/core/transfer/host-files.ts';
import { packEntries } from '../../../electron/core/transfer/tar-pack.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { BACK_ENDS, chrootFolder, sftpOnlyHost } from './sftp-lab.ts';
import { failure, fileEntry, readTree } from './transfer-lab.ts';

const ALL: FileTools = { tar: true, zstd: true, gzip: true, gnuFind: true };

async function* chunk(): AsyncGenerator<Uint8Array> {
  yield packEntries([fileEntry('run/a', 'one')]);
}

/** Stages, lists, brings back and removes one small tree. */
async function roundTrip(files: HostFiles): Promise<void> {
  const root = tempFolder();
  const signal = AbortSignal.timeout(20_000);
  const target = join(root, 'job');
  await files.stage({
    target,
    token: 't',
    compression: 'none',
    chunks: chunk(),
    expected: () => ({ files: 1 }),
    signal,
  });
  const entries = await files.list({ root: target, folders: ['run'], signal });
  expect(entries.map((e) => [e.path, e.kind, e.size]).toSorted()).toEqual([
    ['run', 'folder', expect.any(Number)],
    ['run/a', 'file', 3],
  ]);
  const back = tempFolder();
  await files.collect({ root: target, files: entries.filter((e) => e.kind === 'file'), target: back, signal });
  expect(readTree(back)).toEqual({ run: 'folder', 'run/a': 'one' });
  await files.remove(target, signal);
  expect(readdirSync(root)).toEqual([]);
}

/** The same host, counting how often it is asked to run something. */
function counting(host: RemoteHost): { readonly host: RemoteHost; readonly asked: () => number } {
  let asked = 0;
  const counted: RemoteHost = {
    name: host.name,
    get status() {
      return host.status;
    },
    onStatus: (listener) => host.onStatus(listener),
    connect: (ask, signal) => host.connect(ask, signal),
    run: (script, options) => {
      asked++;
      return host.run(script, options);
    },
    exec: (script, options) => {
      asked++;
      return host.exec(script, options);
    },
    sftp: (options) => host.sftp(options),
    wake: () => host.wake(),
    disconnect: () => host.disconnect(),
    dispose: () => host.dispose(),
  };
  return { host: counted, asked: () => asked };
}

describe.runIf(HAS_SSHD)('the files of a host', () => {
  test('go as tar where it runs commands, and by SFTP where it has no tar', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const tar = new HostFiles(host, ALL);
    await roundTrip(tar);
    expect([tar.way, tar.compression]).toEqual(['tar', 'zstd']);
    const plain = new HostFiles(host, { ...ALL, tar: false });
    await roundTrip(plain);
    expect([plain.way, plain.compression]).toEqual(['sftp', 'none']);
    // A host without SFTP shows that tar did it.
    const { host: noSftp } = useHost(specOf(await startSshd({ sftp: false })));
    await roundTrip(new HostFiles(noSftp, ALL));
    // Without tar it still lists by itself.
    const root = writeFiles({ 'run/a': 'one' });
    const listing = new HostFiles(noSftp, { ...ALL, tar: false });
    const request = { root, folders: ['run'], signal: AbortSignal.timeout(20_000) };
    expect((await listing.list(request)).map((e) => e.path).toSorted()).toEqual(['run', 'run/a']);
  });

  test.each(BACK_ENDS)(
    'turn to SFTP by themselves where it gives no shell any more, for good (%s)',
    async (transport) => {
      const { host } = await sftpOnlyHost(transport);
      const counted = counting(host);
      const files = new HostFiles(counted.host, ALL);
      await roundTrip(files);
      expect([files.way, files.compression]).toEqual(['sftp', 'none']);
      await roundTrip(files);
      expect(counted.asked()).toBe(1);
    },
  );

  test('are looked for: an account for transfer only, one with a shell, and one that can do neither', async () => {
    const signal = AbortSignal.timeout(20_000);
    const { host } = await sftpOnlyHost();
    expect((await lookAtTransferHost(host, signal)).tar).toBe(false);
    const shell = useHost(specOf(await startSshd({ sftp: false }))).host;
    expect((await lookAtTransferHost(shell, signal)).tar).toBe(true);
    const neither = useHost(specOf(await startSshd({ sftp: false, config: ['ForceCommand echo no'] }))).host;
    expect(((await failure(lookAtTransferHost(neither, signal))) as RemoteError).kind).toBe('no-shell');
  });
});

describe.runIf(HAS_SSHD)('a transfer host', () => {
  test.each([['ForceCommand internal-sftp'], []])(
    'is proved where it shares the file system (%s)',
    async (...config) => {
      const login = useHost(specOf(await startSshd())).host;
      const { host } = useHost(specOf(await startSshd({ config: config.filter((line) => line !== undefined) })));
      const signal = AbortSignal.timeout(25_000);
      const tools = await lookAtTransferHost(host, signal);
      const workdir = join(tempFolder(), 'work');
      await tryTransferHost(
        { host: login, files: new HostFiles(login, ALL) },
        new HostFiles(host, tools),
        workdir,
        signal,
      );
      expect(readdirSync(workdir)).toEqual([]);
    },
  );

  test('is refused where it sees another file system, and leaves nothing there', async () => {
    const login = useHost(specOf(await startSshd())).host;
    const chroot = chrootFolder();
    const { host } = await sftpOnlyHost('ssh2', [`ChrootDirectory ${chroot}`]);
    const workdir = join(tempFolder(), 'work');
    mkdirSync(workdir);
    const own = { host: login, files: new HostFiles(login, ALL) };
    const files = new HostFiles(host, { ...ALL, tar: false });
    const error = await failure(tryTransferHost(own, files, workdir, AbortSignal.timeout(60_000)));
    expect(error.message).toMatch(/transfer host cannot be used.*does not see it.*share the file system/s);
    expect(readdirSync(workdir)).toEqual([]);
    expect(readdirSync(join(chroot, workdir))).toEqual([]);
  }, 60_000);

  test('does not hold up a stage that is cancelled while the login host does not see it yet', async () => {
    const login = useHost(specOf(await startSshd())).host;
    const chroot = chrootFolder();
    const { host } = await sftpOnlyHost('ssh2', [`ChrootDirectory ${chroot}`]);
    const own = { host: login, files: new HostFiles(login, ALL) };
    const files = new TransferHostFiles(own, new HostFiles(host, { ...ALL, tar: false }));
    const abort = new AbortController();
    const target = join(tempFolder(), 'job');
    const request = { target, token: 't', compression: 'none', expected: () => ({ files: 1 }) } as const;
    const staging = failure(files.stage({ ...request, chunks: chunk(), signal: abort.signal }));
    await eventually(() => existsSync(join(chroot, target)));
    const began = performance.now();
    abort.abort();
    await staging;
    expect(performance.now() - began).toBeLessThan(1100);
    expect(existsSync(target)).toBe(false);
  });
});
