import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { EndEntry, OutgoingFile, Publication } from '../../../electron/core/transfer/ends/far-end.ts';
import { FolderEnd } from '../../../electron/core/transfer/ends/folder-end.ts';
import { LocalTarget } from '../../../electron/core/transfer/local/local-target.ts';
import { SourceFile } from '../../../electron/core/transfer/local/source-file.ts';
import type { LocalEntry, WalkGap } from '../../../electron/core/transfer/local/walk-local.ts';
import { lookAtLocal, walkHere } from '../../../electron/core/transfer/local/walk-local.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { failure, ODD_NAMES, readTree } from './transfer-lab.ts';

const signal = new AbortController().signal;
const noThrottle = (): Promise<void> => Promise.resolve();
const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

async function outgoing(root: string, path: string): Promise<SourceFile> {
  const absolute = join(root, path);
  const entry = (await lookAtLocal(absolute, path))!;
  return new SourceFile({ ...entry, absolute, throttle: noThrottle });
}

function publication(file: OutgoingFile, sha256: string): Publication {
  const { path, size, modifiedAt, mode } = file;
  return { path, size, modifiedAt, mode, sha256, md5: null };
}

async function all<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const found: T[] = [];
  for await (const batch of batches) found.push(...batch);
  return found;
}

describe('a folder of this workstation as a far end', () => {
  it('takes a tree of odd names and shows none of it before it is proven', async () => {
    const source = writeFiles(Object.fromEntries(ODD_NAMES.map((name) => [name, `content of ${name}`])));
    const target = join(tempFolder(), 'new', 'target');
    const session = await new FolderEnd().send({ root: target, transfer: 't1234' });
    const entries = (await all(walkHere(source, { links: 'keep', signal }))).filter((e) => e.kind === 'file');
    const files = await Promise.all(entries.map((entry) => outgoing(source, entry.path)));
    const outcomes = await session.sendBundle(files, signal, () => undefined);
    expect(outcomes.map((o) => o.problem)).toEqual(files.map(() => null));
    expect(await all(new FolderEnd().walk(target, { hash: false }, signal))).toSatisfy((found: EndEntry[]) =>
      found.every((entry) => entry.kind === 'folder'),
    );
    const publications = await Promise.all(
      files.map(async (file) => publication(file, sha256(await file.read(0, file.size)))),
    );
    await session.publish(publications, signal);
    expect(readTree(target)).toEqual(readTree(source));
    // A publication whose answer was lost is made again.
    expect((await session.publish(publications, signal)).map((o) => o.problem)).toEqual(files.map(() => null));
    await Promise.all(files.map((file) => file.close()));
  });

  it('goes on with pieces where another session ended, and refuses what is not what was sent', async () => {
    const source = tempFolder();
    const bytes = Buffer.alloc(3_000_000, 'abcdefg');
    writeFileSync(join(source, 'big'), bytes);
    const target = tempFolder();
    const end = new FolderEnd();
    const file = await outgoing(source, 'big');
    const first = await end.send({ root: target, transfer: 't1234' });
    const ticket = (await first.beginPieces(file, null, signal))!;
    await first.sendPiece(file, ticket, { index: 1, offset: 1_000_000, length: 2_000_000 }, signal, () => undefined);
    await first.close();
    const second = await end.send({ root: target, transfer: 't1234' });
    expect(await second.beginPieces(file, ticket, signal)).toBe(ticket);
    await second.sendPiece(file, ticket, { index: 0, offset: 0, length: 999_999 }, signal, () => undefined);
    await second.endPieces(file, ticket, [], signal);
    const publications = [publication(file, sha256(bytes))];
    expect((await second.publish(publications, signal))[0]!.problem).toMatchObject({ kind: 'corrupt' });
    expect(existsSync(join(target, 'big'))).toBe(false);
    await second.beginPieces(file, ticket, signal);
    await second.sendPiece(file, ticket, { index: 0, offset: 0, length: 1_000_000 }, signal, () => undefined);
    await second.endPieces(file, ticket, [], signal);
    expect((await second.publish(publications, signal))[0]!.problem).toBe(null);
    expect(readFileSync(join(target, 'big')).equals(bytes)).toBe(true);
    // An earlier part that has gone is told.
    expect(await second.beginPieces(file, ticket, signal)).toBe(null);
    await second.close();
    await file.close();
  });

  it('leaves nothing behind when it is discarded', async () => {
    const source = writeFiles({ 'a/b': 'text' });
    const target = tempFolder();
    const session = await new FolderEnd().send({ root: target, transfer: 't1234' });
    const file = await outgoing(source, 'a/b');
    await session.sendBundle([file], signal, () => undefined);
    await file.close();
    await session.discard(signal);
    expect(execFileSync('find', [target, '-type', 'f'], { encoding: 'utf8' })).toBe('');
  });

  it('lists, renames and moves to the trash, never over something', async () => {
    const root = writeFiles({ 'a.txt': 'a', 'b.txt': 'b', 'folder/c.txt': 'c' });
    symlinkSync('folder', join(root, 'link'));
    const end = new FolderEnd();
    const { entries } = await end.list(root, signal);
    expect(entries.find((e) => e.path === 'link')).toMatchObject({
      kind: 'link',
      leadsTo: 'folder',
    });
    expect((await failure(end.rename(join(root, 'a.txt'), join(root, 'b.txt')))).message).toMatch(/there already/);
    await end.rename(join(root, 'a.txt'), join(root, 'd.txt'));
    const { outcomes } = await end.trash([join(root, 'd.txt'), join(root, 'gone')], signal);
    expect(outcomes.map((o) => o.problem?.kind ?? null)).toEqual([null, 'not-found']);
    expect(Object.keys(readTree(root)).sort()).toEqual(['b.txt', 'folder', 'folder/c.txt', 'link']);
    expect((await end.space(join(root, 'not/yet'))).freeBytes).toBeGreaterThan(0);
  });
});

