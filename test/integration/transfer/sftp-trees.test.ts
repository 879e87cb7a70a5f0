import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RemoteHost } from '../../../electron/core/ssh/remote-host.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import type { RemoteEntry } from '../../../electron/core/transfer/list-remote.ts';
import { collectBySftp } from '../../../electron/core/transfer/sftp/collect-by-sftp.ts';
import { listBySftp } from '../../../electron/core/transfer/sftp/list-by-sftp.ts';
import { stageBySftp } from '../../../electron/core/transfer/sftp/stage-by-sftp.ts';
import { StageError } from '../../../electron/core/transfer/stage-tree.ts';
import type { StageRequest } from '../../../electron/core/transfer/stage-tree.ts';
import { compress, packEntries, packLocalTree } from '../../../electron/core/transfer/tar-pack.ts';
import type { Compression, LocalEntry, PackEntry } from '../../../electron/core/transfer/tar-pack.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import type { Proxy, Sshd } from '../ssh/ssh-lab.ts';
import { BACK_ENDS, sftpOnlyHost } from './sftp-lab.ts';
import {
  endless,
  expectPromptStop,
  failure,
  fileEntry,
  filesOf,
  hostBehindProxy,
  ODD_NAMES,
  readTree,
} from './transfer-lab.ts';

async function* chunksOf(entries: readonly PackEntry[], compression: Compression): AsyncGenerator<Uint8Array> {
  for (const entry of entries) yield compress(packEntries([entry]), compression);
}

function request(target: string, more: Partial<StageRequest> = {}): StageRequest {
  return {
    target,
    token: 'abc',
    compression: 'none',
    chunks: chunksOf([fileEntry('a', 'one'), fileEntry('b/c', 'two')], more.compression ?? 'none'),
    expected: () => ({ files: 2 }),
    signal: AbortSignal.timeout(25_000),
    ...more,
  };
}

