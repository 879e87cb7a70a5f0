/**
 * Many small files through the engine of the core, with its journal, beside rsync and tar: how long a tree takes, a re-sync of it, and one with a hundredth of the files changed;
 * and how late the event loop of the core is meanwhile, on which everything else waits. The connection of the core is open, as it is in the app; the programs sign in.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Carried } from './engine-bench-lab.ts';
import { openEngine } from './engine-bench-lab.ts';
import { median } from './median.ts';
import { changeSome, writeTree } from './small-tree.ts';
import { startSshLab } from './ssh-bench-lab.ts';
import { carryBy, missingPeers } from './transfer-peers.ts';

const TOOLS = { tar: true, zstd: true, gzip: true, gnuFind: true };
const PEERS = ['rsync', 'tar-ssh'] as const;
type Way = 'slipway' | (typeof PEERS)[number];
const TASKS = ['new tree', 'nothing changed', 'nothing changed, by contents', '1 % changed'] as const;
type Task = (typeof TASKS)[number];

export interface SmallFilesBenchOptions {
  /** Of the tree. */
  readonly files?: number;
  readonly rounds?: number;
  readonly roundTrips?: readonly number[];
  /** Prints how long each step of the last round took. */
  readonly profile?: boolean;
}

export interface SmallFilesBenchRow {
  readonly task: Task;
  readonly files: number;
  readonly roundTripMs: number;
  /** Medians. */
  readonly seconds: Readonly<Partial<Record<Way, number>>>;
  /** Milliseconds that the event loop of the core was late, at the 99th percentile; the median of the rounds. */
  readonly lateP99: number;
}

/** Null where one of the programs is missing. */
export async function runSmallFilesBench(
  options: SmallFilesBenchOptions = {},
  onRow: (row: SmallFilesBenchRow) => void = () => {},
): Promise<SmallFilesBenchRow[] | null> {
  const { files = 10_000, rounds = 3, roundTrips = [0, 50], profile = false } = options;
  if (missingPeers().length > 0) return null;
  const rows: SmallFilesBenchRow[] = [];
  for (const roundTripMs of roundTrips) {
    const lab = await startSshLab({ roundTripMs });
    const engine = await openEngine(lab, TOOLS);
    const load = join(lab.folder, 'load');
    const targetOf = (way: Way): string => join(lab.folder, way);
    let changes = 0;
    const by = async (way: Way): Promise<number> => {
      const began = performance.now();
      if (way !== 'slipway') await carryBy(lab, way, { direction: 'up', from: load, to: targetOf(way), isTree: true });
      return (performance.now() - began) / 1000;
    };
    const carry = (checksum: boolean): Promise<Carried> =>
      engine.carry({
        from: [{ kind: 'local', path: load }],
        to: { kind: 'site', site: 'bench', path: targetOf('slipway') },
        into: false,
        options: { conflicts: 'replace', checksum },
      });
    try {
      await writeTree(load, files);
      const taken = new Map(TASKS.map((task) => [task, new Map<Way, number[]>()]));
      const late = new Map<Task, number[]>();
      for (let round = 0; round < rounds; round++) {
        for (const task of TASKS) {
          const add = (way: Way, seconds: number): void => {
            const of = taken.get(task)!;
            of.set(way, [...(of.get(way) ?? []), seconds]);
          };
          if (task === '1 % changed') await changeSome(load, new Date(Date.now() + ++changes * 60_000));
          const carried = await carry(task === 'nothing changed, by contents');
          add('slipway', carried.seconds);
          late.set(task, [...(late.get(task) ?? []), carried.lateP99]);
          if (profile && round === rounds - 1) printSteps(task, carried);
          if (task !== 'nothing changed, by contents') add('rsync', await by('rsync'));
          if (task === 'new tree') add('tar-ssh', await by('tar-ssh'));
        }
        for (const way of ['slipway', ...PEERS] as const) await rm(targetOf(way), { recursive: true, force: true });
      }
      for (const task of TASKS) {
        const seconds = Object.fromEntries(
          [...taken.get(task)!].map(([way, all]) => [way, Number(median(all).toFixed(2))]),
        );
        const row = { task, files, roundTripMs, seconds, lateP99: Math.round(median(late.get(task)!)) };
        rows.push(row);
        onRow(row);
      }
    } finally {
      await engine.close();
      lab.stop();
      await rm(lab.folder, { recursive: true, force: true });
    }
  }
  return rows;
}

function printSteps(task: Task, { steps, lateMost }: Carried): void {
  console.log(`${task}: the event loop was ${lateMost.toFixed(0)} ms late at most`);
  for (const { name, from, to } of steps.toSorted((a, b) => a.from - b.from))
    console.log(`  ${from.toFixed(0).padStart(6)} … ${to.toFixed(0).padStart(6)} ms  ${name}`);
}

if (import.meta.main) {
  const [files = '10000', rounds = '3', ...words] = process.argv.slice(2);
  const options = { files: Number(files), rounds: Number(rounds), profile: words.includes('--profile') };
  await runSmallFilesBench(options, (row) => console.log(JSON.stringify(row)));
}
