import { median } from './median.ts';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalSite } from '../../electron/core/sites/local/local-site.ts';
import { findProgram } from '../../electron/core/sites/local/probe-programs.ts';
import { RUN_WRAPPER_SH } from '../../electron/core/sites/local/run-wrapper.ts';

const SLOTS = 2;
const ROUNDS = 3;

export interface WrapperBenchResult {
  /** Runs of `true` in each round, two at a time. */
  readonly runs: number;
  /** Median over the rounds, runs per second; null = the peer is not installed. */
  readonly slipwayPerSecond: number;
  readonly parallelPerSecond: number | null;
  readonly xargsPerSecond: number | null;
  /** Median over the rounds of our rate by the peer's; both of a round run one after the other, under the same load. */
  readonly timesParallel: number | null;
  readonly timesXargs: number | null;
  /** CPU of this process for starting a run and reading its records, ms. */
  readonly ownCpuMsPerRun: number;
}

/**
 * Runs `true` many times through the local site (wrapper, time limit, records, watch over the tree) against `parallel -j2 --joblog` and `xargs -P2`, which
 * start it and no more. Staging the run folders is not counted: `parallel` makes none.
 */
export async function runWrapperBench(runs = 2_000): Promise<WrapperBenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const path = process.env['PATH'] ?? '';
  const [parallel, xargs] = [findProgram('parallel', path), findProgram('xargs', path)];
  const numbers = Array.from({ length: runs }, (_, i) => `${i}\n`).join('');
  const rates = { slipway: [] as number[], parallel: [] as number[], xargs: [] as number[] };
  let cpu = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const jobDir = join(folder, String(round));
      await stage(jobDir, runs);
      const before = process.cpuUsage();
      rates.slipway.push(runs / (await timed(() => runSite(jobDir, runs))));
      const used = process.cpuUsage(before);
      cpu += (used.user + used.system) / 1000 / runs / ROUNDS;
      if (parallel !== null) {
        const args = [`-j${SLOTS}`, '--will-cite', '--joblog', join(folder, `joblog-${round}`), 'true'];
        rates.parallel.push(runs / (await timed(() => feed(parallel, args, numbers))));
      }
      if (xargs !== null)
        rates.xargs.push(runs / (await timed(() => feed(xargs, [`-P${SLOTS}`, '-n1', 'true'], numbers))));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const times = (peer: readonly number[]): number | null =>
    peer.length === 0 ? null : round2(median(rates.slipway.map((rate, i) => rate / (peer[i] ?? Infinity))));
  return {
    runs,
    slipwayPerSecond: round2(median(rates.slipway)),
    parallelPerSecond: parallel === null ? null : round2(median(rates.parallel)),
    xargsPerSecond: xargs === null ? null : round2(median(rates.xargs)),
    timesParallel: times(rates.parallel),
    timesXargs: times(rates.xargs),
    ownCpuMsPerRun: round2(cpu),
  };
}

async function stage(jobDir: string, runs: number): Promise<void> {
  await mkdir(jobDir);
  await writeFile(join(jobDir, 'wrapper.sh'), RUN_WRAPPER_SH);
  for (let run = 1; run <= runs; run++) {
    await mkdir(join(jobDir, String(run), '.slipway'), { recursive: true });
    await writeFile(join(jobDir, String(run), '.slipway', 'command.sh'), 'true\n');
  }
}

async function runSite(jobDir: string, runs: number): Promise<void> {
  const site = createLocalSite({ clock: { now: () => Date.now() } });
  let next = 1;
  const slot = async (): Promise<void> => {
    while (next <= runs) {
      const handle = { runDir: join(jobDir, String(next++)), attempt: 1 };
      const request = { ...handle, jobDir, walltimeSeconds: 60, memoryBytes: null, environment: {} };
      await new Promise<void>((resolve) => site.start(request, resolve));
      const seen = await site.observe(handle);
      if (seen.kind !== 'ended' || seen.end.exitCode !== 0)
        throw new Error(`a run was not done: ${JSON.stringify(seen)}`);
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, slot));
  await site.dispose();
}

function feed(program: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
  });
}

/** Seconds that `work` took. */
async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

if (import.meta.main) {
  console.log(JSON.stringify({ bench: 'wrapper', ...(await runWrapperBench(Number(process.argv[2] ?? 2_000))) }));
}
