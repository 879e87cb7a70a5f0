import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { EndEntry, SendSession } from '../../../electron/core/transfer/ends/far-end.ts';
import { EndError } from '../../../electron/core/transfer/ends/far-end.ts';
import type { SshEnd } from '../../../electron/core/transfer/ends/ssh/ssh-end.ts';
import { headerOf } from '../../../electron/core/transfer/tar-pack.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { newUser } from '../ssh/ssh-users.ts';
import { BACK_ENDS, sftpOnlyHost } from './sftp-lab.ts';
import {
  again,
  endOf,
  incoming,
  NO_TOOLS,
  outgoing,
  PIECE,
  piecesOf,
  problemsOf,
  readText,
  sendInPieces,
  soon,
  walked,
} from './ssh-end-lab.ts';
import { failure, hostBehindProxy, ODD_NAMES } from './transfer-lab.ts';

const ASIDE = '.slipway-part-t1';

function open(end: SshEnd, root: string, transfer = 't1'): Promise<SendSession> {
  return end.send({ root, transfer }, soon());
}

const WAYS = ['shell', 'sftp', 'shell, two sessions at most'] as const;

/** A far end that has a shell, or only SFTP. */
async function endBy(way: (typeof WAYS)[number], transport: (typeof BACK_ENDS)[number]): Promise<SshEnd> {
  if (way === 'sftp') return endOf((await sftpOnlyHost(transport)).host, NO_TOOLS);
  const sshd = await startSshd(way === 'shell' ? {} : { config: ['MaxSessions 2'] });
  return endOf(useHost(specOf(sshd), { deps: { transport } }).host);
}

describe.runIf(HAS_SSHD).each(BACK_ENDS)('by %s', (transport) => {
  test.each(WAYS)('a tree goes there and comes back as it was (%s)', async (way) => {
    const end = await endBy(way, transport);
    const root = join(tempFolder(), 'new', 'root');
    const session = await open(end, root);
    const small = ODD_NAMES.map((name, i) =>
      outgoing(name, `content of ${name}`.repeat(1 + 40 * i), { mode: i === 0 ? 0o4750 : 0o640 }),
    );
    small.push(outgoing('empty', ''), outgoing('caf\udce9', 'latin'));
    const noise = randomBytes(PIECE + 3_000_000);
    // A hole in the middle.
    const large = outgoing('sub/large.bin', Buffer.concat([noise, Buffer.alloc(9_000_000), noise]));
    let bytes = 0;
    const sent = await session.sendBundle(small, soon(), (n) => (bytes += n));
    expect(problemsOf(sent)).toEqual({});
    expect(bytes).toBe(small.reduce((sum, { size }) => sum + size, 0));
    await sendInPieces(session, large);
    expect(readdirSync(root)).toEqual([ASIDE]);
    await session.makeFolders([{ path: 'folder/empty', mode: 0o750 }], soon());
    const links = [
      { path: 'folder/link', target: '../plain.txt' },
      { path: 'caf\udce9-link', target: 'caf\udce9' },
    ];
    expect(problemsOf(await session.makeLinks(links, soon()))).toEqual({});
    expect(problemsOf(await session.makeLinks(links, soon()))).toEqual({});
    const publications = [...small, large].map(({ publication }) => publication);
    expect(problemsOf(await session.publish(publications, soon()))).toEqual({});
    // A call whose answer was lost is made again.
    expect(problemsOf(await session.publish(publications, soon()))).toEqual({});
    await session.discard(soon());
    await session.close();

    expect(readdirSync(root, { encoding: 'latin1' })).not.toContain(ASIDE);
    for (const { path, size } of small.filter((file) => file.path.isWellFormed()))
      expect(lstatSync(join(root, path)).size).toBe(size);
    expect(lstatSync(join(root, 'plain.txt')).mode & 0o7777).toBe(0o750);
    expect(lstatSync(join(root, 'sub/large.bin')).mtimeMs).toBe(1_700_000_000_000);
    expect(lstatSync(join(root, 'sub/large.bin')).blocks * 512).toBeLessThan(large.size - 8_000_000);
    expect(lstatSync(join(root, 'folder/empty')).mode & 0o777).toBe(0o750);

    const found = await walked(end, root);
    const files = [...found.values()].filter(({ kind }) => kind === 'file');
    const fetching = await end.fetch({ root, transfer: 't2' }, soon());
    const back = incoming();
    const isLarge = ({ size }: EndEntry): boolean => size > PIECE;
    const bundle = files.filter((file) => !isLarge(file));
    expect(problemsOf(await fetching.fetchBundle(bundle, back.take, soon(), () => {}))).toEqual({});
    const [entry] = files.filter(isLarge);
    const into = back.take(entry!.path);
    await Promise.all(piecesOf(entry!.size).map((piece) => fetching.fetchPiece(entry!, into, piece, soon(), () => {})));
    // An empty file comes without any bytes.
    expect([...back.files().keys(), 'empty'].toSorted()).toEqual([...small, large].map(({ path }) => path).toSorted());
    const came = back.files();
    for (const file of [...small, large])
      expect((came.get(file.path) ?? Buffer.alloc(0)).equals(await file.read(0, file.size))).toBe(true);
    const hashes = await fetching.hashes(['sub/large.bin', 'none'], soon());
    expect(hashes.get('sub/large.bin')).toBe(way === 'sftp' ? null : large.publication.sha256);
    expect(hashes.get('none')).toBeNull();
    await fetching.close();
  });
});