describe('what is written on this workstation', () => {
  it('does not go through links, out of the folder, or over folders, and has no setuid bit', async () => {
    const outside = tempFolder();
    const root = writeFiles({ 'there/x': '' });
    symlinkSync(outside, join(root, 'away'));
    const target = new LocalTarget({ root, transfer: 't1234' });
    for (const path of ['away/x', '../x', '/tmp/x', 'a/../../x', 'x\0y'])
      expect((await failure(target.newPart(path, 1))).message, path).toMatch(/link|inside|absolute|NUL/);
    await expect(target.makeLink('ok', '../out')).rejects.toThrow(/leads out/);
    await expect(target.makeLink('ok', outside)).rejects.toThrow(/leads out/);
    await target.makeLink('ok', 'there/x');
    await target.makeLink('ok', 'there/x');
    const part = await target.newPart('set', 3);
    await expect(part.write(0, Buffer.from('four'))).rejects.toThrow(/more came/);
    await part.write(0, Buffer.from('abc'));
    await part.close();
    await target.publish({ path: 'set', size: 3, modifiedAt: 1_700_000_000_123, mode: 0o6755 });
    const { mode, mtimeMs } = statSync(join(root, 'set'));
    expect(mode & 0o7777).toBe(0o755);
    expect(Math.abs(mtimeMs - 1_700_000_000_123)).toBeLessThan(1);
    expect(readTree(outside)).toEqual({});
  });

  it('keeps holes', async () => {
    const target = new LocalTarget({ root: tempFolder(), transfer: 't1234' });
    const part = await target.newPart('sparse', 64 * 1024 * 1024);
    for (let at = 0; at < 64; at++) await part.write(at * 1024 * 1024, Buffer.alloc(1024 * 1024));
    await part.close();
    const path = await target.partPath('sparse');
    expect(statSync(path).blocks * 512).toBeLessThan(1024 * 1024);
    expect(part.hash()).toBe(sha256(Buffer.alloc(64 * 1024 * 1024)));
  });
});

describe('a walk of this workstation', () => {
  async function walk(root: string, links: 'keep' | 'follow' | 'skip'): Promise<[string[], WalkGap[]]> {
    const gaps: WalkGap[] = [];
    const found: LocalEntry[] = await all(
      walkHere(root, { links, ignoreFiles: true, signal, onGap: (gap) => gaps.push(gap) }),
    );
    return [found.map((e) => `${e.kind} ${e.path}`).sort(), gaps];
  }

  it('obeys ignore files, tells what it leaves out, and sees through loops of links', async () => {
    const outside = writeFiles({ secret: '' });
    const root = writeFiles({
      '.slipwayignore': '*.tmp\n',
      'a/.slipwayignore': '!keep.tmp\n',
      'a/keep.tmp': '',
      'a/drop.tmp': '',
      'b/file': '',
      '.file.t1234.slipway-part': '',
    });
    mkdirSync(join(root, 'c'));
    symlinkSync('..', join(root, 'c/loop'));
    symlinkSync('../b', join(root, 'c/inner'));
    symlinkSync(outside, join(root, 'out'));
    symlinkSync('nowhere', join(root, 'dangling'));
    execFileSync('mkfifo', [join(root, 'pipe')]);
    const plain = ['file .slipwayignore', 'file a/.slipwayignore', 'file a/keep.tmp', 'file b/file'];
    const folders = ['folder a', 'folder b', 'folder c'];
    const kept = ['link c/inner', 'link c/loop', 'link dangling', 'link out'];
    expect((await walk(root, 'keep'))[0]).toEqual([...plain, ...folders, ...kept].sort());
    expect((await walk(root, 'skip'))[0]).toEqual([...plain, ...folders].sort());
    const [found, gaps] = await walk(root, 'follow');
    expect(found).toEqual([...plain, ...folders, 'file c/inner/file', 'folder c/inner'].sort());
    expect(gaps.map((gap) => `${gap.kind} ${gap.path}`).sort()).toEqual([
      'link c/loop',
      'link dangling',
      'link out',
      'special pipe',
    ]);
  });

  it('a source that changes is told while it is read and afterwards', async () => {
    const root = writeFiles({ a: 'first text', b: 'second text' });
    const [a, b] = [await outgoing(root, 'a'), await outgoing(root, 'b')];
    expect((await a.read(0, 100)).toString()).toBe('first text');
    writeFileSync(join(root, 'a'), 'other text');
    expect(await failure(a.assertUnchanged())).toMatchObject({ problem: { kind: 'changed' } });
    chmodSync(join(root, 'b'), 0o600);
    writeFileSync(join(root, 'b'), 'short');
    expect(await failure(b.read(0, 100))).toMatchObject({ problem: { kind: 'changed' } });
    await Promise.all([a.close(), b.close()]);
  });
});