function mount(options: string): string {
  const folder = tempFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

describe.runIf(HAS_SSHD)('staging a tree by SFTP', () => {
  test.each(['zstd', 'gzip', 'none'] as const)('lays out odd names byte for byte (%s)', async (compression) => {
    const { host } = await sftpOnlyHost();
    const files = ODD_NAMES.map((name, i) => fileEntry(name, `content ${i} \0\xff`));
    const target = join(tempFolder(), "work 'quoted' $HOME", 'job');
    let bytes = 0;
    const chunks = chunksOf(files, compression);
    const expected = (): { files: number } => ({ files: files.length });
    await stageBySftp(host, request(target, { compression, chunks, expected, onProgress: (n) => (bytes = n) }));
    const tree = readTree(target);
    ODD_NAMES.forEach((name, i) =>
      expect(tree[name], name).toBe(Buffer.from(`content ${i} \0\xff`).toString('latin1')),
    );
    expect(Object.values(tree).filter((v) => v !== 'folder')).toHaveLength(ODD_NAMES.length);
    expect(bytes).toBeGreaterThan(0);
    expect(readdirSync(join(target, '..'))).toEqual(['job']);
  });

  test.each(BACK_ENDS)('keeps modes, times, links and empty folders (%s)', async (transport) => {
    const { host } = await sftpOnlyHost(transport);
    const source = writeFiles({ 'run.sh': '#!/bin/sh\n', 'mesh.bin': 'm'.repeat(3_000_001), empty: '' });
    symlinkSync('mesh.bin', join(source, 'link'));
    const entry = (path: string, mode: number): LocalEntry => ({
      kind: 'local-file',
      path: `sub/${path}`,
      source: join(source, path),
      size: lstatSync(join(source, path)).size,
      modifiedAt: 1_600_000_000_000,
      mode,
    });
    const entries: LocalEntry[] = [
      { kind: 'folder', path: 'sub', mode: 0o750, modifiedAt: 1_600_000_000_000 },
      { kind: 'folder', path: 'sub/nothing in it', mode: 0o500, modifiedAt: 1_500_000_000_000 },
      entry('run.sh', 0o755),
      entry('mesh.bin', 0o444),
      entry('empty', 0o600),
      { kind: 'local-link', path: 'sub/link', source: join(source, 'link'), modifiedAt: 1_400_000_000_000 },
    ];
    const target = join(tempFolder(), 'job');
    const chunks = packLocalTree(entries, 'zstd');
    await stageBySftp(host, request(target, { compression: 'zstd', chunks, expected: () => ({ files: 4 }) }));
    const tree = readTree(target);
    expect(tree['sub/mesh.bin']).toBe('m'.repeat(3_000_001));
    expect([tree['sub/empty'], tree['sub/link']]).toEqual(['', '-> mesh.bin']);
    const of = (path: string): unknown[] => {
      const { mode, mtimeMs } = lstatSync(join(target, path));
      return [mode & 0o7777, mtimeMs];
    };
    expect(of('sub')).toEqual([0o750, 1_600_000_000_000]);
    expect(of('sub/nothing in it')).toEqual([0o500, 1_500_000_000_000]);
    expect(of('sub/run.sh')).toEqual([0o755, 1_600_000_000_000]);
    expect(of('sub/mesh.bin')).toEqual([0o444, 1_600_000_000_000]);
    expect(of('sub/empty')).toEqual([0o600, 1_600_000_000_000]);
    expect(of('sub/link')[1]).toBe(1_400_000_000_000);
    const short = { ...entry('empty', 0o600), size: 10 } as LocalEntry;
    const again = join(tempFolder(), 'job');
    const error = await failure(stageBySftp(host, request(again, { chunks: packLocalTree([short], 'none') })));
    expect(error.message).toContain('became shorter');
    expect(existsSync(again)).toBe(false);
  });

  test.each(BACK_ENDS)('sends two thousand small files (%s)', async (transport) => {
    const { host } = await sftpOnlyHost(transport);
    const entries: PackEntry[] = [];
    for (let i = 0; i < 2000; i++) entries.push(fileEntry(`runs/${i % 500}/f${i}`, `file ${i}\n`.repeat(i % 40)));
    const target = join(tempFolder(), 'job');
    const expected = (): { files: number } => ({ files: 2000 });
    await stageBySftp(host, request(target, { chunks: chunksOf(entries, 'none'), expected }));
    const tree = readTree(target);
    for (let i = 0; i < 2000; i++) expect(tree[`runs/${i % 500}/f${i}`]).toBe(`file ${i}\n`.repeat(i % 40));
    expect(Object.keys(tree)).toHaveLength(2000 + 501);
  });

  test('leaves nothing visible when the connection breaks, and is repeated with success', async () => {
    const { host, proxy } = await hostBehindProxy(['ForceCommand internal-sftp']);
    const root = tempFolder();
    const target = join(root, 'job');
    let bytes = 0;
    const broken = failure(stageBySftp(host, request(target, { chunks: endless(), onProgress: (n) => (bytes = n) })));
    await eventually(() => bytes > 8_000_000);
    expect(existsSync(target)).toBe(false);
    proxy.cut();
    const error = await broken;
    expect(error).toBeInstanceOf(RemoteError);
    expect([(error as RemoteError).kind, (error as RemoteError).sent]).toEqual(['lost', true]);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(root)).toHaveLength(1);
    await stageBySftp(host, request(target));
    expect(readTree(root)).toEqual({ job: 'folder', 'job/a': 'one', 'job/b': 'folder', 'job/b/c': 'two' });
  });

  test('leaves a target that is there as it is, also an empty one, and no half beside it', async () => {
    const { host } = await sftpOnlyHost();
    const root = writeFiles({ 'job/first': '1' });
    mkdirSync(join(root, 'bare'));
    await stageBySftp(host, request(join(root, 'job')));
    await stageBySftp(host, request(join(root, 'bare')));
    expect(readTree(root)).toEqual({ bare: 'folder', job: 'folder', 'job/first': '1' });
  });

  test('stops within a second when it is cancelled, and takes no more than fits in flight', async () => {
    const { host, proxy } = await hostBehindProxy(['ForceCommand internal-sftp']);
    const target = join(tempFolder(), 'job');
    await expectPromptStop(proxy, target, (more) => stageBySftp(host, request(target, more)));
  });

  test('says what is wrong on the site', async () => {
    const { host } = await sftpOnlyHost();
    const small = mount('size=1m');
    const full = await failure(stageBySftp(host, request(join(small, 'job'), { chunks: endless() })));
    expect(full).toBeInstanceOf(StageError);
    expect([(full as StageError).kind, full.message]).toEqual(['space', expect.stringMatching(/no room.*no space is/)]);
    // A single large file goes another way than many small ones.
    const big = packEntries([fileEntry('big', Buffer.alloc(2_000_000, 'x'))]);
    const one = async function* (): AsyncGenerator<Uint8Array> {
      yield big;
    };
    const fullToo = await failure(stageBySftp(host, request(join(mount('size=1m'), 'job'), { chunks: one() })));
    expect((fullToo as StageError).kind).toBe('space');
    const names = mount('nr_inodes=20');
    const many = Array.from({ length: 50 }, (_, i) => fileEntry(`f${i}`, 'x'));
    const noNames = await failure(stageBySftp(host, request(join(names, 'job'), { chunks: chunksOf(many, 'none') })));
    expect((noNames as StageError).kind).toBe('space');
    const denied = await failure(stageBySftp(host, request(join(mount('ro,size=1m'), 'x', 'job'))));
    expect([(denied as StageError).kind, denied.message]).toEqual(['permission', expect.stringContaining('read-only')]);
    const root = tempFolder();
    const fewer = await failure(stageBySftp(host, request(join(root, 'job'), { expected: () => ({ files: 3 }) })));
    expect(fewer.message).toContain('2 of 3 files arrived');
    const outside = await failure(
      stageBySftp(host, request(join(root, 'job'), { chunks: chunksOf([fileEntry('a/../../x', '')], 'none') })),
    );
    expect(outside.message).toContain('leads out of the tree');
    const twice = chunksOf([fileEntry('a', '1'), fileEntry('a', '2')], 'none');
    expect(await failure(stageBySftp(host, request(join(root, 'job'), { chunks: twice })))).toBeInstanceOf(StageError);
    const damaged = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(100_000, 'no tar');
    };
    await failure(stageBySftp(host, request(join(root, 'job'), { chunks: damaged() })));
    expect(existsSync(join(root, 'job'))).toBe(false);
    expect(existsSync(join(root, 'x'))).toBe(false);
  });
});

