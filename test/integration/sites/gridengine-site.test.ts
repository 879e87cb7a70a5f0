import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { JobDetail } from '../../../shared/contract/jobs.ts';
import type { Site } from '../../../shared/contract/sites.ts';
import { isAppError } from '../../../shared/errors.ts';
import { emptyQueueAfterTest, hasGridEngine, useGridEngine } from '../../lab/gridengine.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD, startSshd } from '../ssh/ssh-lab.ts';
import { addSite } from './add-site.ts';
import { expectExampleAsLocal } from './example.ts';
import { markedArray, runWithKills } from './marked-array.ts';

const folder = mkdtempSync(join(tmpdir(), 'slipway-gridengine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe.skipIf(!hasGridEngine() || !HAS_SSHD)('a Grid Engine cluster behind SSH', () => {
  const engine = useGridEngine(() => folder);

  /** A core that looks at the cluster every second. As on real ones, only a login shell knows where the master is. */
  async function hpc(): Promise<{ client: CoreClient; site: Site; workdir: string }> {
    const sshd = await startSshd();
    const lines = Object.entries(engine().env).map(([name, value]) => `export ${name}='${value}'\n`);
    writeFileSync(join(sshd.home, '.bash_profile'), lines.join(''));
    emptyQueueAfterTest(engine());
    const { client } = await startCore();
    const workdir = join(tempFolder('slipway-work-'), `it's a: "work", folder`);
    const hostKey = execFileSync('ssh-keygen', ['-lf', `${sshd.hostKey}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
    const target = { host: `root@127.0.0.1:${sshd.port}`, identity: sshd.key, hostKey };
    const site = await client.sites.add({ requestId: randomUUID(), name: 'hpc', target, workdir, pollSeconds: 1 });
    return { client, site, workdir };
  }

  /** Id of the only array in the queue. */
  async function onlyArray(): Promise<string> {
    return eventually(async () => /<JB_job_number>(\d+)</.exec(await engine().run('qstat', '-xml', '-u', '*'))?.[1]);
  }

  /** Runs are told as ended a moment before Grid Engine has tidied up after them. */
  async function queueIs(text: RegExp): Promise<void> {
    await eventually(async () => text.test(await engine().run('qstat', '-u', '*')));
  }

  /** An administrator lets the tasks in error start again; qmod counts those that are in none as a failure of its own. */
  async function clearErrors(id: string): Promise<void> {
    await engine()
      .run('qmod', '-cj', id)
      .catch(() => undefined);
    await eventually(async () => !(await engine().run('qstat', '-u', '*')).includes(' Eqw '));
  }

  it('runs the same example as this workstation, with the same results', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: engine().env });
    await expectExampleAsLocal(slipway, 'hpc');
  }, 120_000);

  it('tells how runs ended, also with exit codes that are orders to Grid Engine, and runs chosen ones again', async () => {
    const { client, site } = await hpc();
    expect(site).toMatchObject({ kind: 'gridengine', scheduler: 'Grid Engine (SGE 8.1.9)' });
    const marks = tempFolder('slipway-marks-');
    const source = writeFiles({
      'runs.csv': 'what\ngood\n3\nslow\nforeign\nbig\n99\n100\n',
      'run.sh.template': `echo \${what} >>${marks}/ran
eat() { python3 -c "x=bytearray(160000000); import time; time.sleep(60)"; }
case \${what} in
  good) echo fine ;;
  slow) exec sleep 100 ;;
  foreign) trap 'echo asked >>${marks}/asked; exit 1' TERM; : >${marks}/foreign; while :; do sleep 0.1; done ;;
  big) eat & eat & eat & wait ;;
  *) exit \${what} ;;
esac
`,
      'slipway.yaml': `name: Endings
type: doe
command: sh run.sh
doe: {runs: runs.csv, templates: [{from: run.sh.template}]}
hardware: {coreType: main.q, slots: 7, memory: 400M, walltime: 8s}
`,
    });
    const job = await submit(client, source);
    await eventually(() => existsSync(join(marks, 'foreign')), 40);
    await engine().run('qdel', `${await onlyArray()}.4`);
    await ended(client, job);
    expect(await endings(client, job)).toEqual([
      'done 0',
      'failed exit-code 3',
      'failed timeout',
      'cancelled',
      'failed out-of-memory',
      'failed exit-code 99',
      'failed exit-code 100',
    ]);
    // It had the time to end in its own way.
    expect(readFileSync(join(marks, 'asked'), 'utf8')).toBe('asked\n');
    await client.jobs.rerun({ requestId: randomUUID(), job, runs: [2, 6, 7] });
    await ended(client, job);
    expect((await client.jobs.get({ job })).runs).toMatchObject({ done: 1, failed: 5, cancelled: 1 });
    const ran = readFileSync(join(marks, 'ran'), 'utf8').trim().split('\n').toSorted();
    expect(ran).toEqual(['100', '100', '3', '3', '99', '99', 'big', 'foreign', 'good', 'slow']);
    await queueIs(/^$/);
  }, 90_000);

  it('says before anything runs what a queue cannot give, and ends a run at the time limit of the queue', async () => {
    const { client } = await hpc();
    const slow = (hardware: string): string =>
      writeFiles({
        'slipway.yaml': `name: Slow\ntype: basic\ncommand: sleep 100\nhardware: {coreType: short.q, walltime: 5s${hardware}}\n`,
      });
    const error = await submit(client, slow(', coresPerSlot: 2')).catch((cause: unknown) => cause);
    expect(isAppError(error) ? JSON.stringify(error.details) : error).toContain('HW05');
    const job = await submit(client, slow(''));
    await ended(client, job);
    expect(await endings(client, job)).toEqual(['failed timeout']);
  }, 60_000);

  it('says why runs wait and are held, goes on when they are released, and cancels what runs and what waits', async () => {
    const { client, workdir } = await hpc();
    const source = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `name: Held
