import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { FakeBin } from '../../lab/fake-slurm/fake-bin.ts';
import { FaultBoard } from '../../lab/fake-slurm/fault-board.ts';
import { FaultyPrograms, slotOf } from '../../lab/fake-slurm/faults.ts';
import { RealTime } from '../../lab/fake-slurm/real-time.ts';
import type { FaultKind } from '../../lab/fake-slurm/scenario.ts';
import { seeded } from '../../lab/fake-slurm/seeded.ts';
import { FakeSlurm } from '../../lab/fake-slurm/slurm-model.ts';
import { TaskProcesses } from '../../lab/fake-slurm/task-processes.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { addSite } from './add-site.ts';

/** A cluster of programs on the PATH of an sshd, with these faults for the next commands of their kind. Its arrays hold three runs. */
async function startCluster(options: { readonly accounting: boolean; readonly faults: readonly FaultKind[] }) {
  const folder = tempFolder('slipway-fake-slurm-');
  const bin = await FakeBin.start(join(folder, 'bin'), { time: false });
  const path = `${bin.folder}:/usr/bin:/bin`;
  const time = new RealTime(40);
  const processes = new TaskProcesses({ PATH: path, HOME: folder }, () => 0);
  const slurm = new FakeSlurm({
    ...{ time, nodes: processes, random: seeded(7), capacity: 4, accounting: options.accounting, minJobAge: 4000 },
  });
  const board = new FaultBoard(() => {});
  const programs = new FaultyPrograms({ time, slurm, board, work: (call) => processes.work(call) });
  bin.onCall = (call) => programs.answer(call);
  for (const kind of options.faults) board.arm(slotOf(kind)!, { kind, at: 0, n: 1 });
  onTestFinished(async () => {
    time.stop();
    programs.letGo();
    processes.killAll();
    await bin.stop();
  });
  return { path, slurm, board, processes };
}

const jobOf = (runs: number): string =>
  writeFiles({
    'runs.csv': `n\n${Array.from({ length: runs }, (_, i) => i + 1).join('\n')}\n`,
    'slipway.yaml': `name: Faulty
type: doe
command: work \${n}
doe: {runs: runs.csv}
outputs: {value: {file: stdout, regex: 'value (\\d+)', group: 1}}
hardware: {slots: 8, walltime: 10m}
`,
  });

describe.skipIf(!HAS_SSHD)('a cluster whose Slurm fails on demand, behind a real sshd', () => {
  it('runs each run once though answers are lost, time out and stay empty, and slurmdbd is down', async () => {
    const faults = [
      ...([
        'sbatch-accepted-killed-before-answer',
        'sbatch-accepted-timeout',
        'sbatch-accepted-after-retries',
      ] as const),
      ...(['squeue-silent', 'squeue-fails'] as const),
    ];
    const { path, slurm, board, processes } = await startCluster({ accounting: true, faults });
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: { PATH: path } });
    slurm.dbdIsDown = true;
    const { value, code } = await slipway.json<Job>('run', jobOf(8), '--site', 'hpc');
    expect(value).toMatchObject({ state: 'done', runs: { total: 8, done: 8 } });
    expect(code).toBe(0);
    const { runs } = await slipway.results();
    expect(runs.map((r) => r.outputs['value'])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(processes.executions.map((e) => e.run).toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(slurm.jobs).toHaveLength(3);
    expect([...board.struck.keys()].toSorted()).toEqual(faults.toSorted());
  }, 120_000);

  it('tells the truth where there is no accounting at all', async () => {
    const { path, slurm, processes } = await startCluster({
      ...{ accounting: false, faults: ['sbatch-accepted-killed-after-answer', 'squeue-silent'] },
    });
    slurm.diesEarly = () => slurm.tasks().filter((t) => t.cause === 'died-early').length === 0;
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: { PATH: path } });
    const { value } = await slipway.json<Job>('run', jobOf(3), '--site', 'hpc');
    expect(value).toMatchObject({ state: 'failed', runs: { total: 3, done: 2, failed: 1 } });
    const { runs } = await slipway.results();
    expect(runs.map((r) => r.failure?.kind ?? r.state)).toEqual(['submit', 'done', 'done']);
    expect(processes.executions.map((e) => e.run).toSorted()).toEqual([2, 3]);
  }, 120_000);
});