describe.runIf(HAS_SSHD)('what is sent to a host', () => {
  test.each(['shell', 'sftp'] as const)('stays aside when it is not what was meant (%s)', async (way) => {
    const end = await endBy(way, 'ssh2');
    const root = tempFolder();
    writeFileSync(join(root, 'b'), 'the old one');
    const session = await open(end, root);
    const [a, b] = [outgoing('a', 'one'), outgoing('b', 'two')];
    await session.sendBundle([a, b], soon(), () => {});
    const wrong = { ...b.publication, sha256: a.publication.sha256, size: 4 };
    const outcomes = await session.publish([a.publication, wrong], soon());
    expect(problemsOf(outcomes)).toEqual({ b: 'corrupt' });
    expect([readText(join(root, 'a')), readText(join(root, 'b'))]).toEqual(['one', 'the old one']);
    expect(readdirSync(join(root, ASIDE)).length).toBe(1);
    // A session of another day knows nothing and looks again.
    const later = await open(end, root);
    expect(problemsOf(await later.publish([b.publication], soon()))).toEqual({});
    expect(readText(join(root, 'b'))).toBe('two');
  });

  test('goes on where it was when the connection broke', async () => {
    const { host, proxy } = await hostBehindProxy();
    const end = endOf(host);
    const root = tempFolder();
    const file = outgoing('large', randomBytes(3 * PIECE));
    const [first, ...others] = piecesOf(file.size);
    const session = await open(end, root);
    const ticket = (await session.beginPieces(file, null, soon()))!;
    await session.sendPiece(file, ticket, first!, soon(), () => {});
    const cut = others.map((piece) => {
      const sending = session.sendPiece(file, ticket, piece, soon(), () => proxy.cut());
      return failure(sending);
    });
    for (const error of await Promise.all(cut)) expect((error as EndError).problem.kind).toBe('transient');

    const later = await open(endOf(host), root);
    expect(await later.beginPieces({ ...file, size: file.size + 1 }, ticket, soon())).toBeNull();
    expect(await later.beginPieces(outgoing('other', 'x'), ticket, soon())).toBeNull();
    expect(await later.beginPieces(file, ticket, soon())).toBe(ticket);
    await Promise.all(others.map((piece) => later.sendPiece(file, ticket, piece, soon(), () => {})));
    await later.endPieces(file, ticket, [], soon());
    expect(problemsOf(await later.publish([file.publication], soon()))).toEqual({});
    expect(readFileSync(join(root, 'large')).equals(await file.read(0, file.size))).toBe(true);
  });

  test.each(['shell', 'sftp'] as const)('is written through no link that leads out of the target (%s)', async (way) => {
    const end = await endBy(way, 'ssh2');
    const outside = tempFolder();
    const root = writeFiles({ 'inside/old': 'old', 'is-file': 'file' });
    mkdirSync(join(root, 'is-folder'));
    symlinkSync(outside, join(root, 'out'));
    symlinkSync('inside', join(root, 'in'));
    symlinkSync(join(outside, 'x'), join(root, 'link'));
    // A few would be renamed without the program that publishes many.
    const others = Array.from({ length: 8 }, (_, i) => `inside/f${i}`);
    const files = ['out/x', 'in/new', 'link', 'is-folder', 'is-file/below', ...others].map((path) =>
      outgoing(path, 'new'),
    );
    const session = await open(end, root);
    await session.sendBundle(files, soon(), () => {});
    const outcomes = await session.publish(
      files.map(({ publication }) => publication),
      soon(),
    );
    expect(problemsOf(outcomes)).toEqual({ 'out/x': 'name', 'is-folder': 'exists', 'is-file/below': 'exists' });
    expect(problemsOf(await session.makeFolders([{ path: 'out/deep', mode: 0o755 }], soon()))).toEqual({
      'out/deep': 'name',
    });
    const links = [
      { path: 'out/link', target: 'x' },
      { path: '../up', target: 'x' },
    ];
    expect(problemsOf(await session.makeLinks(links, soon()))).toEqual({ 'out/link': 'name', '../up': 'name' });
    expect(readdirSync(outside)).toEqual([]);
    // A link in the place of a file is replaced, not followed.
    expect(lstatSync(join(root, 'link')).isFile()).toBe(true);
    expect(readText(join(root, 'inside/new'))).toBe('new');
    await session.discard(soon());
    expect(readdirSync(root)).not.toContain(ASIDE);
  });

  test('goes with the root that was made for it when it is given up', async () => {
    for (const way of ['shell', 'sftp'] as const) {
      const end = await endBy(way, 'ssh2');
      const parent = tempFolder();
      const session = await open(end, join(parent, 'root'));
      await session.sendBundle([outgoing('a', 'one')], soon(), () => {});
      await sendInPieces(session, outgoing('b', randomBytes(100)));
      expect(existsSync(join(parent, 'root', ASIDE))).toBe(true);
      await session.discard(soon());
      await session.discard(soon());
      expect(readdirSync(parent)).toEqual([]);
    }
  });

  test('stops within a second when it is cancelled, whatever the way does, and leaves nothing', async () => {
    const { host, proxy } = await hostBehindProxy();
    const end = endOf(host);
    const root = tempFolder();
    const session = await open(end, root);
    const large = outgoing('large', randomBytes(4 * PIECE));
    const ticket = (await session.beginPieces(large, null, soon()))!;
    const abort = new AbortController();
    let bytes = 0;
    const works = piecesOf(large.size).map((piece) =>
      session.sendPiece(large, ticket, piece, abort.signal, (n) => (bytes += n)),
    );
    works.push(session.sendBundle([large], abort.signal, () => {}).then(() => ''));
    const ends = works.map((work) => failure(work));
    await eventually(() => bytes > 1_000_000);
    proxy.freeze();
    const began = performance.now();
    abort.abort();
    for (const error of await Promise.all(ends)) expect(error.name).toBe('AbortError');
    expect(performance.now() - began).toBeLessThan(1000);
    proxy.cut();
    await again(async () => (await open(endOf(host), root)).discard(soon()));
    expect(readdirSync(root)).toEqual([]);
  });

  test.each(['tcsh', 'fish'] as const)('arrives behind a noisy %s, for the account that it is', async (shell) => {
    const user = newUser(shell);
    const end = endOf(useHost(specOf(await startSshd(), { user: user.name })).host);
    const session = await open(end, join(user.home, 'data'));
    const file = outgoing("it's", 'one');
    await session.sendBundle([file], soon(), () => {});
    expect(problemsOf(await session.publish([file.publication], soon()))).toEqual({});
    expect(readText(join(user.home, 'data', "it's"))).toBe('one');
    expect(((await failure(open(end, '/root/closed'))) as EndError).problem.kind).toBe('permission');
    const closed = await open(end, tempFolder());
    const error = (await failure(closed.sendBundle([file], soon(), () => {}))) as EndError;
    expect(error.problem).toMatchObject({ kind: 'permission' });
  });
});

