import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { hasSlurm, useSlurm } from '../../lab/slurm.ts';
import { writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { addSite } from './add-site.ts';
import { runEndings } from './endings.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-slurm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe.skipIf(!hasSlurm() || !HAS_SSHD)('a Slurm that keeps no accounting', () => {
  // The queue forgets an ended job after so many seconds: the wrappers' records are then the only witnesses.
  const slurm = useSlurm(() => folder, { accounting: false, minJobAgeSeconds: 2 });

  it('tells how runs ended all the same', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    await runEndings(slipway, 'hpc', slurm());
  }, 180_000);

  it('brings everything up to date after it was not asked for so long that the queue has forgotten', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    const job = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml':
        "name: Away\ntype: doe\ncommand: echo value ${n}; [ ${n} -ne 3 ]\ndoe: {runs: runs.csv}\noutputs: {value: {file: stdout, regex: 'value (\\d+)'}}\nhardware: {coreType: main, slots: 1, walltime: 1m}\n",
    });
    const running = slipway.start(['run', job, '--site', 'hpc']);
    await eventually(async () => (await slurm().run('squeue', '-h')) !== '', 60);
    running.process.kill('SIGKILL');
    slipway.kill();
    await running.ended;
    await eventually(async () => (await slurm().run('squeue', '-h', '-t', 'all')) === '', 120);
    const end = await eventually(async () => {
      const job = await slipway.json<Job>('show', 'last');
      return job.value.finishedAt === null ? null : job.value;
    }, 120);
    expect(end.runs).toMatchObject({ done: 2, failed: 1, unknown: 0 });
    expect((await slipway.results()).runs.map((r) => r.outputs['value'])).toEqual([1, 2, 3]);
  }, 240_000);
});
