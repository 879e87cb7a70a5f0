import { randomBytes, randomUUID } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { atRest, differences, local, transferOf } from './engine-lab.ts';
import { ODD_NAMES, readTree } from './transfer-lab.ts';

/** A tree of everything: odd names, empty and large files, links, folders without files, modes and times. */
function mixedTree(): string {
  const root = writeFiles({
    ...Object.fromEntries(ODD_NAMES.map((name) => [name, `content of ${name}`])),
    empty: '',
    'run.sh': '#!/bin/sh\n',
    'large.bin': randomBytes(20_000_000),
    'exact.bin': randomBytes(8 * 1024 * 1024),
  });
  for (let i = 0; i < 300; i++) writeFiles({ [`many/${i % 7}/file${i}`]: `${i}` }, root);
  mkdirSync(join(root, 'nothing/in/here'), { recursive: true });
  symlinkSync('large.bin', join(root, 'link'));
  symlinkSync('many/3', join(root, 'folder-link'));
  chmodSync(join(root, 'empty'), 0o600);
  utimesSync(join(root, 'plain.txt'), 1_600_000_000.25, 1_600_000_000.25);
  return root;
}

describe('a transfer from folder to folder', () => {
  it('brings everything over as it is; a second one finds nothing to do', async () => {
    const { client } = await startCore();
    const source = mixedTree();
    const target = join(tempFolder(), 'target');
    const request = { from: [local(source)], to: local(target), into: false };
    const plan = await client.transfers.preview(request);
    expect(existsSync(target)).toBe(false);
    expect(plan).toMatchObject({ changedFiles: 0, sameFiles: 0, conflictCount: 0, problems: [] });
    const done = await transferOf(client, request);
    expect(done).toMatchObject({ state: 'done', problemCount: 0, progress: 1 });
    expect(done.files).toEqual({ total: plan.newFiles, done: plan.newFiles, same: 0, published: null });
    expect(done.bytes).toMatchObject({ total: plan.bytes, done: plan.bytes });
    expect(differences(source, target)).toBe('');
    const again = await transferOf(client, request);
    expect(again).toMatchObject({ state: 'done', files: { total: 0, same: plan.newFiles } });
  });

  it('puts several sources into a folder under their own names', async () => {
    const { client } = await startCore();
    const source = writeFiles({ 'a/x': '1', 'b.txt': '2' });
    const target = tempFolder();
    const from = [local(join(source, 'a')), local(join(source, 'b.txt'))];
    expect(await transferOf(client, { from, to: local(target), into: true })).toMatchObject({ state: 'done' });
    expect(readTree(target)).toEqual({ a: 'folder', 'a/x': '1', 'b.txt': '2' });
    const renamed = { from: [local(join(source, 'b.txt'))], to: local(join(target, 'c.txt')), into: false };
    expect(await transferOf(client, renamed)).toMatchObject({ state: 'done' });
    expect(readFileSync(join(target, 'c.txt'), 'utf8')).toBe('2');
  });

  it('asks about files that are there and differ, and does what is decided', async () => {
    const { client } = await startCore();
    const source = writeFiles({ one: 'new 1', two: 'new 2', three: 'new 3', four: 'four' });
    const target = writeFiles({ one: 'old', two: 'old', three: 'old' });
    const asked = await transferOf(client, { from: [local(source)], to: local(target), into: false });
    expect(asked).toMatchObject({ state: 'needs-you', conflictCount: 3 });
    expect(readTree(target)).toEqual({ one: 'old', two: 'old', three: 'old' });
    const { conflicts } = await client.transfers.plan({ transfer: asked.id });
    expect(conflicts.map((conflict) => conflict.path).sort()).toEqual(['one', 'three', 'two']);
    await client.transfers.decide({ transfer: asked.id, all: 'replace', single: { two: 'skip', three: 'keep-both' } });
    expect(await atRest(client, asked.id)).toMatchObject({ state: 'done' });
    expect(readTree(target)).toEqual({ one: 'new 1', two: 'old', three: 'old', 'three (2)': 'new 3', four: 'four' });
  });

  it('deletes what is extra into the trash only where that is asked for, and never what was left out', async () => {
    const { client } = await startCore();
    const source = writeFiles({ keep: '1', 'here.log': 'left out', '.slipwayignore': '*.log\n' });
    const target = writeFiles({ keep: '1', 'extra/deep/file': 'x', 'there.log': 'left out', other: 'x' });
    const request = { from: [local(source)], to: local(target), into: false };
    const options = { conflicts: 'replace' as const, deleteExtra: true };
    expect((await client.transfers.preview({ ...request, options })).extraFiles).toBe(2);
    expect(await transferOf(client, { ...request, options })).toMatchObject({ state: 'done' });
    expect(Object.keys(readTree(target)).sort()).toEqual(['.slipwayignore', 'keep', 'there.log']);
  });

  it('does not begin where names collide or kinds differ, and says so for all of them', async () => {
    const { client } = await startCore();
    const source = writeFiles({ 'a/same': '1', 'b/same': '2', 'c/x': '3' });
    const target = writeFiles({ 'same/in': 'folder here' });
    const from = [local(join(source, 'a/same')), local(join(source, 'b/same')), local(join(source, 'gone'))];
    const failed = await transferOf(client, { from, to: local(target), into: true });
    expect(failed.state).toBe('failed');
    const messages = failed.problems.map((problem) => problem.message).join('\n');
    expect(messages).toMatch(/Two sources would become same/);
    expect(messages).toMatch(/gone is not there/);
    expect(messages).toMatch(/same is a file at the source and a folder at the target/);
    expect(readTree(target)).toEqual({ same: 'folder', 'same/in': 'folder here' });
  });

  it('collects what fails, goes on with the rest, and tries again on demand', async () => {
    const { client } = await startCore();
    const source = writeFiles({ good: '1', 'bad/in': '2' });
    const outside = tempFolder();
    const target = tempFolder();
    symlinkSync(outside, join(target, 'bad'));
    const failed = await transferOf(client, { from: [local(source)], to: local(target), into: false });
    // The target's link is a thing of another kind, seen before anything is written.
    expect(failed).toMatchObject({ state: 'failed' });
    expect(readdirSync(outside)).toEqual([]);
    symlinkSync('/etc', join(source, 'leads-out'));
    const clean = tempFolder();
    const partly = await transferOf(client, { from: [local(source)], to: local(clean), into: false });
    expect(partly).toMatchObject({ state: 'done-with-problems', problemCount: 1 });
    expect(partly.problems[0]!.message).toMatch(/leads out of the folder/);
    expect(readTree(clean)).toEqual({ good: '1', bad: 'folder', 'bad/in': '2' });
    await client.transfers.retry({ transfer: partly.id });
    expect(await atRest(client, partly.id)).toMatchObject({ state: 'done-with-problems', problemCount: 1 });
  });

  it('compares contents where size and time say nothing', async () => {
    const { client } = await startCore();
    const source = writeFiles({ a: 'text 1', b: 'text 2' });
    const target = writeFiles({ a: 'text 1', b: 'text X' });
    for (const root of [source, target]) for (const name of ['a', 'b']) utimesSync(join(root, name), 1e9, 1e9);
    const request = { from: [local(source)], to: local(target), into: false };
    expect(await client.transfers.preview(request)).toMatchObject({ sameFiles: 2, conflictCount: 0 });
    const careful = { ...request, options: { checksum: true, conflicts: 'replace' as const } };
    expect(await client.transfers.preview(careful)).toMatchObject({ sameFiles: 1, changedFiles: 1 });
    expect(await transferOf(client, careful)).toMatchObject({ state: 'done' });
    expect(readFileSync(join(target, 'b'), 'utf8')).toBe('text 2');
  });
});