describe.runIf(HAS_SSHD)('a full file system', () => {
  test.each(['shell', 'sftp'] as const)('is told as that, and what is aside stays (%s)', async (way) => {
    const mount = mkdtempSync('/tmp/slipway-full-');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', mount]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', mount]);
      rmSync(mount, { recursive: true });
    });
    const end = await endBy(way, 'ssh2');
    const session = await open(end, join(mount, 'root'));
    const fits = outgoing('fits', randomBytes(1_000_000));
    const bundle = [outgoing('a', randomBytes(3_000_000)), outgoing('b', randomBytes(3_000_000))];
    const large = outgoing('large', randomBytes(6_000_000));
    await session.sendBundle([fits], soon(), () => {});
    const bundled = (await failure(session.sendBundle(bundle, soon(), () => {}))) as EndError;
    expect(bundled.problem.kind).toBe('space');
    const ticket = (await session.beginPieces(large, null, soon()))!;
    const piece = { index: 0, offset: 0, length: large.size };
    const error = (await failure(session.sendPiece(large, ticket, piece, soon(), () => {}))) as EndError;
    expect(error.problem.kind).toBe('space');
    expect(error.problem.hint).toMatch(/room/);
    expect(problemsOf(await session.publish([fits.publication], soon()))).toEqual({});
    await session.discard(soon());
    expect(readdirSync(join(mount, 'root'))).toEqual(['fits']);
  });
});

