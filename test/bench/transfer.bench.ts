import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SshEnd } from '../../electron/core/transfer/ends/ssh/ssh-end.ts';
import type { FileTools } from '../../electron/core/transfer/host-files.ts';
import { PackPool } from '../../electron/core/transfer/pack-worker/pack-pool.ts';
import { entryUrl } from '../../electron/entry/entry-url.ts';
import { changedFiles, farEntries, localEntries, sendFiles } from './end-transfers.ts';
import { median } from './median.ts';
import { changeSome, writeTree } from './small-tree.ts';
import type { SshLab } from './ssh-bench-lab.ts';
import { hostOf, startSshLab } from './ssh-bench-lab.ts';
import type { Peer } from './transfer-peers.ts';
import { carryBy, missingPeers } from './transfer-peers.ts';

/** As the app has one. */
const packPool = new PackPool(entryUrl('pack-worker'));
const SHELL_TOOLS: FileTools = { tar: true, zstd: true, gzip: true, gnuFind: true };
const SFTP_TOOLS: FileTools = { tar: false, zstd: false, gzip: false, gnuFind: false };

/** Programs that take a round trip or a command for each file carry so many of them, and the rest is reckoned. */
const FEW = 40;
/** Of those, ones that are quick enough where the way is short. */
const SOME = 500;

type Way = 'slipway' | Peer;

export interface TransferBenchRow {
  readonly task: string;
  readonly roundTripMs: number;
  /** Medians, with signing in. */
  readonly seconds: Readonly<Partial<Record<Way, number>>>;
  /** How many times as fast slipway is. */
  readonly times: Readonly<Partial<Record<Peer, number>>>;
}

export interface TransferBenchOptions {
  readonly files?: number;
  readonly manyFiles?: number;
  readonly rounds?: number;
  readonly roundTrips?: readonly number[];
  /** Only the tasks whose names hold this. */
  readonly only?: string;
}

