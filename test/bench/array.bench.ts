import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { openCore, profileOf } from '../../electron/entry/open-core.ts';
import { contract } from '../../shared/contract/index.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import { hasSlurm, startSlurm } from '../lab/slurm.ts';
import type { Slurm } from '../lab/slurm.ts';
import { median } from './median.ts';
import { measurePageFrames } from './page-frames.ts';
import type { PageFrames } from './page-frames.ts';
import { startSshLab } from './ssh-bench-lab.ts';

export interface ArrayBenchResult {
  readonly runs: number;
  /** Shared inputs. */
  readonly megabytes: number;
  /** From Run until the scheduler has taken every run: check, freeze, staging, submission. Target: 15 or less. */
  readonly secondsToAccepted: number;
  /** What follows is measured over so many seconds while the array runs. */
  readonly seconds: number;
  readonly startedMeanwhile: number;
  readonly looks: number;
  /** Questions for jobs that the controller counted (`sdiag`). Target: one each look. */
  readonly jobQueries: number;
  /** CPU of our whole process during a look: a bound from above, because collecting goes on beside it. Target: 150 or less. */
  readonly cpuMsPerLookMedian: number;
  readonly cpuMsPerLookMost: number;
  /** Of the core's event loop meanwhile. */
  readonly eventLoopP99Ms: number;
  /** Of the job's page in Chromium meanwhile; null where that is not there. */
  readonly frames: PageFrames | null;
  /** From the cancel of everything until every run has ended. */
  readonly secondsToCancelled: number;
}

function writeJob(folder: string, runs: number, megabytes: number): void {
  writeFileSync(join(folder, 'mesh.bin'), randomBytes(megabytes * 1_000_000));
  const rows = Array.from({ length: runs }, (_, i) => `${i},${i % 7}`).join('\n');
  writeFileSync(join(folder, 'runs.csv'), `a,b\n${rows}\n`);
  writeFileSync(join(folder, 'deck.template'), 'a = ${a}\nb = ${b}\n');
  const spec = [
    'name: Array',
    'type: doe',
    'command: test -s mesh.bin && grep -q "a =" deck && echo "sum 3" && sleep 1',
    'inputs: [mesh.bin]',
    'doe: {runs: runs.csv, templates: [{from: deck.template}]}',
    "outputs: {sum: {file: stdout, regex: 'sum (\\d+)'}}",
    // Few at once: the cluster is this same machine, and is to leave room for what is measured.
    'hardware: {coreType: main, slots: 6, memory: 64M, walltime: 5m}',
    '',
  ];
  writeFileSync(join(folder, 'slipway.yaml'), spec.join('\n'));
}

/** How often the controller was asked about jobs. */
async function jobQueries(slurm: Slurm): Promise<number> {
  const text = await slurm.run('sdiag');
  return [...text.matchAll(/REQUEST_JOB(?:_USER)?_INFO(?:_SINGLE)?\s*\(\s*\d+\)\s*count:(\d+)/g)].reduce(
    (sum, [, count]) => sum + Number(count),
    0,
  );
}

interface Look {
  readonly time: number;
  readonly cpuMs: number;
}

function looksOf(home: string, since: number): Look[] {
  return readFileSync(join(home, 'logs', 'core.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"looked at a site"'))
    .map((line) => JSON.parse(line) as Look)
    .filter((look) => look.time >= since);
}

/** An array of so many runs with shared inputs on a real Slurm of this machine. Null where that cannot be started. */
export async function runArrayBench(runs = 10_000, megabytes = 50, seconds = 90): Promise<ArrayBenchResult | null> {
  if (!hasSlurm()) return null;
  const folder = mkdtempSync(join(tmpdir(), 'slipway-array-bench-'));
  process.env['SLIPWAY_LOG'] = 'debug';
  const slurm = await startSlurm(join(folder, 'slurm'), { accounting: true, cpus: 16 });
  const ssh = await startSshLab({ env: slurm.env });
  const home = join(folder, 'home');
  const core = await openCore(profileOf(home));
  const peer = new Peer(await core.connect());
  try {
    const client = createClient(peer, contract);
    const hostKey = execFileSync('ssh-keygen', ['-lf', join(ssh.folder, 'host.pub')], { encoding: 'utf8' }).split(
      ' ',
    )[1]!;
    await client.sites.add({
      requestId: 'bench-add-site',
      name: 'hpc',
      target: { host: `root@127.0.0.1:${ssh.port}`, identity: ssh.key, hostKey },
      workdir: join(folder, 'work'),
    });
    const source = mkdtempSync(join(folder, 'job-'));
    writeJob(source, runs, megabytes);

    const until = async (job: string, condition: (job: Job) => boolean): Promise<Job> => {
      for await (const item of client.jobs.watch({ job }))
        if (item.kind !== 'removed' && condition(item.job)) return item.job;
      throw new Error('the job went away');
    };
    const pressed = performance.now();
    const { id } = await client.jobs.submit({ requestId: 'bench-request', folder: source, site: 'hpc' });
    for (;;) {
      const { siteNote } = await client.jobs.get({ job: id });
      if (siteNote !== null && siteNote.schedulerIds.length > 0) break;
      await setTimeout(50);
    }
    const secondsToAccepted = (performance.now() - pressed) / 1000;

    const before = await jobQueries(slurm);
    const began = Date.now();
    const loop = monitorEventLoopDelay({ resolution: 5 });
    loop.enable();
    const [frames] = await Promise.all([measurePageFrames(home, id, seconds), setTimeout(seconds * 1000)]);
    loop.disable();
    const asked = (await jobQueries(slurm)) - before;
    const looks = looksOf(home, began);
    const meanwhile = await until(id, () => true);

    const cancelled = performance.now();
    await client.jobs.cancel({ requestId: 'bench-cancel', job: id });
    const end = await until(id, (job) => job.finishedAt !== null);
    if (end.runs.failed + end.runs.unknown > 0) {
      const { rows } = await client.jobs.results({ job: id, states: ['failed', 'unknown'], limit: 20 });
      throw new Error(`runs ended wrongly: ${JSON.stringify(rows)}`);
    }
    const costs = looks.map((look) => look.cpuMs);
    return {
      runs,
      megabytes,
      secondsToAccepted: Number(secondsToAccepted.toFixed(1)),
      seconds,
      startedMeanwhile: runs - meanwhile.runs.queued,
      looks: looks.length,
      jobQueries: asked,
      cpuMsPerLookMedian: median(costs),
      cpuMsPerLookMost: Math.max(...costs),
      eventLoopP99Ms: Number((loop.percentile(99) / 1e6).toFixed(1)),
      frames,
      secondsToCancelled: Number(((performance.now() - cancelled) / 1000).toFixed(1)),
    };
  } finally {
    peer.close();
    await core.close();
    ssh.stop();
    await slurm.stop();
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

if (import.meta.main) console.log(JSON.stringify({ bench: 'array', ...(await runArrayBench()) }));
