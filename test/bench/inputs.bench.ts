import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import { entryUrl } from '../../electron/entry/entry-url.ts';
import { systemClock, systemTimers } from '../../electron/core/clock.ts';
import { JobMoveStore } from '../../electron/core/storage/job-move-store.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { SentContentStore } from '../../electron/core/storage/sent-content-store.ts';
import { TransferFileStore } from '../../electron/core/storage/transfer-file-store.ts';
import { FolderEnd } from '../../electron/core/transfer/ends/folder-end.ts';
import { SshEnd } from '../../electron/core/transfer/ends/ssh/ssh-end.ts';
import type { JobMove } from '../../electron/core/transfer/engine/job-moves.ts';
import { JobMoves } from '../../electron/core/transfer/engine/job-moves.ts';
import { TokenBucket } from '../../electron/core/transfer/engine/token-bucket.ts';
import { HashPool } from '../../electron/core/transfer/hash-worker/hash-pool.ts';
import { lookAtLocal } from '../../electron/core/transfer/local/walk-local.ts';
import { stageTree } from '../../electron/core/transfer/stage-tree.ts';
import { packLocalTree } from '../../electron/core/transfer/tar-pack.ts';
import { median } from './median.ts';
import type { SshLab } from './ssh-bench-lab.ts';
import { hostOf, SSHD, startSshLab } from './ssh-bench-lab.ts';

const TOOLS = { tar: true, zstd: true, gzip: true, gnuFind: true };
const MESH = 'inputs/mesh.bin';

export interface InputsBenchResult {
  readonly megabytes: number;
  readonly roundTripMs: number;
  /** Median over the rounds, with signing in: one stream of tar, the engine on a host that has nothing of it, and the engine for the next job with the same input. */
  readonly seconds: { readonly bundle: number; readonly first: number; readonly again: number };
  /** How many times faster than the bundle. */
  readonly timesFirst: number;
  readonly timesAgain: number;
  /** Percent of the input's bytes that travelled for the next job. Target: 5 or less. */
  readonly travelledAgain: number;
}

/** What the moves of a job need, over a database and a connection of their own; the job itself is a row. */
function movesOver(db: Database, end: SshEnd, pool: HashPool): JobMoves {
  const local = new FolderEnd(pool.hash);
  return new JobMoves({
    moves: new JobMoveStore(db),
    files: new TransferFileStore(db),
    sent: new SentContentStore(db),
    endOf: () => end,
    local,
    hash: pool.hash,
    follow: pool.follow,
    bucket: new TokenBucket(systemTimers),
    clock: systemClock,
    timers: systemTimers,
  });
}

function addJob(db: Database, id: string): void {
  db.prepare(
    `INSERT INTO job (id, request_id, name, type, site, folder, source, spec_text, plan, outputs, submitted_at, total)
     VALUES (?, ?, '', 'basic', 'bench', '', '', '', '{}', '[]', 0, 1)`,
  ).run(id, id);
}

/** Brings the input of a new job; resolves to the bytes that travelled. */
async function bringByEngine(lab: SshLab, db: Database, job: string): Promise<number> {
  const host = hostOf(lab);
  const end = new SshEnd(host, TOOLS);
  const pool = new HashPool(entryUrl('hash-worker'));
  let travelled = 0;
  try {
    addJob(db, job);
    const { size, modifiedAt, mark } = (await lookAtLocal(join(lab.folder, MESH), MESH))!;
    const move: JobMove = {
      ...{ job, name: 'inputs', site: 'bench', direction: 'up', sourceRoot: lab.folder, roomAt: lab.folder },
      targetRoot: join(lab.folder, 'jobs', job),
    };
    const problems = await movesOver(db, end, pool).run(move, [{ path: MESH, size, modifiedAt, mode: 0o444, mark }], {
      signal: AbortSignal.timeout(600_000),
      onProgress: ({ travelledBytes }) => (travelled = travelledBytes),
    });
    if (problems.length > 0) throw new Error(problems[0]!.message);
    return travelled;
  } finally {
    end.close();
    await Promise.all([host.dispose(), pool.dispose()]);
  }
}

async function bringByBundle(lab: SshLab, job: string): Promise<void> {
  const host = hostOf(lab);
  const source = join(lab.folder, MESH);
  try {
    const { size, modifiedAt } = (await lookAtLocal(source, MESH))!;
    const entry = { kind: 'local-file', path: 'mesh.bin', source, size, modifiedAt, mode: 0o444 } as const;
    await stageTree(host, {
      target: join(lab.folder, 'jobs', job),
      token: 'bench',
      compression: 'zstd',
      chunks: packLocalTree([entry], 'zstd'),
      expected: () => ({ files: 1 }),
      signal: AbortSignal.timeout(600_000),
    });
  } finally {
    await host.dispose();
  }
}

/** Stages a large shared input of a job that cannot be compressed, in turn as one stream and by the engine. Null where sshd or zstd is missing. */
export async function runInputsBench(megabytes = 256, rounds = 3, roundTripMs = 50): Promise<InputsBenchResult | null> {
  if (![SSHD, '/usr/bin/zstd'].every((path) => existsSync(path))) return null;
  const lab = await startSshLab({ roundTripMs });
  const db = openDatabase({ path: join(lab.folder, 'state.db'), migrations: STATE_MIGRATIONS, now: systemClock.now });
  try {
    await mkdir(join(lab.folder, 'inputs'));
    const seconds = { bundle: [] as number[], first: [] as number[], again: [] as number[] };
    const timed = async <T>(way: keyof typeof seconds, work: () => Promise<T>): Promise<T> => {
      const began = performance.now();
      const result = await work();
      seconds[way].push((performance.now() - began) / 1000);
      return result;
    };
    let travelled = 0;
    for (let round = 0; round < rounds; round++) {
      await writeFile(join(lab.folder, MESH), randomBytes(megabytes * 1e6));
      await timed('bundle', () => bringByBundle(lab, `bundle${round}`));
      await timed('first', () => bringByEngine(lab, db, `first${round}`));
      travelled += await timed('again', () => bringByEngine(lab, db, `again${round}`));
      await rm(join(lab.folder, 'jobs'), { recursive: true });
    }
    const [bundle, first, again] = [seconds.bundle, seconds.first, seconds.again].map(median) as [
      number,
      number,
      number,
    ];
    const rounded = (value: number): number => Number(value.toFixed(2));
    return {
      megabytes,
      roundTripMs,
      seconds: { bundle: rounded(bundle), first: rounded(first), again: rounded(again) },
      timesFirst: rounded(bundle / first),
      timesAgain: rounded(bundle / again),
      travelledAgain: rounded((100 * travelled) / (rounds * megabytes * 1e6)),
    };
  } finally {
    db.close();
    lab.stop();
    await rm(lab.folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify({ bench: 'inputs', ...(await runInputsBench()) }));
