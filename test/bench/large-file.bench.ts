/**
 * One large file to a host and back, beside scp, rsync and rclone, over a short and a long way. Two figures: with the sign-in, as the programs have it; and over a connection that is
 * open, as the app has one, beside scp that goes through an open one as well.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { HashPool } from '../../electron/core/transfer/hash-worker/hash-pool.ts';
import { SshEnd } from '../../electron/core/transfer/ends/ssh/ssh-end.ts';
import { entryUrl } from '../../electron/entry/entry-url.ts';
import { fetchFiles, localEntries, sendFiles } from './end-transfers.ts';
import { median } from './median.ts';
import type { SshLab } from './ssh-bench-lab.ts';
import { hostOf, startSshLab } from './ssh-bench-lab.ts';
import type { OpenConnection } from './transfer-peers.ts';
import { carryBy, missingPeers, openConnection } from './transfer-peers.ts';

const WAYS = ['slipway', 'slipway, connected', 'scp', 'scp, connected', 'rsync', 'rclone'] as const;
type Way = (typeof WAYS)[number];
const DIRECTIONS = ['up', 'down'] as const;
type Direction = (typeof DIRECTIONS)[number];

/** How many times as fast as scp it is meant to be, by round trip: next to nothing, or 50 ms. */
const TARGETS: Readonly<Record<Direction, { readonly near: number; readonly far: number }>> = {
  up: { near: 0.9, far: 3.5 },
  down: { near: 0.7, far: 2.5 },
};
const BLOCK_BYTES = 1_000_000;
const LONG_MS = 600_000;

export interface LargeFileBenchOptions {
  readonly megabytes?: number;
  readonly rounds?: number;
  readonly roundTrips?: readonly number[];
  /** Only what is called so: `up` or `down`. */
  readonly only?: string;
  /** Prints how long each of our own steps took. */
  readonly profile?: boolean;
}

export interface LargeFileBenchRow {
  readonly direction: Direction;
  readonly roundTripMs: number;
  readonly megabytes: number;
  /** The middle of all rounds. */
  readonly seconds: Readonly<Record<Way, number>>;
  /** How many times as fast as scp: each signs in. */
  readonly first: number;
  /** The same where both have a connection that is open. */
  readonly connected: number;
  readonly target: number;
}

/** A step of ours and the milliseconds that it took. */
interface Step {
  readonly name: string;
  readonly ms: number;
}

/** Measures steps from one call to the next. */
function stepClock(): { readonly steps: Step[]; readonly onStep: (name: string) => void } {
  const steps: Step[] = [];
  let last = performance.now();
  const onStep = (name: string): void => {
    const now = performance.now();
    steps.push({ name, ms: now - last });
    last = now;
  };
  return { steps, onStep };
}

interface Moved {
  readonly seconds: number;
  readonly steps: readonly Step[];
}

/** Moves the file as the app does. `isConnected`: the sign-in is over, and somebody has looked at a folder, before the time counts. */
async function moveByOurselves(
  lab: SshLab,
  pool: HashPool,
  { direction, from, to }: { readonly direction: Direction; readonly from: string; readonly to: string },
  isConnected: boolean,
): Promise<Moved> {
  const host = hostOf(lab);
  const end = new SshEnd(host, { tar: true, zstd: true, gzip: true, gnuFind: true });
  const signal = AbortSignal.timeout(LONG_MS);
  try {
    if (isConnected) await Promise.all([end.list('.', signal), end.space('.', signal)]);
    const { steps, onStep } = stepClock();
    const began = performance.now();
    await host.connect('nobody');
    onStep('sign in');
    const folder = dirname(from);
    const options = { hash: pool.hash, onStep };
    if (direction === 'up') {
      const entries = (await localEntries(folder, signal)).filter(({ path }) => path === basename(from));
      await sendFiles(end, { from: folder, to, entries }, signal, options);
    } else {
      const entries = [(await end.stat(from, signal))!];
      onStep('look at the file');
      await fetchFiles(end, { from: folder, to, entries }, signal, options);
    }
    return { seconds: (performance.now() - began) / 1000, steps };
  } finally {
    end.close();
    await host.dispose();
  }
}

async function writeLarge(path: string, megabytes: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'w');
  for (let i = 0; i < megabytes; i++) await file.write(randomBytes(BLOCK_BYTES));
  await file.close();
}

