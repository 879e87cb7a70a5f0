import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EndError } from '../../../electron/core/transfer/ends/far-end.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { newUser } from '../ssh/ssh-users.ts';
import { BACK_ENDS, sftpOnlyHost } from './sftp-lab.ts';
import { ALL_TOOLS, endOf, NO_TOOLS, python, readText, sha256, soon, walked } from './ssh-end-lab.ts';
import { failure, ODD_NAMES } from './transfer-lab.ts';

/** A name that is no UTF-8, as this process knows it. */
const NO_UTF8 = 'caf\udce9.dat';

/** A tree with everything that a walk can meet. */
function oddTree(): string {
  const root = writeFiles(Object.fromEntries(ODD_NAMES.map((name) => [name, `content of ${name}`])));
  mkdirSync(join(root, 'empty'));
  symlinkSync('plain.txt', join(root, 'to-file'));
  symlinkSync('a', join(root, 'to-folder'));
  symlinkSync('nowhere', join(root, 'to-nothing'));
  python('import os, sys; os.mkfifo(os.path.join(sys.argv[1], "pipe"))', root);
  python(`import sys; open(sys.argv[1].encode() + b"/caf\\xe9.dat", "w").write("latin")`, root);
  chmodSync(join(root, 'plain.txt'), 0o640);
  utimesSync(join(root, 'plain.txt'), 1_700_000_000.25, 1_700_000_000.25);
  return root;
}

describe.runIf(HAS_SSHD)('looking at the files of a host', () => {
  test.each(BACK_ENDS)('a folder, its odd names and what its links lead to (%s)', async (transport) => {
    const { host } = useHost(specOf(await startSshd()), { deps: { transport } });
    const end = endOf(host);
    const root = oddTree();
    const { entries, truncated } = await end.list(root, soon());
    const found = new Map(entries.map((entry) => [entry.path, entry]));
    expect(truncated).toBe(false);
    for (const name of ODD_NAMES.filter((n) => !n.includes('/'))) expect(found.get(name)?.kind).toBe('file');
    expect(found.get(NO_UTF8)).toMatchObject({ kind: 'file', size: 5 });
    expect(found.get('plain.txt')).toMatchObject({ size: 20, mode: 0o640, modifiedAt: 1_700_000_000_000 });
    expect(found.get('to-file')).toMatchObject({ kind: 'link', linkTarget: 'plain.txt', leadsTo: 'file' });
    expect(found.get('to-folder')).toMatchObject({ kind: 'link', linkTarget: 'a', leadsTo: 'folder' });
    expect(found.get('to-nothing')).toMatchObject({ kind: 'link', linkTarget: 'nowhere', leadsTo: null });
    expect(found.get('pipe')?.kind).toBe('other');
    expect(found.get('empty')).toMatchObject({ kind: 'folder', size: 0 });

    const odd = join(root, NO_UTF8);
    expect((await end.read(odd, 1, 3, soon())).toString()).toBe('ati');
    expect((await end.read(odd, 3, 100, soon())).toString()).toBe('in');
    expect((await end.read(odd, 100, 100, soon())).length).toBe(0);
    await end.rename(odd, join(root, 'coffee.dat'), soon());
    expect(readText(join(root, 'coffee.dat'))).toBe('latin');
    expect(await end.stat(odd, soon())).toBeNull();
    expect(await end.resolve(join(root, 'to-folder', '..', 'to-folder'), soon())).toBe(join(root, 'a'));
  });

  test('paths begin at home, and failures say what is wrong', async () => {
    const sshd = await startSshd();
    const end = endOf(useHost(specOf(sshd)).host);
    expect(await end.resolve('.', soon())).toBe(await end.resolve('~', soon()));
    const home = await end.resolve('', soon());
    const name = `slipway-browse-${process.pid}`;
    onTestFinished(() => rmSync(join(home, name), { recursive: true, force: true }));
    await end.makeFolder(`~/${name}/deep/er`, soon());
    await end.makeFolder(`${name}/deep/er`, soon());
    expect(existsSync(join(home, name, 'deep/er'))).toBe(true);

    const root = writeFiles({ a: 'one', b: 'two' });
    const kindOf = async (work: Promise<unknown>): Promise<string> => ((await failure(work)) as EndError).problem.kind;
    expect(await kindOf(end.rename(join(root, 'a'), join(root, 'b'), soon()))).toBe('exists');
    expect(await kindOf(end.makeFolder(join(root, 'a'), soon()))).toBe('exists');
    expect(await kindOf(end.list(join(root, 'none'), soon()))).toBe('not-found');
    expect(await kindOf(end.resolve(join(root, 'none'), soon()))).toBe('not-found');
    expect(await kindOf(end.read(root, 0, 10, soon()))).toBe('other');
    expect(await kindOf(end.rename(join(root, 'none'), join(root, 'c'), soon()))).toBe('not-found');
    expect([readText(join(root, 'a')), readText(join(root, 'b'))]).toEqual(['one', 'two']);
  });

  test('room is what the file system tells, or less where a quota leaves less', async () => {
    const bin = tempFolder();
    const sshd = await startSshd({ env: { PATH: `${bin}:/usr/bin:/bin` } });
    const root = tempFolder();
    const free = (): number => Number(statfsSync(root).bavail) * statfsSync(root).bsize;
    const plain = await endOf(useHost(specOf(sshd)).host).space(root, soon());
    expect(Math.abs(plain.freeBytes! - free())).toBeLessThan(1024 ** 3);
    writeFileSync(
      join(bin, 'quota'),
      '#!/bin/sh\necho "Disk quotas for user me (uid 1): "\necho " Filesystem blocks quota limit grace files quota limit grace"\necho " nfs:/home 600* 500 1000 6days 7 0 10"\n',
      { mode: 0o755 },
    );
    const limited = await endOf(useHost(specOf(sshd)).host).space(root, soon());
    expect(limited).toEqual({ freeBytes: 0, freeFiles: 3 });
  });
});

