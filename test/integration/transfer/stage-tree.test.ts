import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { StageError, stageTree } from '../../../electron/core/transfer/stage-tree.ts';
import type { StageRequest } from '../../../electron/core/transfer/stage-tree.ts';
import { compress, packEntries, packLocalTree } from '../../../electron/core/transfer/tar-pack.ts';
import type { Compression, LocalEntry } from '../../../electron/core/transfer/tar-pack.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { endless, expectPromptStop, failure, fileEntry, hostBehindProxy, ODD_NAMES, readTree } from './transfer-lab.ts';

async function* chunksOf(
  files: Readonly<Record<string, string>>,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  for (const [path, text] of Object.entries(files)) yield compress(packEntries([fileEntry(path, text)]), compression);
}

function request(target: string, more: Partial<StageRequest> = {}): StageRequest {
  return {
    target,
    token: 'abc',
    compression: 'none',
    chunks: chunksOf({ a: 'one', 'b/c': 'two' }, more.compression ?? 'none'),
    expected: () => ({ files: 2 }),
    signal: AbortSignal.timeout(25_000),
    ...more,
  };
}

describe.runIf(HAS_SSHD)('staging a tree', () => {
  test.each(['zstd', 'gzip', 'none'] as const)('lays out odd names byte for byte (%s)', async (compression) => {
    const { host } = useHost(specOf(await startSshd()));
    const files = Object.fromEntries(ODD_NAMES.map((name, i) => [name, `content ${i} \0\xff`]));
    const root = tempFolder();
    const target = join(root, "work 'quoted' $HOME", 'job');
    let bytes = 0;
    await stageTree(
      host,
      request(target, {
        compression,
        chunks: chunksOf(files, compression),
        expected: () => ({ files: ODD_NAMES.length }),
        onProgress: (n) => (bytes = n),
      }),
    );
    const tree = readTree(target);
    for (const [name, text] of Object.entries(files))
      expect(tree[name], name).toBe(Buffer.from(text).toString('latin1'));
    expect(Object.values(tree).filter((v) => v !== 'folder')).toHaveLength(ODD_NAMES.length);
    expect(bytes).toBeGreaterThan(0);
    expect(readdirSync(join(target, '..'))).toEqual(['job']);
    expect(existsSync(join(process.env['HOME'] ?? '/root', 'pwned'))).toBe(false);
  });

  test('sends files of this workstation with modes, times and links', async () => {
    const { host } = useHost(specOf(await startSshd()));
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
      entry('run.sh', 0o755),
      entry('mesh.bin', 0o444),
      entry('empty', 0o600),
      { kind: 'local-link', path: 'sub/link', source: join(source, 'link'), modifiedAt: 0 },
    ];
    const target = join(tempFolder(), 'job');
    await stageTree(
      host,
      request(target, {
        compression: 'zstd',
        chunks: packLocalTree(entries, 'zstd'),
        expected: () => ({ files: 4 }),
      }),
    );
    const tree = readTree(target);
    expect(tree['sub/mesh.bin']).toBe('m'.repeat(3_000_001));
    expect([tree['sub/empty'], tree['sub/link']]).toEqual(['', '-> mesh.bin']);
    const stat = lstatSync(join(target, 'sub/run.sh'));
    expect([stat.mode & 0o7777, stat.mtimeMs, stat.uid]).toEqual([0o755, 1_600_000_000_000, 0]);
    expect(lstatSync(join(target, 'sub/mesh.bin')).mode & 0o7777).toBe(0o444);
    const short = { ...entry('empty', 0o600), size: 10 } as LocalEntry;
    const again = join(tempFolder(), 'job');
    const error = await failure(stageTree(host, request(again, { chunks: packLocalTree([short], 'none') })));
    expect(error.message).toContain('became shorter');
    expect(existsSync(again)).toBe(false);
  });

  test('leaves nothing visible when the connection breaks, and is repeated with success', async () => {
    const { host, proxy } = await hostBehindProxy();
    const root = tempFolder();
    const target = join(root, 'job');
    let bytes = 0;
    const broken = failure(stageTree(host, request(target, { chunks: endless(), onProgress: (n) => (bytes = n) })));
    await eventually(() => bytes > 8_000_000);
    expect(existsSync(target)).toBe(false);
    proxy.cut();
    const error = await broken;
    expect(error).toBeInstanceOf(RemoteError);
    expect([(error as RemoteError).kind, (error as RemoteError).sent]).toEqual(['lost', true]);
    expect(existsSync(target)).toBe(false);
    expect(readdirSync(root)).toHaveLength(1);
    await stageTree(host, request(target));
    expect(readTree(root)).toEqual({ job: 'folder', 'job/a': 'one', 'job/b': 'folder', 'job/b/c': 'two' });
  });

  test('leaves a target that is there as it is, and no half beside it', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles({ 'job/first': '1' });
    await stageTree(host, request(join(root, 'job')));
    expect(readTree(root)).toEqual({ job: 'folder', 'job/first': '1' });
  });

  test('stops within a second when it is cancelled, and takes no more than fits in flight', async () => {
    const { host, proxy } = await hostBehindProxy();
    const target = join(tempFolder(), 'job');
    await host.run(':');
    await expectPromptStop(proxy, target, (more) => stageTree(host, request(target, more)));
  });

  test('says in the words of the site what is wrong there', async () => {
    const sshd = await startSshd();
    const { host } = useHost(specOf(sshd));
    const mount = (options: string): string => {
      const folder = tempFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
      onTestFinished(() => void execFileSync('umount', ['-l', folder]));
      return folder;
    };
    const small = mount('size=1m');
    const full = await failure(stageTree(host, request(join(small, 'job'), { chunks: endless() })));
    expect(full).toBeInstanceOf(StageError);
    expect((full as StageError).kind).toBe('space');
    expect(full.message).toMatch(/no room.*No space left on device/);
    const denied = await failure(stageTree(host, request(join(mount('ro,size=1m'), 'x', 'job'))));
    expect([(denied as StageError).kind, denied.message]).toEqual([
      'permission',
      expect.stringContaining('Read-only file system'),
    ]);
    const root = tempFolder();
    const fewer = await failure(stageTree(host, request(join(root, 'job'), { expected: () => ({ files: 3 }) })));
    expect(fewer.message).toContain('2 of 3 files arrived');
    expect(existsSync(join(root, 'job'))).toBe(false);
    const damaged = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(100_000, 'no tar');
    };
    expect(await failure(stageTree(host, request(join(root, 'job'), { chunks: damaged() })))).toBeInstanceOf(
      StageError,
    );
    expect(existsSync(join(root, 'job'))).toBe(false);
  });

  test('names the program that the site lacks', async () => {
    const bin = tempFolder();
    chmodSync(bin, 0o755);
    for (const name of ['sh', 'mkdir', 'rm', 'mv', 'find', 'wc', 'cat', 'sleep'])
      symlinkSync(`/usr/bin/${name}`, join(bin, name));
    const { host } = useHost(specOf(await startSshd({ env: { PATH: bin } })));
    const root = tempFolder();
    const noTar = await failure(stageTree(host, request(join(root, 'job'))));
    expect(noTar.message).toMatch(/tar: .*not found/);
    symlinkSync('/usr/bin/tar', join(bin, 'tar'));
    const noZstd = await failure(stageTree(host, request(join(root, 'job'), { compression: 'zstd' })));
    expect(noZstd.message).toMatch(/zstd: .*not found/);
    await stageTree(host, request(join(root, 'job')));
    expect(existsSync(join(root, 'job/b/c'))).toBe(true);
  });

  test('serves a site whose tools are busybox', async () => {
    const bin = tempFolder();
    chmodSync(bin, 0o755);
    execFileSync('/usr/bin/busybox', ['--install', '-s', bin]);
    const { host } = useHost(specOf(await startSshd({ env: { PATH: bin } })));
    const root = tempFolder();
    const names = ODD_NAMES.filter((name) => name.length < 300);
    const files = Object.fromEntries(names.map((name, i) => [name, `content ${i}`]));
    for (const compression of ['gzip', 'none'] as const) {
      const target = join(root, compression);
      const chunks = chunksOf(files, compression);
      await stageTree(host, request(target, { compression, chunks, expected: () => ({ files: names.length }) }));
      const tree = readTree(target);
      for (const [name, text] of Object.entries(files)) expect(tree[name], name).toBe(text);
    }
  });
});
