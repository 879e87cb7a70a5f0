/** A large file and many small ones to and from a bucket, beside rclone, in interleaved rounds against one store. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pino from 'pino';
import { systemClock } from '../../electron/core/clock.ts';
import { BucketService } from '../../electron/core/s3/bucket-service.ts';
import { BucketStore } from '../../electron/core/storage/bucket-store.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { HashPool } from '../../electron/core/transfer/hash-worker/hash-pool.ts';
import { S3End } from '../../electron/core/transfer/ends/s3/s3-end.ts';
import { entryUrl } from '../../electron/entry/entry-url.ts';
import { bucketTarget } from '../../shared/contract/buckets.ts';
import type { Radosgw, S3User } from '../lab/radosgw-server.ts';
import { hasRadosgw, startRadosgw } from '../lab/radosgw-server.ts';
import { farEntries, fetchFiles, localEntries, sendFiles } from './end-transfers.ts';
import { median } from './median.ts';

const MIB = 2 ** 20;
const SMALL_BYTES = 5000;

export interface S3BenchRow {
  readonly task: string;
  /** Medians. */
  readonly slipwaySeconds: number;
  readonly rcloneSeconds: number;
  /** How many times as fast slipway is. */
  readonly times: number;
}

/** rclone as the reference measures it: eight parts of 16 MiB at once, and sixteen files. */
const RCLONE = ['--s3-upload-concurrency=8', '--s3-chunk-size=16M', '--transfers=16', '--s3-no-check-bucket'];

/** @throws Error when the store or rclone is missing */
export async function runS3Bench({ megabytes = 512, files = 2000, rounds = 3 } = {}): Promise<S3BenchRow[]> {
  if (!hasRadosgw() || !existsSync('/usr/bin/rclone')) throw new Error('This bench needs radosgw and rclone.');
  const shared = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const folder = await mkdtemp(join(shared, 'slipway-s3-bench-'));
  const labFolder = join(folder, 'store');
  await mkdir(labFolder);
  const store = await startRadosgw(labFolder);
  const hashPool = new HashPool(entryUrl('hash-worker'));
  try {
    const user = await store.addUser('bench');
    await store.addBucket(user, 'bench');
    const rig = { store, user, folder, hashPool };
    const [large, small] = [join(folder, 'large'), join(folder, 'small')];
    await Promise.all([mkdir(large), mkdir(small)]);
    for (let i = 0; i < megabytes; i += 64)
      await writeFile(join(large, 'model.odb'), randomBytes(64 * MIB), { flag: i === 0 ? 'w' : 'a' });
    for (let i = 0; i < files; i++) await writeFile(join(small, `case-${i}.dat`), randomBytes(SMALL_BYTES));
    return [
      await row(`large file up, ${megabytes} MiB`, rounds, ways(rig, large, 'up')),
      await row(`large file down, ${megabytes} MiB`, rounds, ways(rig, large, 'down')),
      await row(`${files} small files up`, rounds, ways(rig, small, 'up')),
      await row(`${files} small files down`, rounds, ways(rig, small, 'down')),
    ];
  } finally {
    await Promise.all([store.stop(), hashPool.dispose()]);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Rig {
  readonly store: Radosgw;
  readonly user: S3User;
  readonly folder: string;
  /** Threads that are there already, as in a core. */
  readonly hashPool: HashPool;
}

interface Ways {
  readonly slipway: (round: number) => Promise<void>;
  readonly rclone: (round: number) => Promise<void>;
}

/** Both ways of one task; what goes down has been sent by a round before. */
function ways({ store, user, folder, hashPool }: Rig, local: string, direction: 'up' | 'down'): Ways {
  const name = local.slice(folder.length + 1);
  const remote = (way: string): string => `${name}/${way}-${direction === 'up' ? 'up' : 'down'}`;
  const sent = new Set<string>();
  const send = async (key: string): Promise<void> =>
    withEnd(store, user, folder, async (end, signal) => {
      const entries = await localEntries(local, signal);
      await sendFiles(end, { from: local, to: key, entries }, signal, { hash: hashPool.hash });
    });
  const ready = async (): Promise<string> => {
    const key = `${name}/source`;
    if (!sent.has(key)) await send(key);
    sent.add(key);
    return key;
  };
  return {
    slipway: async (round) => {
      if (direction === 'up') return send(`${remote('slipway')}-${round}`);
      const key = await ready();
      const target = join(folder, `slipway-${round}`);
      await withEnd(store, user, folder, async (end, signal) => {
        const entries = await farEntries(end, key, false, signal);
        await fetchFiles(end, { from: key, to: target, entries }, signal, hashPool);
      });
      await rm(target, { recursive: true });
    },
    rclone: async (round) => {
      if (direction === 'up') return rclone(store, user, local, `:s3:bench/${remote('rclone')}-${round}`);
      const key = await ready();
      const target = join(folder, `rclone-${round}`);
      await rclone(store, user, `:s3:bench/${key}`, target);
      await rm(target, { recursive: true });
    },
  };
}

async function row(task: string, rounds: number, { slipway, rclone }: Ways): Promise<S3BenchRow> {
  // The first of each warms up: programs are loaded, objects that go down are sent.
  await slipway(-1);
  await rclone(-1);
  const seconds = { slipway: [] as number[], rclone: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    seconds.slipway.push(await secondsOf(() => slipway(round)));
    seconds.rclone.push(await secondsOf(() => rclone(round)));
  }
  const [ours, theirs] = [median(seconds.slipway), median(seconds.rclone)];
  return { task, slipwaySeconds: rounded(ours), rcloneSeconds: rounded(theirs), times: rounded(theirs / ours) };
}

/** With a connection of its own, as a program has one. */
async function withEnd(
  store: Radosgw,
  user: S3User,
  folder: string,
  work: (end: S3End, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const db = openDatabase({ path: join(folder, 'state.db'), migrations: STATE_MIGRATIONS, now: Date.now });
  const { accessKeyId, secretAccessKey } = user;
  const buckets = new BucketService({
    store: new BucketStore(db),
    secrets: {
      get: async () => JSON.stringify({ secretAccessKey }),
      set: async () => undefined,
      remove: async () => undefined,
    },
    clock: systemClock,
    log: pino({ level: 'silent' }),
    goingOn: () => new Set(),
  });
  try {
    const target = bucketTarget.parse({ bucket: 'bench', endpoint: store.endpoint });
    await buckets.add({ name: 'bench', target, credentials: { from: 'typed', accessKeyId, secretAccessKey } });
    const end = new S3End('bench', (signal) => buckets.open('bench', signal));
    await work(end, AbortSignal.timeout(600_000));
  } finally {
    buckets.dispose();
    db.close();
  }
}

async function rclone(store: Radosgw, user: S3User, from: string, to: string): Promise<void> {
  // Nothing of this machine's own settings for S3.
  const env = {
    PATH: process.env['PATH'],
    HOME: tmpdir(),
    RCLONE_S3_PROVIDER: 'Ceph',
    RCLONE_S3_ENDPOINT: store.endpoint,
    RCLONE_S3_ACCESS_KEY_ID: user.accessKeyId,
    RCLONE_S3_SECRET_ACCESS_KEY: user.secretAccessKey,
  };
  await promisify(execFile)('/usr/bin/rclone', ['--config', '/dev/null', ...RCLONE, 'copy', from, to], { env });
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
