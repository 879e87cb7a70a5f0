import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openCore, profileOf } from '../../electron/entry/open-core.ts';
import { contract } from '../../shared/contract/index.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';

export interface RunsBenchResult {
  readonly runs: number;
  readonly slots: number;
  readonly slipwayPerSecond: number;
  readonly parallelPerSecond: number | null;
  readonly xargsPerSecond: number | null;
  /** Slipway's rate divided by the peer's. Target against GNU parallel: 0.5 or better. */
  readonly ratioToParallel: number | null;
  readonly ratioToXargs: number | null;
  /** CPU of the core process with its worker threads: rendering, starting, watching, storing. Target: under 5. */
  readonly coreCpuMsPerRun: number;
  /** Of the core's event loop while the sweep ran. Target: under 20. */
  readonly eventLoopP99Ms: number;
}

function writeJob(folder: string, runs: number, slots: number): void {
  const rows = Array.from({ length: runs }, (_, i) => `${i},${i % 7}`).join('\n');
  writeFileSync(join(folder, 'runs.csv'), `a,b\n${rows}\n`);
  for (const n of [1, 2, 3]) writeFileSync(join(folder, `deck${n}.template`), `a = \${a}\nb = \${b}\nsum = \${a+b}\n`);
  const templates = [1, 2, 3].map((n) => `{from: deck${n}.template, to: deck${n}}`).join(', ');
  writeFileSync(
    join(folder, 'slipway.yaml'),
    `name: Bench\ntype: doe\ncommand: 'true'\ndoe: {runs: runs.csv, templates: [${templates}]}\nhardware: {slots: ${slots}, walltime: 1m}\n`,
  );
}

/** Seconds that a shell pipeline takes; null when the program is not there. */
function secondsOf(program: string, script: string): number | null {
  if (spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0) return null;
  const started = performance.now();
  const { status } = spawnSync('sh', ['-c', script], { stdio: 'ignore' });
  return status === 0 ? (performance.now() - started) / 1000 : null;
}

/** Seconds of the peers for so many runs. */
function peers(folder: string, runs: number, slots: number): { parallel: number | null; xargs: number | null } {
  const list = join(folder, 'list');
  writeFileSync(list, `${Array.from({ length: runs }, (_, i) => i).join('\n')}\n`);
  return {
    parallel: secondsOf('parallel', `parallel -j${slots} --joblog ${join(folder, 'log')} true {} < ${list}`),
    xargs: secondsOf('xargs', `xargs -n1 -P${slots} true < ${list}`),
  };
}

function sum(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}

/** A sweep of `true` with three templates and two slots, against GNU parallel with a job log and xargs. The peers run half before and half after it, so that a machine that grows slower favours nobody. */
export async function runRunsBench(runs = 10_000, slots = 2): Promise<RunsBenchResult> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    writeJob(folder, runs, slots);
    const before = peers(folder, runs / 2, slots);
    const core = await openCore(profileOf(join(folder, 'home')));
    const peer = new Peer(await core.connect());
    const client = createClient(peer, contract);
    const cpu = process.cpuUsage();
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    const started = performance.now();
    const job = await client.jobs.submit({ requestId: 'bench-request', folder });
    for await (const item of client.jobs.watch({ job: job.id })) {
      if (item.kind !== 'removed' && item.job.finishedAt !== null) {
        if (item.job.runs.done !== runs) throw new Error(`only ${item.job.runs.done} of ${runs} runs are done`);
        break;
      }
    }
    const seconds = (performance.now() - started) / 1000;
    loop.disable();
    const used = process.cpuUsage(cpu);
    peer.close();
    await core.close();

    const after = peers(folder, runs / 2, slots);
    const parallel = sum(before.parallel, after.parallel);
    const xargs = sum(before.xargs, after.xargs);
    const round = (value: number): number => Number(value.toPrecision(4));
    return {
      runs,
      slots,
      slipwayPerSecond: round(runs / seconds),
      parallelPerSecond: parallel === null ? null : round(runs / parallel),
      xargsPerSecond: xargs === null ? null : round(runs / xargs),
      ratioToParallel: parallel === null ? null : round(parallel / seconds),
      ratioToXargs: xargs === null ? null : round(xargs / seconds),
      coreCpuMsPerRun: round((used.user + used.system) / 1000 / runs),
      // monitorEventLoopDelay counts its own resolution into every sample.
      eventLoopP99Ms: round(loop.percentile(99) / 1e6 - 5),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) console.log(JSON.stringify({ bench: 'runs', ...(await runRunsBench()) }));
