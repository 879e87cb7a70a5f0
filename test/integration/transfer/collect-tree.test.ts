import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { collectFiles } from '../../../electron/core/transfer/collect-tree.ts';
import { listRemote } from '../../../electron/core/transfer/list-remote.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { failure, filesOf, hostBehindProxy, ODD_NAMES, readTree } from './transfer-lab.ts';

const NO_TOOLS = { zstd: false, gzip: false, gnuFind: true };

function list(host: Parameters<typeof listRemote>[0], root: string, tools = NO_TOOLS): ReturnType<typeof listRemote> {
  return listRemote(host, tools, { root, folders: ['run'], signal: AbortSignal.timeout(20_000) });
}

describe.runIf(HAS_SSHD)('collecting files', () => {
  test.each([
    { zstd: true, gzip: true, gnuFind: true },
    { zstd: false, gzip: true, gnuFind: true },
    { zstd: false, gzip: false, gnuFind: true },
  ])('brings odd names back byte for byte ($zstd, $gzip)', async (tools) => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles(
      Object.fromEntries(ODD_NAMES.map((name, i) => [`run/${name}`, `content ${i} \0`])),
      join(tempFolder(), "it's $HOME"),
    );
    symlinkSync('/etc/passwd', join(root, 'run/link'));
    const entries = await list(host, root, tools);
    expect(new Set(filesOf(entries).map((e) => e.path))).toEqual(new Set(ODD_NAMES.map((name) => `run/${name}`)));
    expect(entries.find((e) => e.path === 'run/link')?.kind).toBe('link');
    const target = tempFolder();
    let bytes = 0;
    const signal = AbortSignal.timeout(20_000);
    const files = filesOf(entries);
    await collectFiles(host, tools, { root, files, target, signal, onProgress: (n) => (bytes = n) });
    const tree = readTree(target);
    ODD_NAMES.forEach((name, i) => expect(tree[`run/${name}`], name).toBe(`content ${i} \0`));
    expect(Object.values(tree).filter((v) => v !== 'folder')).toHaveLength(ODD_NAMES.length);
    expect(bytes).toBeGreaterThan(0);
    const stat = lstatSync(join(target, 'run/plain.txt'));
    expect(Math.floor(stat.mtimeMs / 1000)).toBe(Math.floor(lstatSync(join(root, 'run/plain.txt')).mtimeMs / 1000));
  });

  test('brings back thousands of files whose names fill no command line, hard links, and no rights of others', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles({ 'run/big': 'b'.repeat(5_000_000), 'run/tool': 'x' });
    const folder = join(root, 'run', 'n'.repeat(200));
    mkdirSync(folder);
    for (let i = 0; i < 3000; i++) writeFileSync(join(folder, `file-${i}`), String(i));
    linkSync(join(root, 'run/big'), join(root, 'run/same'));
    chmodSync(join(root, 'run/tool'), 0o6755);
    const target = tempFolder();
    const files = filesOf(await list(host, root));
    expect(files).toHaveLength(3003);
    await collectFiles(host, { zstd: true, gzip: true }, { root, files, target, signal: AbortSignal.timeout(25_000) });
    expect(readFileSync(join(target, 'run/same')).equals(readFileSync(join(target, 'run/big')))).toBe(true);
    expect(readFileSync(join(target, 'run', 'n'.repeat(200), 'file-2999'), 'utf8')).toBe('2999');
    expect(lstatSync(join(target, 'run/tool')).mode & 0o7777).toBe(0o755);
  });

  test('leaves no timer behind that would keep a command alive', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles({ 'run/a': 'a' });
    const files = filesOf(await list(host, root));
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const target = tempFolder();
    await collectFiles(host, NO_TOOLS, { root, files, target, signal: new AbortController().signal });
    // A second script's answer: by then the channel of the first has told all that it had to tell.
    await host.run(':');
    expect(timers()).toBe(before);
  });

  test('says which file is not whole', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles({ 'run/a': 'a'.repeat(1000), 'run/b': 'bbb', 'run/grown': 'g' });
    const files = filesOf(await list(host, root));
    const collect = (target: string): Promise<void> =>
      collectFiles(host, NO_TOOLS, { root, files, target, signal: AbortSignal.timeout(10_000) });
    appendFileSync(join(root, 'run/grown'), 'rew');
    const target = tempFolder();
    await collect(target);
    expect(readFileSync(join(target, 'run/grown'), 'utf8')).toBe('grew');
    truncateSync(join(root, 'run/a'), 10);
    expect((await failure(collect(tempFolder()))).message).toContain('run/a came back with 10 of 1000 bytes');
    execFileSync('rm', [join(root, 'run/b')]);
    expect((await failure(collect(tempFolder()))).message).toMatch(/run\/b: .*No such file/);
    const gone = collectFiles(host, NO_TOOLS, {
      root: join(root, 'nowhere'),
      files,
      target: tempFolder(),
      signal: AbortSignal.timeout(10_000),
    });
    expect((await failure(gone)).message).toContain('nowhere');
  });

  test('takes no zeros for what a file lost while it was read', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = writeFiles({ 'run/a': '' });
    // tar sees a size and then reads less: it fills up with zeros.
    truncateSync(join(root, 'run/a'), 0);
    const bin = tempFolder();
    chmodSync(bin, 0o755);
    const shrink = `#!/bin/sh\n/usr/bin/tar "$@"\necho 'tar: ./run/a: File shrank by 5 bytes; padding with zeros' >&2\nexit 1\n`;
    writeFileSync(join(bin, 'tar'), shrink, { mode: 0o755 });
    const other = useHost(specOf(await startSshd({ env: { PATH: `${bin}:/usr/bin` } })));
    const files = filesOf(await list(host, root));
    const request = { root, files, target: tempFolder(), signal: AbortSignal.timeout(10_000) };
    expect((await failure(collectFiles(other.host, NO_TOOLS, request))).message).toContain('shrank');
  });

  test('fails when the connection breaks, and stops within a second when it is cancelled', async () => {
    for (const tools of [NO_TOOLS, { zstd: true, gzip: true }]) {
      const { host, proxy } = await hostBehindProxy();
      const root = tempFolder();
      mkdirSync(join(root, 'run'));
      execFileSync('sh', ['-c', 'head -c 200000000 /dev/urandom >run/big'], { cwd: root });
      const files = filesOf(await list(host, root));
      let bytes = 0;
      const collect = (signal: AbortSignal): Promise<Error> => {
        bytes = 0;
        const request = { root, files, target: tempFolder(), signal, onProgress: (n: number) => (bytes = n) };
        return failure(collectFiles(host, tools, request));
      };
      const cut = collect(AbortSignal.timeout(20_000));
      await eventually(() => bytes > 1_000_000);
      proxy.cut();
      const error = await cut;
      expect(error).toBeInstanceOf(RemoteError);
      expect((error as RemoteError).kind).toBe('lost');
      await host.run(':');
      const abort = new AbortController();
      const cancelled = collect(abort.signal);
      await eventually(() => bytes > 1_000_000);
      proxy.freeze();
      const began = performance.now();
      abort.abort();
      await cancelled;
      expect(performance.now() - began).toBeLessThan(1000);
    }
  });

  test('writes nothing that it did not ask for, and nothing outside, whatever a server sends', async () => {
    const evil = tempFolder();
    const outside = tempFolder();
    const make = (script: string): string => {
      const path = join(evil, `${script.length}.tar`);
      execFileSync('python3', [
        '-c',
        `import tarfile, io\nt = tarfile.open(${JSON.stringify(path)}, 'w')\n${script}\nt.close()`,
      ]);
      return path;
    };
    const add = (name: string, more = '', data = 'evil'): string =>
      `i = tarfile.TarInfo(${JSON.stringify(name)}); i.size = ${data.length}; ${more}\nt.addfile(i, io.BytesIO(b'${data}'))`;
    const link = (name: string, to: string, type: string): string =>
      `i = tarfile.TarInfo(${JSON.stringify(name)}); i.type = tarfile.${type}; i.linkname = ${JSON.stringify(to)}\nt.addfile(i)`;
    const archives = [
      [add('../escaped'), add(`${outside}/escaped`), add('./run/../../escaped'), add('run/other'), add('run/a')],
      [link('./run', outside, 'SYMTYPE'), add('./run/a')],
      [link('./run/a', join(outside, 'victim'), 'SYMTYPE'), add('./run/a')],
      [link('./run/a', join(outside, 'victim'), 'LNKTYPE'), add('./run/a')],
      [link('./run/a', '../../victim', 'LNKTYPE')],
      [`i = tarfile.TarInfo('./run/a'); i.type = tarfile.FIFOTYPE\nt.addfile(i)`, add('./run/a')],
    ].map((lines) => make(lines.join('\n')));
    writeFileSync(join(outside, 'victim'), 'whole');
    const bin = tempFolder();
    chmodSync(bin, 0o755);
    const { host } = useHost(specOf(await startSshd({ env: { PATH: `${bin}:/usr/bin` } })));
    for (const archive of archives) {
      writeFileSync(join(bin, 'tar'), `#!/bin/sh\ncat ${archive}\n`, { mode: 0o755 });
      const parent = tempFolder();
      const target = join(parent, 'target');
      mkdirSync(target);
      const files = [{ path: 'run/a', kind: 'file', size: 4, modifiedAt: 0 }] as const;
      const request = { root: dirname(archive), files, target, signal: AbortSignal.timeout(10_000) };
      await collectFiles(host, NO_TOOLS, request).catch(() => null);
      expect(readTree(outside)).toEqual({ victim: 'whole' });
      expect(Object.keys(readTree(parent)).filter((p) => !/^target(\/run(\/a)?)?$/.test(p))).toEqual([]);
      const got = join(target, 'run/a');
      if (existsSync(got)) expect([lstatSync(got).isFile(), readFileSync(got, 'utf8')]).toEqual([true, 'evil']);
    }
  });
});