function sessionsOf(sshd: Sshd): number {
  return sshd.log().match(/Starting session: /g)?.length ?? 0;
}

function list(host: RemoteHost, root: string): Promise<RemoteEntry[]> {
  return listBySftp(host, { root, folders: ['run', 'nowhere'], signal: AbortSignal.timeout(20_000) });
}

describe.runIf(HAS_SSHD)('collecting files by SFTP', () => {
  test.each(BACK_ENDS)('lists, and brings odd names back byte for byte (%s)', async (transport) => {
    const { host } = await sftpOnlyHost(transport);
    const root = writeFiles(
      Object.fromEntries(ODD_NAMES.map((name, i) => [`run/${name}`, `content ${i} \0`])),
      join(tempFolder(), "it's $HOME"),
    );
    symlinkSync('/etc/passwd', join(root, 'run/link'));
    symlinkSync('/etc', join(root, 'run/linked folder'));
    execFileSync('mkfifo', [join(root, 'run/fifo')]);
    writeFileSync(Buffer.concat([Buffer.from(join(root, 'run/caf')), Buffer.from([0xe9])]), '');
    utimesSync(join(root, 'run/plain.txt'), 1_700_000_000, 1_700_000_000.75);
    const entries = await list(host, root);
    expect(new Set(filesOf(entries).map((e) => e.path))).toEqual(new Set(ODD_NAMES.map((name) => `run/${name}`)));
    const by = new Map(entries.map((e) => [e.path, e]));
    expect(['run', 'run/link', 'run/linked folder', 'run/fifo'].map((path) => by.get(path)?.kind)).toEqual([
      'folder',
      'link',
      'link',
      'other',
    ]);
    expect(by.get('run/plain.txt')).toMatchObject({ size: 11, modifiedAt: 1_700_000_000 });
    expect(entries.find((e) => e.path.startsWith('run/caf'))?.kind).toBe('other');
    expect(await list(host, join(root, 'nowhere'))).toEqual([]);
    const target = tempFolder();
    let bytes = 0;
    const signal = AbortSignal.timeout(20_000);
    await collectBySftp(host, { root, files: filesOf(entries), target, signal, onProgress: (n) => (bytes = n) });
    const tree = readTree(target);
    ODD_NAMES.forEach((name, i) => expect(tree[`run/${name}`], name).toBe(`content ${i} \0`));
    expect(Object.values(tree).filter((v) => v !== 'folder')).toHaveLength(ODD_NAMES.length);
    expect(bytes).toBe(11 * ODD_NAMES.length);
    expect(lstatSync(join(target, 'run/plain.txt')).mtimeMs).toBe(1_700_000_000_000);
  });

  test.each(BACK_ENDS)(
    'brings back two thousand files, large ones among them, and no rights of others (%s)',
    async (transport) => {
      const { host } = await sftpOnlyHost(transport);
      const big = Buffer.alloc(9_000_001, 'abcdefg');
      const root = writeFiles({ 'run/tool': 'x' });
      writeFileSync(join(root, 'run/big'), big);
      const folder = join(root, 'run', 'n'.repeat(200));
      mkdirSync(folder);
      for (let i = 0; i < 2000; i++) writeFileSync(join(folder, `file-${i}`), String(i).repeat(i % 7));
      linkSync(join(root, 'run/big'), join(root, 'run/same'));
      chmodSync(join(root, 'run/tool'), 0o6755);
      const target = tempFolder();
      const files = filesOf(await list(host, root));
      expect(files).toHaveLength(2003);
      await collectBySftp(host, { root, files, target, signal: AbortSignal.timeout(25_000) });
      const tree = readTree(target);
      expect(tree['run/same'] === big.toString('latin1') && tree['run/big'] === big.toString('latin1')).toBe(true);
      for (let i = 0; i < 2000; i++) expect(tree[`run/${'n'.repeat(200)}/file-${i}`]).toBe(String(i).repeat(i % 7));
      expect(lstatSync(join(target, 'run/tool')).mode & 0o7777).toBe(0o755);
    },
  );

  test.each([
    ['ssh2', 10],
    ['system', 10],
    ['ssh2', 1],
    ['ssh2', 2],
  ] as const)(
    'brings a large file back on several channels, if there are any (%s, MaxSessions %i)',
    async (transport, sessions) => {
      const { host, sshd } = await sftpOnlyHost(transport, [`MaxSessions ${sessions}`]);
      const root = writeFiles({ 'run/a': 'a' });
      const big = randomBytes(48_000_007);
      writeFileSync(join(root, 'run/big'), big);
      const files = filesOf(await list(host, root));
      const before = sessionsOf(sshd);
      const target = tempFolder();
      await collectBySftp(host, { root, files, target, signal: AbortSignal.timeout(25_000) });
      expect(readFileSync(join(target, 'run/big')).equals(big)).toBe(true);
      const opened = sessionsOf(sshd) - before;
      expect(opened).toBeGreaterThanOrEqual(sessions === 10 ? 2 : 1);
      // Nothing waits for a place any more.
      await list(host, root);
    },
  );

  test('says which file is not whole', async () => {
    const { host } = await sftpOnlyHost();
    const root = writeFiles({ 'run/a': 'a'.repeat(1000), 'run/b': 'bbb', 'run/grown': 'g' });
    const files = filesOf(await list(host, root));
    const collect = (target: string): Promise<void> =>
      collectBySftp(host, { root, files, target, signal: AbortSignal.timeout(10_000) });
    appendFileSync(join(root, 'run/grown'), 'rown');
    const target = tempFolder();
    await collect(target);
    expect(readTree(target)['run/grown']).toBe('grown');
    truncateSync(join(root, 'run/a'), 10);
    expect((await failure(collect(tempFolder()))).message).toBe('run/a came back with 10 of 1000 bytes.');
    rmSync(join(root, 'run/a'));
    expect((await failure(collect(tempFolder()))).message).toContain('run/a did not come back');
    mkdirSync(join(root, 'run/a'));
    expect((await failure(collect(tempFolder()))).message).toContain('Files could not be read on the site: run/a');
  });

  /** Brings back a file of 2 GiB; `bytes` counts those that have come. */
  async function collectBig(): Promise<{
    readonly proxy: Proxy;
    readonly sshd: Sshd;
    begin(signal: AbortSignal): Promise<Error>;
    bytes(): number;
  }> {
    const { host, proxy, sshd } = await hostBehindProxy(['ForceCommand internal-sftp']);
    const root = writeFiles({ 'run/big': '' });
    truncateSync(join(root, 'run/big'), 2 * 1024 ** 3);
    const files = filesOf(await list(host, root));
    const target = tempFolder();
    let bytes = 0;
    const begin = (signal: AbortSignal): Promise<Error> =>
      failure(collectBySftp(host, { root, files, target, signal, onProgress: (n) => (bytes = n) }));
    return { proxy, sshd, begin, bytes: () => bytes };
  }

  test('tells a cut', async () => {
    const { proxy, begin, bytes } = await collectBig();
    const broken = begin(AbortSignal.timeout(60_000));
    await eventually(() => bytes() > 8_000_000, 60);
    proxy.cut();
    expect(await broken).toMatchObject({ kind: 'lost' });
  }, 90_000);

  // Which of the channels is waited for when the way freezes is chance.
  test.each([1, 2, 3])(
    'stops when it is cancelled, with several channels that answer nothing any more (%i)',
    async () => {
      const { proxy, sshd, begin, bytes } = await collectBig();
      const before = sessionsOf(sshd);
      const abort = new AbortController();
      const stopped = begin(abort.signal);
      await eventually(() => sessionsOf(sshd) === before + 4, 60);
      const then = bytes();
      await eventually(() => bytes() > then + 32_000_000, 60);
      proxy.freeze();
      const began = performance.now();
      abort.abort();
      expect(await stopped).toBe(abort.signal.reason);
      expect(performance.now() - began).toBeLessThan(1000);
    },
    90_000,
  );

  test('writes nothing but below its folder, whatever it is asked for', async () => {
    const { host } = await sftpOnlyHost();
    const root = writeFiles({ 'run/a': 'a', outside: 'o' });
    const target = join(tempFolder(), 'target');
    mkdirSync(target);
    for (const path of ['../escaped', '/tmp/escaped', 'run/../../escaped']) {
      const files: RemoteEntry[] = [{ path, kind: 'file', size: 0, modifiedAt: 0 }];
      const error = await failure(collectBySftp(host, { root, files, target, signal: AbortSignal.timeout(10_000) }));
      expect(error.message).toContain('leads out of its folder');
    }
    expect(readTree(join(target, '..'))).toEqual({ target: 'folder' });
  });
});