describe.runIf(HAS_SSHD)('a host that sends what was not asked for', () => {
  test('gets nothing else taken, and its missing files are told one by one', async () => {
    const bin = tempFolder();
    const evil = writeFiles({ wanted: 'four', grown: 'far more than was listed', other: 'not asked for' });
    execFileSync('tar', [
      '-cPf',
      join(bin, 'evil.tar'),
      '-C',
      evil,
      './wanted',
      './wanted',
      './grown',
      './other',
      '/etc/hostname',
    ]);
    writeFileSync(
      join(bin, 'tar'),
      `#!/bin/sh\n[ "$1" = --version ] && exec /bin/tar --version\nexec cat ${bin}/evil.tar\n`,
      {
        mode: 0o755,
      },
    );
    const end = endOf(useHost(specOf(await startSshd({ env: { PATH: `${bin}:/usr/bin:/bin` } }))).host);
    const root = writeFiles({ wanted: 'four', grown: 'x', shrunk: 'x' });
    const listed = (path: string, size: number): EndEntry => ({
      path,
      kind: 'file',
      size,
      modifiedAt: 0,
      mode: 0o644,
      linkTarget: null,
    });
    const session = await end.fetch({ root, transfer: 't' }, soon());
    const back = incoming();
    const files = [listed('wanted', 4), listed('grown', 1), listed('shrunk', 9), listed('gone', 1)];
    const outcomes = await session.fetchBundle(files, back.take, soon(), () => {});
    expect(problemsOf(outcomes)).toEqual({ grown: 'changed', shrunk: 'changed', gone: 'not-found' });
    expect(back.files().get('wanted')?.toString()).toBe('four');
    expect([...back.files().keys()].toSorted()).toEqual(['shrunk', 'wanted']);
  });

  test('is stopped when it sends without end', async () => {
    const bin = tempFolder();
    const header = headerOf({ path: './other', type: 'File', size: 1e12, mode: 0o644, modifiedAt: 0 });
    writeFileSync(join(bin, 'header'), header);
    writeFileSync(
      join(bin, 'tar'),
      `#!/bin/sh\n[ "$1" = --version ] && exec /bin/tar --version\nexec cat ${bin}/header /dev/zero\n`,
      { mode: 0o755 },
    );
    const end = endOf(useHost(specOf(await startSshd({ env: { PATH: `${bin}:/usr/bin:/bin` } }))).host);
    const root = writeFiles({ a: 'a' });
    const session = await end.fetch({ root, transfer: 't' }, soon());
    const file: EndEntry = { path: 'a', kind: 'file', size: 1, modifiedAt: 0, mode: 0o644, linkTarget: null };
    const error = await failure(session.fetchBundle([file], incoming().take, soon(), () => {}));
    expect(error).toBeInstanceOf(EndError);
    expect(error.message).toMatch(/far more than it was asked for/);
  });
});