describe('a transfer that is interfered with', () => {
  it('pauses and cancels within a second, goes on after a restart of the core, and leaves nothing when cancelled', async () => {
    const first = await startCore();
    const source = tempFolder();
    writeFileSync(join(source, 'large'), randomBytes(40_000_000));
    const target = tempFolder();
    await first.client.transfers.limit({ bytesPerSecond: 4_000_000 });
    const request = { from: [local(source)], to: local(target), into: false };
    const { id } = await first.client.transfers.start({ requestId: randomUUID(), ...request });
    await eventually(async () => (await first.client.transfers.get({ transfer: id })).bytes.done > 3_000_000);
    let began = performance.now();
    await first.client.transfers.pause({ transfer: id });
    expect(performance.now() - began).toBeLessThan(1000);
    expect(readdirSync(target).filter((name) => !name.startsWith('.'))).toEqual([]);
    await first.close();
    const second = await startCore(first.home);
    const paused = await second.client.transfers.get({ transfer: id });
    expect(paused.state).toBe('paused');
    await second.client.transfers.limit({ bytesPerSecond: null });
    await second.client.transfers.resume({ transfer: id });
    expect(await atRest(second.client, id)).toMatchObject({ state: 'done' });
    expect(differences(source, target)).toBe('');

    await second.client.transfers.limit({ bytesPerSecond: 4_000_000 });
    const other = join(tempFolder(), 'other');
    const started = await second.client.transfers.start({ requestId: randomUUID(), ...request, to: local(other) });
    await eventually(async () => (await second.client.transfers.get({ transfer: started.id })).bytes.done > 1_000_000);
    began = performance.now();
    await second.client.transfers.cancel({ transfer: started.id });
    expect(performance.now() - began).toBeLessThan(1000);
    expect((await second.client.transfers.get({ transfer: started.id })).state).toBe('cancelled');
    await eventually(() => readdirSync(other).length === 0);
    await second.client.transfers.forget({ transfers: [id, started.id] });
    expect((await second.client.transfers.list({})).transfers).toEqual([]);
  });

  it('keeps to its bandwidth limit, and lets the more urgent go first', async () => {
    const { client } = await startCore();
    const source = tempFolder();
    writeFileSync(join(source, 'bulk'), randomBytes(6_000_000));
    await client.transfers.limit({ bytesPerSecond: 3_000_000 });
    const began = performance.now();
    const bulk = await client.transfers.start({
      requestId: randomUUID(),
      from: [local(source)],
      to: local(tempFolder()),
      into: false,
      options: { priority: 'low' },
    });
    const urgent = writeFiles({ small: 'now' });
    const quick = await transferOf(client, {
      from: [local(urgent)],
      to: local(tempFolder()),
      into: false,
      options: { priority: 'high' },
    });
    expect(quick.state).toBe('done');
    expect((await client.transfers.get({ transfer: bulk.id })).endedAt).toBe(null);
    expect((await atRest(client, bulk.id)).state).toBe('done');
    expect(performance.now() - began).toBeGreaterThan(1500);
  });
});