describe.runIf(HAS_SSHD)('the trash of a host', () => {
  test('takes files and folders under the paths that they had, and says where', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const end = endOf(host);
    const home = await end.resolve('.', soon());
    const root = mkdtempSync(join(home, '.slipway-test-'));
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    mkdirSync(join(root, 'sub/inner'), { recursive: true });
    writeFileSync(join(root, 'sub/inner/x'), 'x');
    writeFileSync(join(root, 'y'), 'y');
    const paths = [join(root, 'sub'), join(root, 'y'), join(root, 'gone')];
    const { trashedTo, outcomes } = await end.trash(paths, soon());
    onTestFinished(() => rmSync(trashedTo!, { recursive: true, force: true }));
    expect(trashedTo).toMatch(/\.local\/share\/slipway\/trash\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d/);
    expect(outcomes.map(({ problem }) => problem?.kind ?? null)).toEqual([null, null, 'not-found']);
    expect(readdirSync(root)).toEqual([]);
    expect(readText(join(trashedTo!, root, 'sub/inner/x'))).toBe('x');
    expect(readText(join(trashedTo!, root, 'y'))).toBe('y');
  });

  test('lies beside the files where home is on another file system, for nothing is copied', async () => {
    const { host } = useHost(specOf(await startSshd()));
    const root = mkdtempSync('/dev/shm/slipway-trash-');
    onTestFinished(() => rmSync(root, { recursive: true, force: true }));
    writeFileSync(join(root, 'x'), 'x');
    const end = endOf(host);
    const { trashedTo } = await end.trash([join(root, 'x')], soon());
    expect(trashedTo).toContain(join(root, '.slipway-trash/'));
    expect(readText(join(trashedTo!, root, 'x'))).toBe('x');
    // What is in the trash is no part of a tree.
    expect([...(await walked(end, root)).keys()]).toEqual([]);
  });
});

