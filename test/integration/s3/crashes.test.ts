import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Transfer } from '../../../shared/contract/transfers.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';
import { atRest, local, transferOf } from '../transfer/engine-lab.ts';
import {
  mostCarried,
  moveThroughCrashes,
  profileWithBucket,
  smallDisk,
  wordsOf,
  writeMixedTree,
} from '../transfer/fault-lab.ts';

const MIB = 2 ** 20;
/** Headers of the requests for one small object, and of the looks at it after each crash. */
const REQUEST_BYTES = 8192;
const SMALL_FILES = 60;

const place = (key: string) => ({ kind: 'bucket', bucket: 'data', key }) as const;

/** A tree without links, which a bucket does not keep. */
function tree(largeMebibytes: number): { readonly root: string; readonly bytes: number } {
  const root = tempFolder();
  const bytes = writeMixedTree(root, largeMebibytes, SMALL_FILES);
  rmSync(join(root, 'link'));
  return { root, bytes };
}

/** A bucket keeps contents; times and modes come back as they can be listed. */
function expectSame(source: string, target: string): void {
  execFileSync('diff', ['-r', source, target]);
  expect(execFileSync('find', [target, '-name', '*slipway-part*'], { encoding: 'utf8' })).toBe('');
}

describe.skipIf(!hasRadosgw())('a transfer with a bucket', () => {
  const store = useRadosgw();

  it('goes on by itself when its core is killed, up and down, repeats at most 64 MiB a time, and ends equal', async () => {
    const { slipway, proxy } = await profileWithBucket(store(), 'anna');
    const { root, bytes } = tree(96);
    const back = join(tempFolder(), 'back');
    for (const [direction, args] of [
      ['up', ['sync', root, 'bucket:data/study']],
      ['down', ['sync', 'bucket:data/study', back]],
    ] as const) {
      const told = await moveThroughCrashes(slipway, {
        args,
        // In the middle: where exactly is left to chance.
        crashes: [(0.15 + 0.6 * Math.random()) * bytes],
        carried: () => proxy.carried()[direction],
      });
      console.log(`${direction}: ${wordsOf(told, bytes)}`);
      expect(told.transfer, JSON.stringify(told.transfer.problems)).toMatchObject({ state: 'done', problemCount: 0 });
      expect(told.killedAt).toHaveLength(1);
      expect(told.carried).toBeLessThan(mostCarried(told, bytes) + SMALL_FILES * REQUEST_BYTES);
    }
    // What came back is what the store has.
    expectSame(root, back);
  }, 240_000);

  it('waits while the store is away in the middle, both ways, and goes on when it is back', async () => {
    const { slipway } = await profileWithBucket(store(), 'berta');
    const { root } = tree(36);
    const sent = await slipway.run('sync', root, 'bucket:data/study');
    expect(sent, sent.stderr).toMatchObject({ code: 0 });
    const { client } = await startCore(slipway.home);
    const back = join(tempFolder(), 'back');
    await client.transfers.limit({ bytesPerSecond: 10 * MIB });
    const ids = await Promise.all(
      [
        { from: [local(root)], to: place('again'), into: false },
        { from: [place('study')], to: local(back), into: false },
      ].map(async (way) => (await client.transfers.start({ requestId: randomUUID(), ...way })).id),
    );
    const each = async (isThere: (transfer: Transfer) => boolean): Promise<Transfer[]> =>
      Promise.all(
        ids.map((transfer) =>
          eventually(async () => {
            const now = await client.transfers.get({ transfer });
            return isThere(now) ? now : null;
          }, 90),
        ),
      );
    await each(({ bytes }) => bytes.done > MIB);
    await store().stopGateway();
    try {
      await client.transfers.limit({ bytesPerSecond: null });
      // On a slow machine one of them may have ended before.
      const resting = await each(({ state, endedAt }) => state === 'waiting' || endedAt !== null);
      const waiting = resting.filter(({ state }) => state === 'waiting');
      expect(waiting.length).toBeGreaterThan(0);
      for (const { message } of waiting) expect(message).toMatch(/connection refused|broke/);
    } finally {
      await store().startGateway();
    }
    for (const { id, endedAt } of await each(() => true))
      if (endedAt === null) await client.transfers.resume({ transfer: id });
    for (const id of ids) expect(await atRest(client, id, 120)).toMatchObject({ state: 'done', problemCount: 0 });
    expectSame(root, back);
    const again = join(tempFolder(), 'again');
    const fetched = { from: [place('again')], to: local(again), into: false };
    expect(await transferOf(client, fetched)).toMatchObject({ state: 'done', problemCount: 0 });
    expectSame(root, again);
  }, 240_000);

  it('keeps what has come when the disk of this workstation is full, says so, and goes on when there is room', async () => {
    const { slipway } = await profileWithBucket(store(), 'carla');
    const root = tempFolder();
    writeFileSync(join(root, 'first'), randomBytes(20 * MIB));
    writeFileSync(join(root, 'second'), randomBytes(20 * MIB));
    const sent = await slipway.run('sync', root, 'bucket:data/study');
    expect(sent, sent.stderr).toMatchObject({ code: 0 });

    const disk = smallDisk(48);
    const target = join(disk, 'target');
    mkdirSync(target);
    const { client } = await startCore(slipway.home);
    await client.transfers.limit({ bytesPerSecond: 8 * MIB });
    const request = { from: [place('study')], to: local(target), into: false };
    const { id } = await client.transfers.start({ requestId: randomUUID(), ...request });
    const now = () => client.transfers.get({ transfer: id });
    await eventually(async () => (await now()).bytes.done > 4 * MIB, 60);
    // Somebody else fills the disk.
    const { bavail, bsize } = statfsSync(disk);
    writeFileSync(join(disk, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - MIB)));
    await client.transfers.limit({ bytesPerSecond: null });
    const waiting = await eventually(async () => {
      const transfer = await now();
      return transfer.state === 'waiting' && /full|space/i.test(transfer.message ?? '') ? transfer : null;
    }, 90);
    expect(waiting.hint).not.toBe(null);
    // Nothing half-written is seen under the name of a file.
    expect(readdirSync(target).filter((name) => name === 'first' || name === 'second')).toEqual([]);
    rmSync(join(disk, 'filler'));
    await client.transfers.resume({ transfer: id });
    expect(await atRest(client, id, 120)).toMatchObject({ state: 'done', problemCount: 0 });
    expectSame(root, target);
  }, 240_000);
});