/** Null where one of the programs is missing. */
export async function runLargeFileBench(
  options: LargeFileBenchOptions = {},
  onRow: (row: LargeFileBenchRow) => void = () => {},
): Promise<LargeFileBenchRow[] | null> {
  const { megabytes = 384, rounds = 3, roundTrips = [0, 50], only = '', profile = false } = options;
  if (missingPeers().length > 0) return null;
  const pool = new HashPool(entryUrl('hash-worker'));
  const rows: LargeFileBenchRow[] = [];
  for (const roundTripMs of roundTrips) {
    const lab = await startSshLab({ roundTripMs });
    let connection: OpenConnection | null = null;
    const from = join(lab.folder, 'load', 'file');
    const by = async (way: Way, direction: Direction, to: string): Promise<Moved> => {
      if (way === 'slipway' || way === 'slipway, connected')
        return await moveByOurselves(lab, pool, { direction, from, to }, way !== 'slipway');
      const began = performance.now();
      const through = way === 'scp, connected' ? { through: connection! } : {};
      const peer = way === 'scp, connected' ? 'scp' : way;
      await carryBy(lab, peer, { direction, from, to, isTree: false, ...through });
      return { seconds: (performance.now() - began) / 1000, steps: [] };
    };
    try {
      connection = await openConnection(lab);
      await writeLarge(from, megabytes);
      for (const direction of DIRECTIONS.filter((name) => name.includes(only))) {
        const taken = new Map<Way, number[]>(WAYS.map((way) => [way, []]));
        for (let round = 0; round < rounds; round++) {
          // Each way in turn, so that a busy moment hits all alike.
          for (const way of WAYS) {
            const to = join(lab.folder, `${direction} ${way}`.replaceAll(/\W+/g, '-'));
            const { seconds, steps } = await by(way, direction, to);
            taken.get(way)!.push(seconds);
            if (profile && steps.length > 0) printSteps(`${direction}, ${roundTripMs} ms, ${way}`, steps);
            // What a host remembers of contents is not to help the next round.
            for (const made of [to, join(lab.folder, '.cache')]) await rm(made, { recursive: true, force: true });
          }
        }
        const row = rowOf(direction, roundTripMs, megabytes, taken);
        rows.push(row);
        onRow(row);
      }
    } finally {
      await connection?.close();
      lab.stop();
      await rm(lab.folder, { recursive: true, force: true });
    }
  }
  await pool.dispose();
  return rows;
}

function rowOf(
  direction: Direction,
  roundTripMs: number,
  megabytes: number,
  taken: ReadonlyMap<Way, readonly number[]>,
): LargeFileBenchRow {
  const middle = (way: Way): number => median(taken.get(way)!);
  const seconds = Object.fromEntries(WAYS.map((way) => [way, rounded(middle(way))])) as Record<Way, number>;
  return {
    direction,
    roundTripMs,
    megabytes,
    seconds,
    first: rounded(middle('scp') / middle('slipway')),
    connected: rounded(middle('scp, connected') / middle('slipway, connected')),
    target: TARGETS[direction][roundTripMs === 0 ? 'near' : 'far'],
  };
}

function rounded(n: number): number {
  return Number(n.toFixed(2));
}

function printSteps(title: string, steps: readonly Step[]): void {
  console.log(`${title}: ${steps.map(({ name, ms }) => `${name} ${ms.toFixed(0)} ms`).join(', ')}`);
}

/** A row of the table for people. */
function printRow({ direction, roundTripMs, megabytes, seconds, first, connected, target }: LargeFileBenchRow): void {
  console.log(`\n${megabytes} MB ${direction}, round trip ${roundTripMs} ms`);
  for (const way of WAYS) {
    const rate = `${(megabytes / seconds[way]).toFixed(0)} MB/s`;
    console.log(`  ${way.padEnd(20)} ${seconds[way].toFixed(2).padStart(7)} s ${rate.padStart(10)}`);
  }
  for (const [name, times] of Object.entries({ first, connected })) {
    const verdict = times >= target ? 'reached' : 'missed';
    console.log(`  ${name.padEnd(20)} ${times.toFixed(2).padStart(7)} × scp, target ${target} ×: ${verdict}`);
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', default: '' },
      rounds: { type: 'string', default: '3' },
      megabytes: { type: 'string', default: '384' },
      'round-trip': { type: 'string', multiple: true, default: ['0', '50'] },
      profile: { type: 'boolean', default: false },
    },
  });
  const options = {
    only: values.only,
    rounds: Number(values.rounds),
    megabytes: Number(values.megabytes),
    roundTrips: values['round-trip'].map(Number),
    profile: values.profile,
  };
  await runLargeFileBench(options, printRow);
}
