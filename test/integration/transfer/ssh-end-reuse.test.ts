import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SendSession } from '../../../electron/core/transfer/ends/far-end.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { HAS_SSHD, specOf, startSshd, useHost } from '../ssh/ssh-lab.ts';
import { sftpOnlyHost } from './sftp-lab.ts';
import { endOf, NO_TOOLS, outgoing, PIECE, piecesOf, problemsOf, soon } from './ssh-end-lab.ts';

type Outgoing = ReturnType<typeof outgoing>;

async function publish(session: SendSession, files: readonly Outgoing[]): Promise<void> {
  const outcomes = await session.publish(
    files.map(({ publication }) => publication),
    soon(),
  );
  expect(problemsOf(outcomes)).toEqual({});
}

async function reused(session: SendSession, files: readonly Outgoing[]): Promise<string[]> {
  const publications = files.map(({ publication }) => publication);
  return [...(await session.reuse!(publications, soon()))].toSorted();
}

/** How many bytes a file in pieces has taken from its older version, and how many were then sent. */
async function sendOver(session: SendSession, file: Outgoing): Promise<{ filled: number }> {
  const ticket = (await session.beginPieces(file, null, soon()))!;
  const filled = await session.fillFromOlder!(file, ticket, (at, length) => file.read(at, length), soon());
  let bytes = 0;
  for (const piece of piecesOf(file.size)) await session.sendPiece(file, ticket, piece, soon(), (n) => (bytes += n));
  expect(bytes).toBe(file.size);
  await session.endPieces(file, ticket, [], soon());
  await publish(session, [file]);
  return { filled };
}

describe.runIf(HAS_SSHD)('contents that a host has already', () => {
  test('are laid aside without being sent, each as a file of its own, read-only ones, too', async () => {
    const sshd = await startSshd();
    const end = endOf(useHost(specOf(sshd)).host);
    const base = tempFolder();
    const noise = randomBytes(1_500_000);
    const fixed = outgoing('mesh/fixed.msh', randomBytes(1_200_000), { mode: 0o444 });
    const open = outgoing("it's open\n.dat", noise);
    const small = outgoing('small', 'not worth it');
    const first = await end.send({ root: join(base, 'one'), transfer: 'a' }, soon());
    expect(await reused(first, [fixed, open, small])).toEqual([]);
    await first.sendBundle([fixed, open, small], soon(), () => {});
    await publish(first, [fixed, open, small]);
    await first.close();
    await first.discard(soon());

    const second = await end.send({ root: join(base, 'two'), transfer: 'b' }, soon());
    const moved = outgoing('other/name', noise, { mode: 0o600, modifiedAt: 1_600_000_000_000 });
    expect(await reused(second, [fixed, moved, small])).toEqual([fixed.path, moved.path]);
    expect(readdirSync(join(base, 'two'))).toEqual(['.slipway-part-b']);
    await publish(second, [fixed, moved]);
    const at = (root: string, path: string) => lstatSync(join(base, root, path));
    expect([at('two', fixed.path).nlink, at('two', fixed.path).mode & 0o777]).toEqual([1, 0o444]);
    expect([at('one', fixed.path).nlink, at('one', open.path).nlink]).toEqual([1, 1]);
    expect([at('two', 'other/name').mode & 0o777, at('two', 'other/name').mtimeMs]).toEqual([0o600, 1_600_000_000_000]);
    expect(readFileSync(join(base, 'two', 'other/name')).equals(noise)).toBe(true);
    await second.close();
  });

  test('are proven before they are given, and what is out of date is forgotten', async () => {
    const sshd = await startSshd();
    const end = endOf(useHost(specOf(sshd)).host);
    const root = join(tempFolder(), 'one');
    const file = outgoing('a', randomBytes(2_000_000));
    const gone = outgoing('b', randomBytes(2_000_000));
    const session = await end.send({ root, transfer: 'a' }, soon());
    await session.sendBundle([file, gone], soon(), () => {});
    await publish(session, [file, gone]);
    await session.close();
    const store = join(sshd.home, '.cache/slipway/cas');
    const entry = (of: Outgoing): string => join(store, of.publication.sha256.slice(0, 2), of.publication.sha256);
    const isKept = (of: Outgoing): boolean => lstatSync(entry(of), { throwIfNoEntry: false }) !== undefined;
    expect([isKept(file), isKept(gone)]).toEqual([true, true]);
    expect(lstatSync(store).mode & 0o777).toBe(0o700);
    // The same number of other bytes; and one that is not there any more.
    writeFileSync(join(root, 'a'), randomBytes(2_000_000));
    rmSync(join(root, 'b'));
    const later = await end.send({ root: join(root, 'two'), transfer: 'b' }, soon());
    expect(await reused(later, [file, gone])).toEqual([]);
    expect(isKept(file)).toBe(false);
    expect(readdirSync(join(root, 'two/.slipway-part-b'))).not.toContain(file.path);
    await later.discard(soon());
    expect(existsSync(join(root, 'two'))).toBe(false);
  });

  test('are looked for on no host without a shell', async () => {
    const end = endOf((await sftpOnlyHost()).host, NO_TOOLS);
    const session = await end.send({ root: join(tempFolder(), 'r'), transfer: 'a' }, soon());
    const file = outgoing('a', randomBytes(2_000_000));
    expect(await reused(session, [file])).toEqual([]);
    const ticket = (await session.beginPieces(file, null, soon()))!;
    expect(await session.fillFromOlder!(file, ticket, (at, length) => file.read(at, length), soon())).toBe(0);
    await session.discard(soon());
  });
});