describe.runIf(HAS_SSHD)('a walk', () => {
  test('tells the same by find and by SFTP, every name byte for byte, with hashes where asked', async () => {
    const sshd = await startSshd();
    const root = oddTree();
    mkdirSync(join(root, '.slipway-part-0123'));
    const byFind = await walked(endOf(useHost(specOf(sshd)).host), root, true);
    const bySftp = await walked(endOf(useHost(specOf(sshd)).host, NO_TOOLS), root, true);
    const { host } = await sftpOnlyHost();
    const withoutShell = await walked(endOf(host, NO_TOOLS), root, true);
    expect(byFind.has('.slipway-part-0123')).toBe(false);
    for (const name of ODD_NAMES)
      expect(byFind.get(name)).toMatchObject({ kind: 'file', sha256: sha256(`content of ${name}`) });
    expect(byFind.get(NO_UTF8)).toMatchObject({ kind: 'file', sha256: sha256('latin') });
    expect(byFind.get('to-folder')).toMatchObject({ kind: 'link', linkTarget: 'a' });
    expect(byFind.get('plain.txt')!.modifiedAt).toBe(1_700_000_000_250);
    // SFTP knows whole seconds, and nobody hashes without a shell.
    const coarse = (found: typeof byFind): unknown[] =>
      [...found.values()]
        .map(({ sha256: _hash, ...entry }) => ({
          ...entry,
          modifiedAt: Math.floor(entry.modifiedAt! / 1000),
          mode: entry.kind === 'link' ? 0 : entry.mode,
          size: entry.kind === 'file' ? entry.size : 0,
        }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    expect(coarse(bySftp)).toEqual(coarse(byFind));
    expect(coarse(withoutShell)).toEqual(coarse(byFind));
    expect(bySftp.get('plain.txt')!.sha256).toBe(byFind.get('plain.txt')!.sha256);
    expect([...withoutShell.values()].some((entry) => entry.sha256 !== undefined)).toBe(false);
    expect((await walked(endOf(host, NO_TOOLS), join(root, 'none'))).size).toBe(0);
  });

  test.each(['openssl', 'sha256sum'])('hashes with %s alike where there is no python3', async (program) => {
    const bin = tempFolder();
    const broken = ['python3', ...(program === 'openssl' ? [] : ['openssl'])];
    for (const name of broken) writeFileSync(join(bin, name), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    const sshd = await startSshd({ env: { PATH: `${bin}:/usr/bin:/bin` } });
    const root = oddTree();
    const found = await walked(endOf(useHost(specOf(sshd)).host), root, true);
    for (const name of ODD_NAMES) expect(found.get(name)?.sha256).toBe(sha256(`content of ${name}`));
    expect(found.get(NO_UTF8)?.sha256).toBe(sha256('latin'));
  });

  test.each(['tcsh', 'fish'] as const)(
    'works behind a noisy %s, and tells a folder that may not be read as one that is not known',
    async (shell) => {
      const user = newUser(shell);
      const sshd = await startSshd();
      const root = writeFiles({ 'open/a': 'a', 'closed/b': 'b' });
      chmodSync(root, 0o755);
      chmodSync(join(root, 'closed'), 0o700);
      const spec = specOf(sshd, { user: user.name });
      for (const tools of [ALL_TOOLS, NO_TOOLS]) {
        const end = endOf(useHost(spec).host, tools);
        const found = await walked(end, root);
        expect([...found.values()].map(({ path, kind }) => [path, kind]).toSorted()).toEqual([
          ['closed', 'other'],
          ['open', 'folder'],
          ['open/a', 'file'],
        ]);
        const error = (await failure(walked(end, join(root, 'closed')))) as EndError;
        expect(error.problem.kind).toBe('permission');
      }
    },
  );
});
