import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Transfer, TransferPlan } from '../../../shared/contract/transfers.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';
import { newUser } from '../ssh/ssh-users.ts';
import { addSite } from '../sites/add-site.ts';
import { differences } from '../transfer/engine-lab.ts';
import { readTree } from '../transfer/transfer-lab.ts';

/** The files in folders that are named by single letters. */
function treesOf(root: string, letters: string): Record<string, unknown> {
  const files = (folder: string): unknown =>
    Object.fromEntries(Object.entries(readTree(folder)).filter(([, content]) => content !== 'folder'));
  return Object.fromEntries([...letters].map((letter) => [letter, files(join(root, letter))]));
}

type Result = Pick<Transfer, 'id' | 'state' | 'files' | 'bytes' | 'problems'>;

describe('files between this workstation and a site', () => {
  it('go there and come back as they are; what is the same does not move again', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc');
    const source = writeFiles({
      'beam/mesh.inp': 'mesh',
      'beam/run.sh': '#!/bin/sh\n',
      "beam/sub/odd name '$x.dat": 'odd',
      'beam/scratch.odb': 'left out',
      'beam/large': randomBytes(20_000_000),
    });
    const there = join(tempFolder(), 'there');
    mkdirSync(there);
    const put = await slipway.json<Result>('put', join(source, 'beam'), `hpc:${there}`, '--ignore', '*.odb');
    expect(put).toMatchObject({ code: 0, value: { state: 'done', files: { total: 4, done: 4 }, problems: [] } });
    expect(readTree(there)['beam/scratch.odb']).toBe(undefined);
    expect(readTree(there)["beam/sub/odd name '$x.dat"]).toBe('odd');
    const again = await slipway.json<Result>('put', join(source, 'beam'), `hpc:${there}/`, '--ignore', '*.odb');
    expect(again).toMatchObject({ code: 0, value: { files: { total: 0, same: 4 } } });

    const listed = await slipway.run('ls', `hpc:${there}/beam`);
    expect(listed.stdout).toMatch(/^NAME +SIZE +MODIFIED \(UTC\)\nsub\/ .*\nlarge +19\.1 MiB /m);
    const back = join(tempFolder(), 'back');
    expect((await slipway.run('get', `hpc:${there}/beam`, back)).code).toBe(0);
    expect(differences(join(there, 'beam'), back)).toBe('');
    const some = tempFolder();
    expect((await slipway.run('get', `hpc:${there}/beam/{mesh,run}.*`, some)).code).toBe(0);
    expect(Object.keys(readTree(some)).sort()).toEqual(['mesh.inp', 'run.sh']);
  }, 90_000);

  it('are kept in step; a dry run says what would be done; conflicts are not written over unasked', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc');
    const source = writeFiles({ one: '1', two: '2' });
    const there = writeFiles({ one: 'old', extra: 'x' });
    const refused = await slipway.run('put', join(source, 'one'), `hpc:${there}`);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /1 file is there already and differs:\n {2}one\nNothing was written.*--on-conflict/s,
    );
    expect(readTree(there)['one']).toBe('old');
    const dry = await slipway.run('sync', source, `hpc:${there}`, '--delete', '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(
      /^~ one .*\n\+ two .*\n- extra\n1 new file, 1 changed, 0 the same, 1 to delete; 2 B to move/,
    );
    const plan = await slipway.json<TransferPlan>('sync', source, `hpc:${there}`, '--dry-run');
    expect(plan.value).toMatchObject({ newFiles: 1, changedFiles: 1, extraFiles: 0 });
    const synced = await slipway.run('sync', source, `hpc:${there}`, '--delete');
    expect(synced.stdout).toMatch(/^Done: 2 files, 2 B moved and proven/);
    expect(readTree(there)).toEqual({ one: '1', two: '2' });
  }, 60_000);

  it('make the folders that they are to lie in, below home and anywhere else, there and here', async () => {
    const slipway = new Slipway();
    const user = newUser('bash');
    await addSite(slipway, 'hpc', { user });
    const source = writeFiles({ 'run.inp': 'run', 'mesh/part.txt': 'part' });
    const [file, folder] = [join(source, 'run.inp'), join(source, 'mesh')];
    const here = tempFolder();
    for (const words of [
      ['put', file, `hpc:${user.home}/a/`],
      ['put', file, `hpc:${user.home}/b/deeper/name.inp`],
      ['put', file, 'hpc:c/deeper/'],
      ['put', file, 'hpc:~/d/deeper/'],
      ['put', folder, 'hpc:e/'],
      ['put', folder, file, 'hpc:f/deeper'],
      ['sync', folder, 'hpc:~/g/deeper'],
      ['get', 'hpc:a/run.inp', `${here}/a/deeper/`],
      ['get', 'hpc:~/e', `${here}/b/deeper`],
      ['put', file, `${here}/c/deeper/`],
    ]) {
      const { code, stderr } = await slipway.run(...words);
      expect([words.join(' '), code, code === 0 ? '' : stderr]).toEqual([words.join(' '), 0, '']);
    }
    expect(treesOf(user.home, 'abcdefg')).toEqual({
      a: { 'run.inp': 'run' },
      b: { 'deeper/name.inp': 'run' },
      c: { 'deeper/run.inp': 'run' },
      d: { 'deeper/run.inp': 'run' },
      e: { 'mesh/part.txt': 'part' },
      f: { 'deeper/mesh/part.txt': 'part', 'deeper/run.inp': 'run' },
      g: { 'deeper/part.txt': 'part' },
    });
    expect(treesOf(here, 'abc')).toEqual({
      a: { 'deeper/run.inp': 'run' },
      b: { 'deeper/mesh/part.txt': 'part' },
      c: { 'deeper/run.inp': 'run' },
    });
  }, 120_000);

  it('Ctrl-C pauses a transfer and says how it goes on', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc');
    const source = tempFolder();
    writeFileSync(join(source, 'large'), randomBytes(30_000_000));
    const there = tempFolder();
    const putting = slipway.start(['put', join(source, 'large'), `hpc:${there}`, '--limit', '3M']);
    await putting.until((_, stderr) => /[1-9][\d.]* (KiB|MiB) of 28\.6 MiB/.test(stderr));
    putting.process.kill('SIGINT');
    const { code, stderr } = await putting.ended;
    expect(code).toBe(130);
    const id = /slipway transfers resume (\w+)/.exec(stderr)![1]!;
    expect(existsSync(join(there, 'large'))).toBe(false);
    expect((await slipway.run('transfers')).stdout).toMatch(new RegExp(`^${id} +paused`, 'm'));
    const resumed = await slipway.json<Result>('transfers', 'resume', id);
    expect(resumed).toMatchObject({ code: 0, value: { id, state: 'done' } });
    expect(readFileSync(join(there, 'large')).equals(readFileSync(join(source, 'large')))).toBe(true);
  }, 90_000);

  it('says what is wrong: no such site, no such file, no such rule, no such transfer', async () => {
    const slipway = new Slipway();
    expect((await slipway.run('put', '/etc/hostname', 'nowhere:x')).code).toBe(4);
    expect((await slipway.run('ls', 'nowhere:x')).stderr).toMatch(/There is no site "nowhere"/);
    expect((await slipway.run('transfers', 'resume', 'xyz')).code).toBe(4);
    const target = tempFolder();
    const missing = await slipway.json<Result>('put', join(target, 'gone'), tempFolder());
    expect(missing).toMatchObject({ code: 2, value: { state: 'failed' } });
    expect(missing.value.problems[0]!.message).toMatch(/gone is not there/);
    const rule = await slipway.run('put', '/etc/hostname', target, '--on-conflict', 'overwrite');
    expect(rule).toMatchObject({ code: 2 });
    expect(rule.stderr).toMatch(/choose one of ask, replace/);
    expect((await slipway.run('put', '/etc/hostname')).code).toBe(2);
    expect((await slipway.run('put', '/etc/hostname', target, '--limit', 'fast')).stderr).toMatch(/is no rate/);
  }, 60_000);
});