type: doe
command: echo $NSLOTS; [ \${n} = 1 ] || sleep 100
doe: {runs: runs.csv}
hardware: {coreType: main.q, coresPerSlot: 2, slots: 2, walltime: 5m}
`,
    });
    const note = async (words: RegExp): Promise<JobDetail> =>
      eventually(async () => {
        const detail = await client.jobs.get({ job });
        return words.test(`${detail.siteNote?.phase}: ${detail.siteNote?.message}`) ? detail : null;
      }, 40);
    onTestFinished(() =>
      engine()
        .run('qmod', '-e', 'main.q')
        .then(() => undefined),
    );
    await engine().run('qmod', '-d', 'main.q');
    const job = await submit(client, source);
    await note(/^in-queue: 3 runs wait\. The queue is disabled\.$/);
    const log = join(workdir, 'jobs', job, submissionOf(join(workdir, 'jobs', job)), 'log');
    renameSync(log, `${log}.away`);
    await engine().run('qmod', '-e', 'main.q');
    await note(/^held: 3 runs wait\. Held, for the start failed: can't chdir to .*No such file/);
    renameSync(`${log}.away`, log);
    await clearErrors(await onlyArray());
    await eventually(async () => {
      const { runs } = await client.jobs.get({ job });
      return runs.done === 1 && runs.running === 2;
    }, 40);
    let out = '';
    for await (const bytes of client.jobs.tail({ job, run: 1 })) out += Buffer.from(bytes).toString();
    expect(out).toBe('2\n');
    await client.jobs.cancel({ requestId: randomUUID(), job, runs: [3] });
    await eventually(async () => (await client.jobs.get({ job })).runs.cancelled === 1, 40);
    await queueIs(/^job-ID[^\n]*\n-+\n[^\n]* 2\s*$/);
    await client.jobs.cancel({ requestId: randomUUID(), job });
    await ended(client, job);
    expect(await endings(client, job)).toEqual(['done 0', 'cancelled', 'cancelled']);
    await queueIs(/^$/);
  }, 120_000);

  it('waits while the master is down, and submits once when it is back', async () => {
    const { client } = await hpc();
    const marks = tempFolder('slipway-marks-');
    const source = writeFiles({
      'runs.csv': 'n\n1\n2\n',
      'slipway.yaml': `name: Patient
type: doe
command: echo ran >>${marks}/\${n}; until [ -e ${marks}/go ]; do sleep 0.1; done
doe: {runs: runs.csv}
hardware: {coreType: main.q, slots: 2, walltime: 5m}
`,
    });
    const note = (job: string, words: RegExp): Promise<unknown> =>
      eventually(async () => words.test((await client.jobs.get({ job })).siteNote?.message ?? ''), 40);
    await engine().stopMaster();
    const job = await submit(client, source);
    await note(job, /^Grid Engine says: .*got select error \(Connection refused\)/);
    await engine().startMaster();
    // A site that is back is asked at once, not when the next try is due.
    await client.sites.disconnect({ site: 'hpc' });
    await client.sites.connect({ site: 'hpc' });
    await eventually(async () => (await client.jobs.get({ job })).runs.running === 2, 60);
    await engine().stopMaster();
    await note(job, /^The last look at hpc failed: qstat ended with code 1: /);
    expect((await client.jobs.get({ job })).runs).toMatchObject({ running: 2 });
    writeFileSync(join(marks, 'go'), '');
    await engine().startMaster();
    await ended(client, job);
    expect(await endings(client, job)).toEqual(['done 0', 'done 0']);
    expect([1, 2].map((n) => readFileSync(join(marks, String(n)), 'utf8'))).toEqual(['ran\n', 'ran\n']);
  }, 120_000);

  it('finds everything as it is after its core was killed while an array ran', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: engine().env });
    const array = markedArray({ runs: 30, hardware: 'coreType: main.q, slots: 8' });
    await runWithKills(slipway, array, 'hpc', 2);
    await array.expectEachOnce(slipway);
  }, 150_000);
});

async function submit(client: CoreClient, source: string): Promise<string> {
  return (await client.jobs.submit({ requestId: randomUUID(), folder: source, site: 'hpc', overrides: {} })).id;
}

async function ended(client: CoreClient, job: string): Promise<void> {
  await eventually(async () => (await client.jobs.get({ job })).finishedAt !== null, 60);
}

/** `done 0`, `failed exit-code 3`, `cancelled`: state, kind of failure and exit code of each run. */
async function endings(client: CoreClient, job: string): Promise<string[]> {
  const { runs } = await client.jobs.get({ job });
  const details = await Promise.all(Array.from({ length: runs.total }, (_, i) => client.jobs.run({ job, run: i + 1 })));
  return details.map((run) => [run.state, run.failure?.kind, run.exitCode].filter((part) => part != null).join(' '));
}

/** Name of the folder of a job's only submission. */
function submissionOf(job: string): string {
  return readdirSync(job).find((name) => name.startsWith('sw-'))!;
}
