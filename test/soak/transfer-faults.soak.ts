/**
 * Large transfers whose core is killed at random points, up and down over SSH and to a bucket: equal trees, at most 64 MiB repeated each time. Options by
 * environment: `SLIPWAY_LARGE_MIB` (4096), `SLIPWAY_SMALL_FILES` (20000), `SLIPWAY_KILLS` (20), and `SLIPWAY_BUCKET_SHARE` (0.25), the share of all that which goes to the bucket; the trees lie in the system's temp folder (TMPDIR).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences } from '../integration/transfer/engine-lab.ts';
import type { CrashedTransfer } from '../integration/transfer/fault-lab.ts';
import {
  mostCarried,
  moveThroughCrashes,
  profileWithBucket,
  profileWithSite,
  wordsOf,
  writeMixedTree,
} from '../integration/transfer/fault-lab.ts';
import { hasRadosgw, useRadosgw } from '../lab/radosgw.ts';
import { tempFolder } from '../support/job-folder.ts';

const LARGE_MEBIBYTES = Number(process.env['SLIPWAY_LARGE_MIB'] ?? 4096);
const SMALL_FILES = Number(process.env['SLIPWAY_SMALL_FILES'] ?? 20_000);
/** The lab's store keeps its objects in memory. */
const BUCKET_SHARE = Number(process.env['SLIPWAY_BUCKET_SHARE'] ?? 0.25);
const KILLS = Number(process.env['SLIPWAY_KILLS'] ?? 20);
/** Headers of the requests for one small object. */
const REQUEST_BYTES = 4096;

/** Random points at which so many bytes have been carried, ascending. */
function randomPoints(bytes: number): number[] {
  return Array.from({ length: KILLS }, () => Math.random() * 0.97 * bytes).sort((a, b) => a - b);
}

function expectDone(name: string, told: CrashedTransfer, bytes: number, more = 0): void {
  console.log(`${name}: ${wordsOf(told, bytes)}`);
  expect(told.transfer, JSON.stringify(told.transfer.problems)).toMatchObject({ state: 'done', problemCount: 0 });
  expect(told.carried).toBeLessThan(mostCarried(told, bytes) + more * (told.killedAt.length + 1));
}

describe('large transfers through crashes', () => {
  it.each(['up', 'down'] as const)('%s over SSH', async (direction) => {
    const { slipway, proxy } = await profileWithSite();
    const [source, target] = [tempFolder(), join(tempFolder(), 'target')];
    const bytes = writeMixedTree(source, LARGE_MEBIBYTES, SMALL_FILES);
    const [from, to] = direction === 'up' ? [source, `hpc:${target}`] : [`hpc:${source}`, target];
    const told = await moveThroughCrashes(slipway, {
      args: ['sync', from, to],
      crashes: randomPoints(bytes),
      carried: () => proxy.carried()[direction],
    });
    expectDone(direction, told, bytes);
    expect(differences(source, target)).toBe('');
    expect(execFileSync('find', [target, '-name', '*slipway-part*'], { encoding: 'utf8' })).toBe('');
  });

  describe.skipIf(!hasRadosgw())('to a bucket', () => {
    const store = useRadosgw();

    it('up, and back without crashes', async () => {
      const { slipway, proxy } = await profileWithBucket(store(), 'anna');
      const source = tempFolder();
      const bytes = writeMixedTree(source, LARGE_MEBIBYTES * BUCKET_SHARE, SMALL_FILES * BUCKET_SHARE);
      rmSync(join(source, 'link'));
      const told = await moveThroughCrashes(slipway, {
        args: ['sync', source, 'bucket:data/study'],
        crashes: randomPoints(bytes),
        carried: () => proxy.carried().up,
      });
      expectDone('to a bucket', told, bytes, SMALL_FILES * REQUEST_BYTES);
      const back = join(tempFolder(), 'back');
      mkdirSync(back);
      const fetched = await slipway.run('sync', 'bucket:data/study', back);
      expect(fetched, fetched.stderr).toMatchObject({ code: 0 });
      // A bucket keeps contents; times and modes come back as they can be listed.
      execFileSync('diff', ['-r', source, back]);
    });
  });
});