/** A task and how each way does it; what is made by it lies below `target`, which is new each time. */
interface Task {
  readonly name: string;
  /** Does it once with a program, or reckons how long that would take; resolves to seconds. */
  readonly by: (way: Way, target: string) => Promise<number>;
  readonly ways: readonly Way[];
  /** Makes what has to be there first; its time does not count. */
  readonly prepare?: (target: string) => Promise<void>;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

/** With a connection of its own, as a program has one. */
async function withEnd(
  lab: SshLab,
  tools: FileTools,
  work: (end: SshEnd, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const host = hostOf(lab);
  const end = new SshEnd(host, tools, packPool.pack);
  try {
    await work(end, AbortSignal.timeout(600_000));
  } finally {
    end.close();
    await host.dispose();
  }
}

interface Load {
  readonly small: string;
  readonly files: number;
  readonly few: string;
  readonly some: string;
  readonly one: string;
}

/** How long a program takes for all files, reckoned from some of them where it would take minutes. */
async function secondsFor(lab: SshLab, load: Load, peer: Peer, target: string, part: string | null): Promise<number> {
  const carry = (from: string, to: string, isTree: boolean): Promise<number> =>
    secondsOf(() => carryBy(lab, peer, { direction: 'up', from, to, isTree }));
  if (part === null) return await carry(load.small, target, true);
  const signIn = await carry(load.one, `${target}-one`, false);
  const seconds = await carry(part, target, true);
  const count = part === load.few ? FEW : SOME;
  return signIn + (Math.max(seconds - signIn, 0.001) * load.files) / count;
}

function smallTask(
  lab: SshLab,
  load: Load,
  name: string,
  tools: FileTools,
  peers: readonly Peer[],
  roundTripMs: number,
): Task {
  const partOf = (peer: Peer): string | null => {
    if (peer === 'rsync' || peer === 'tar-ssh') return null;
    return roundTripMs === 0 && peer !== 'rclone' ? load.some : load.few;
  };
  return {
    name,
    ways: ['slipway', ...peers],
    by: async (way, target) => {
      if (way !== 'slipway') return await secondsFor(lab, load, way, target, partOf(way));
      const seconds = await secondsOf(() =>
        withEnd(lab, tools, async (end, signal) => {
          const entries = await localEntries(load.small, signal);
          await sendFiles(end, { from: load.small, to: target, entries }, signal);
        }),
      );
      const there = await localEntries(target, AbortSignal.timeout(60_000));
      if (there.filter(({ kind }) => kind === 'file').length !== load.files)
        throw new Error('slipway did not carry everything');
      return seconds;
    },
  };
}

function resyncTasks(lab: SshLab, load: Load): Task[] {
  const prepare = (target: string): Promise<void> =>
    carryBy(lab, 'rsync', { direction: 'up', from: load.small, to: target, isTree: true });
  const task = (name: string, hash: boolean): Task => ({
    name,
    ways: ['slipway', 'rsync'],
    prepare,
    by: (way, target) =>
      secondsOf(async () => {
        if (way === 'rsync')
          return await carryBy(lab, 'rsync', { direction: 'up', from: load.small, to: target, isTree: true });
        await withEnd(lab, SHELL_TOOLS, async (end, signal) => {
          const [local, far] = await Promise.all([
            localEntries(load.small, signal),
            farEntries(end, target, hash, signal),
          ]);
          if (changedFiles(local, far).length > 0) throw new Error('nothing had changed');
        });
      }),
  });
  return [task('nothing changed', false), task('nothing changed, by contents', true)];
}

function fewChangedTask(lab: SshLab, many: string): Task {
  return {
    name: '1 % of many files changed',
    ways: ['slipway', 'rsync'],
    prepare: async (target) => {
      await carryBy(lab, 'rsync', { direction: 'up', from: many, to: target, isTree: true });
      await changeSome(many, new Date(Date.now() + 60_000));
    },
    by: (way, target) =>
      secondsOf(async () => {
        if (way === 'rsync')
          return await carryBy(lab, 'rsync', { direction: 'up', from: many, to: target, isTree: true });
        await withEnd(lab, SHELL_TOOLS, async (end, signal) => {
          const [local, far] = await Promise.all([localEntries(many, signal), farEntries(end, target, false, signal)]);
          await sendFiles(end, { from: many, to: target, entries: changedFiles(local, far) }, signal);
        });
      }),
  };
}

/** Does each way in turn, round by round, so that a busy moment hits all alike. */
async function measure(lab: SshLab, task: Task, roundTripMs: number, rounds: number): Promise<TransferBenchRow> {
  const taken = new Map<Way, number[]>(task.ways.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of task.ways) {
      const target = join(lab.folder, 'targets', `${way}-${round}`);
      await mkdir(dirname(target), { recursive: true });
      await task.prepare?.(target);
      taken.get(way)!.push(await task.by(way, target));
      await rm(dirname(target), { recursive: true, force: true });
    }
  }
  const ours = median(taken.get('slipway')!);
  const seconds = Object.fromEntries([...taken].map(([way, all]) => [way, Number(median(all).toFixed(2))]));
  const times = Object.fromEntries(
    [...taken].filter(([way]) => way !== 'slipway').map(([way, all]) => [way, Number((median(all) / ours).toFixed(2))]),
  );
  return { task: task.name, roundTripMs, seconds, times };
}

/** Moves files through a far end reached by SSH, in turn with the programs that people use. Null where one of them is missing. */
export async function runTransferBench(
  options: TransferBenchOptions = {},
  onRow: (row: TransferBenchRow) => void = () => {},
): Promise<TransferBenchRow[] | null> {
  const { files = 10_000, manyFiles = 100_000, rounds = 3, roundTrips = [0, 50], only = '' } = options;
  if (missingPeers().length > 0) return null;
  const rows: TransferBenchRow[] = [];
  for (const roundTripMs of roundTrips) {
    const lab = await startSshLab({ roundTripMs });
    const plain = await startSshLab({ roundTripMs, sftpOnly: true });
    try {
      const at = (name: string): string => join(lab.folder, 'load', name);
      const load = {
        small: at('small'),
        files,
        few: at('few'),
        some: at('some'),
        one: at('few/0/f0'),
      };
      await writeTree(load.small, files);
      await writeTree(load.few, FEW);
      await writeTree(load.some, SOME);
      const tasks = [
        smallTask(lab, load, 'small files up', SHELL_TOOLS, ['scp', 'rsync', 'rclone', 'tar-ssh'], roundTripMs),
        smallTask(plain, load, 'small files up, SFTP only', SFTP_TOOLS, ['sftp'], roundTripMs),
        ...resyncTasks(lab, load),
        fewChangedTask(lab, at('many')),
      ].filter(({ name }) => name.includes(only));
      if (tasks.some(({ name }) => name.includes('many'))) await writeTree(at('many'), manyFiles);
      for (const task of tasks) {
        const row = await measure(task.name.includes('SFTP only') ? plain : lab, task, roundTripMs, rounds);
        rows.push(row);
        onRow(row);
      }
    } finally {
      for (const each of [lab, plain]) {
        each.stop();
        await rm(each.folder, { recursive: true, force: true });
      }
    }
  }
  return rows;
}

if (import.meta.main) {
  const [only = '', rounds = '3', roundTrip] = process.argv.slice(2);
  const roundTrips = roundTrip === undefined ? [0, 50] : [Number(roundTrip)];
  await runTransferBench({ only, rounds: Number(rounds), roundTrips }, (row) => console.log(JSON.stringify(row)));
}
