import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { hasSlurm, useSlurm } from '../../lab/slurm.ts';
import { writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import type { Proxy } from '../ssh/ssh-lab.ts';
import { HAS_SSHD, startProxy } from '../ssh/ssh-lab.ts';
import { addSite } from './add-site.ts';
import { expectExampleAsLocal } from './example.ts';
import { markedArray, runWithKills } from './marked-array.ts';
import { runEndings } from './endings.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-slurm-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe.skipIf(!hasSlurm() || !HAS_SSHD)('a Slurm cluster behind SSH', () => {
  const slurm = useSlurm(() => folder, { accounting: true });

  it('runs the same example as this workstation, with the same results', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    await expectExampleAsLocal(slipway, 'hpc');
  }, 180_000);

  it('tells how runs ended: done, failed, time limit, memory, cancelled by somebody else', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    await runEndings(slipway, 'hpc', slurm());
    const again = await slipway.json<Job>('rerun', 'last', '--runs', '2');
    expect(again.value.runs).toMatchObject({ done: 1, failed: 3 });
  }, 180_000);

  it('finds everything as it is after its core was killed while an array ran', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    const array = markedArray({ runs: 40, hardware: 'coreType: main, slots: 4' });
    await runWithKills(slipway, array, 'hpc', 3);
    await array.expectEachOnce(slipway);
  }, 240_000);

  it('runs each run once though the connection is cut again and again while an array goes through', async () => {
    const slipway = new Slipway();
    let proxy: Proxy | null = null;
    const { sshd } = await addSite(slipway, 'hpc', {
      env: slurm().env,
      reachedBy: async ({ port }) => (proxy = await startProxy(port)).port,
    });
    const { cut, connections } = proxy as unknown as Proxy;
    const array = markedArray({ runs: 40, hardware: 'coreType: main, slots: 4' });
    const signedIn = sshd.accepted();
    const running = slipway.start(['run', array.folder, '--site', 'hpc', '--json']);
    // A cut before the job is stored refuses it, and it is the person's to repeat.
    await eventually(async () => (await slipway.json<Job[]>('jobs')).value.length === 1);
    let cuts = 0;
    const until = Date.now() + 12_000;
    while (running.process.exitCode === null && Date.now() < until) {
      // At any moment: in the hand-shake, while files are sent, during the submission, in a look, while results come back.
      const pause = 50 + Math.random() * 1500;
      await eventually(() => connections() > 0 || running.process.exitCode !== null);
      await Promise.race([running.ended, new Promise((resolve) => setTimeout(resolve, pause))]);
      if (connections() === 0) continue;
      cut();
      cuts++;
    }
    // Each loss makes the next try later, up to half a minute; for a person who asks it is made at once.
    await slipway.run('tail', 'last');
    const { code, stdout } = await running.ended;
    expect(JSON.parse(stdout)).toMatchObject({ state: 'done', runs: { done: 40 } });
    expect(code).toBe(0);
    expect(cuts).toBeGreaterThan(3);
    expect(sshd.accepted()).toBeGreaterThan(signedIn);
    await array.expectEachOnce(slipway);
  }, 120_000);

  it('cancels a run that is going, and then all that wait, and leaves nothing in the queue', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    const job = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n4\n5\n6\n',
      'slipway.yaml': `name: Cancelled
type: doe
command: exec sleep 300
doe: {runs: runs.csv}
hardware: {coreType: main, slots: 2, walltime: 10m}
`,
    });
    const running = slipway.start(['run', job, '--site', 'hpc', '--json']);
    await eventually(async () => ((await slipway.job()) as Partial<Job>).runs?.running === 2, 60);
    expect((await slipway.run('cancel', 'last', '--run', '1')).code).toBe(0);
    await eventually(async () => (await slipway.job()).runs.cancelled === 1, 60);
    expect((await slipway.run('cancel', 'last')).code).toBe(0);
    await running.ended;
    expect(await slipway.job()).toMatchObject({ state: 'cancelled', runs: { total: 6, cancelled: 6 } });
    await eventually(async () => (await slurm().run('squeue', '-h', '-u', 'root')).trim() === '', 40);
  }, 180_000);
});