describe.runIf(HAS_SSHD)('a large file that has changed', () => {
  test('takes from its older version what they have in common', async () => {
    const end = endOf(useHost(specOf(await startSshd())).host);
    const root = tempFolder();
    mkdirSync(join(root, 'sub'));
    const older = randomBytes(2 * PIECE);
    writeFileSync(join(root, 'sub/it is'), older);
    // Put in near the start, changed in the middle, more at the end.
    const newer = Buffer.concat([older.subarray(0, 1000), Buffer.from('new'), older.subarray(1000), randomBytes(5000)]);
    newer[PIECE]! ^= 1;
    const file = outgoing('sub/it is', newer);
    const session = await end.send({ root, transfer: 'a' }, soon());
    const { filled } = await sendOver(session, file);
    expect(filled).toBeGreaterThan(newer.length - 300_000);
    expect(readFileSync(join(root, 'sub/it is')).equals(newer)).toBe(true);
    // What has nothing in common goes whole, and so does what was not there.
    for (const path of ['sub/it is', 'fresh']) {
      const other = outgoing(path, randomBytes(PIECE + 1));
      expect(await sendOver(session, other)).toEqual({ filled: 0 });
      expect(readFileSync(join(root, path)).equals(await other.read(0, other.size))).toBe(true);
    }
  });

  test('is not published when its older version changes under way', async () => {
    const end = endOf(useHost(specOf(await startSshd())).host);
    const root = tempFolder();
    const bytes = randomBytes(2 * PIECE);
    const changed = Buffer.from(bytes);
    changed[5_000_000]! ^= 1;
    writeFileSync(join(root, 'a'), bytes);
    const file = outgoing('a', bytes);
    const session = await end.send({ root, transfer: 'a' }, soon());
    const ticket = (await session.beginPieces(file, null, soon()))!;
    let isFirst = true;
    const read = (at: number, length: number): Promise<Buffer> => {
      // After the host has hashed it, and before it copies.
      if (isFirst) writeFileSync(join(root, 'a'), changed);
      isFirst = false;
      return file.read(at, length);
    };
    expect(await session.fillFromOlder!(file, ticket, read, soon())).toBe(bytes.length);
    for (const piece of piecesOf(file.size)) await session.sendPiece(file, ticket, piece, soon(), () => {});
    await session.endPieces(file, ticket, [], soon());
    const outcomes = await session.publish([file.publication], soon());
    expect(problemsOf(outcomes)).toEqual({ a: 'corrupt' });
    appendFileSync(join(root, 'a'), 'still the older one');
    await session.discard(soon());
  });
});
