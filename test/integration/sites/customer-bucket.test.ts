import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { findProgram } from '../../../electron/core/sites/local/probe-programs.ts';
import { LabBucket } from '../../lab/bucket-lab.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import type { S3User } from '../../lab/radosgw.ts';
import { hasSlurm, useSlurm } from '../../lab/slurm.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, ROOT, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD, startSshd } from '../ssh/ssh-lab.ts';
import { addSite, fingerprintOf } from './add-site.ts';

const BUCKET = 'my-simulation-data';

/** Whether this machine has what the nodes of the study need; where CI is set a missing program is a failure. */
function hasPrograms(): boolean {
  const missing = ['aws', 'zip', 'unzip', 'age'].filter(
    (name) => findProgram(name, process.env['PATH'] ?? '') === null,
  );
  if (missing.length > 0 && process.env['CI']) throw new Error(`The study needs ${missing.join(', ')}`);
  return missing.length === 0;
}

const canRun = hasSlurm() && HAS_SSHD && hasRadosgw() && hasPrograms();

const folder = mkdtempSync(join(tmpdir(), 'slipway-bucket-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

describe.skipIf(!canRun)("a study whose files live in the customer's bucket", () => {
  const slurm = useSlurm(() => folder, { accounting: false, cpus: 16 });
  const store = useRadosgw();
  let owner: S3User;
  let bucket: LabBucket;

  beforeAll(async () => {
    owner = await store().addUser('customer');
    await store().addBucket(owner, BUCKET);
    bucket = new LabBucket(store(), owner, BUCKET);
  }, 60_000);

  /** An AWS configuration file with the owner's keys. */
  function profileFile(): string {
    const config = join(tempFolder(), 'config');
    writeFileSync(
      config,
      `[default]\naws_access_key_id = ${owner.accessKeyId}\naws_secret_access_key = ${owner.secretAccessKey}\n`,
    );
    return config;
  }

  async function addBucket(slipway: Slipway, ...args: string[]): Promise<void> {
    const config = profileFile();
    const target = ['--endpoint', store().endpoint, '--profile', 'default', '--config-file', config];
    const added = await slipway.run('bucket', 'add', BUCKET, ...target, ...args);
    expect(added, added.stderr).toMatchObject({ code: 0 });
  }

  it('runs the example that does it by hand: all results in the bucket, nothing comes back', async () => {
    const slipway = new Slipway();
    await addSite(slipway, 'hpc', { env: slurm().env });
    const job = tempFolder();
    cpSync(join(ROOT, 'examples/customer-bucket-by-hand'), job, { recursive: true });
    writeFileSync(
      join(job, 'config'),
      `[default]
region = ${store().region}
aws_access_key_id = ${owner.accessKeyId}
aws_secret_access_key = ${owner.secretAccessKey}
`,
    );
    const { endpoint } = store();
    execFileSync(join(job, 'put-cases.sh'), { env: { ...process.env, AWS_ENDPOINT_URL: endpoint }, stdio: 'ignore' });
    const check = await slipway.json<{ ok: boolean; problems: unknown[] }>('check', job, '--site', 'hpc');
    expect(check.value).toEqual({ ok: true, problems: [] });
    const { code, value } = await slipway.json<Job>(
      'run',
      job,
      '--site',
      'hpc',
      '--set',
      `environment.AWS_ENDPOINT_URL=${endpoint}`,
    );
    expect(value).toMatchObject({ state: 'done', runs: { total: 2, done: 2 } });
    expect(code).toBe(0);
    for (const [run, name, velocity] of [
      [1, 'hsdi', '620.92'],
      [2, 'pintle', '307.562'],
    ] as const) {
      const results = await bucket.below(`output/${name}/`);
      expect([...results.keys()]).toEqual(expect.arrayContaining(['converge.log', 'mass_flow.out', 'inputs.in']));
      expect(results.get('converge.log')).toContain(`jet velocity ${velocity} m/s`);
      expect([...results.values()].join('')).not.toContain(owner.secretAccessKey);
      const back = readdirSync(join(value.folder, 'runs', `000${run}`)).filter((entry) => !entry.startsWith('.'));
      expect(back.sort()).toEqual(['end.json']);
    }
  }, 120_000);

  it('runs the example with storage: keys are nowhere, and the results in the same places', async () => {
    const slipway = new Slipway();
    const { workdir } = await addSite(slipway, 'hpc', { env: slurm().env });
    await addBucket(slipway);
    const byHand = await resultsInBucket();
    for (const name of byHand.keys()) await bucket.remove(`output/${name}`);
    const watch = watchProcesses([owner.secretAccessKey, 'X-Amz-Signature', 'x-amz-signature']);
    const { code, value } = await slipway.json<Job>('run', 'examples/customer-bucket', '--site', 'hpc');
    const told = await watch.end();
    expect(value).toMatchObject({ state: 'done', runs: { total: 2, done: 2 } });
    expect(code).toBe(0);
    expect(byHand.size).toBe(4);
    expect(await resultsInBucket()).toEqual(byHand);
    expect((await slipway.results()).runs.map((run) => run.outputs)).toEqual([
      { peak_flow: 0.0477591, mass_per_stroke: 5.16754e-5 },
      { peak_flow: 0.0494733, mass_per_stroke: 8.88973e-5 },
    ]);
    expect(told.looks).toBeGreaterThan(10);
    expect(told.found).toEqual([]);
    for (const place of [slipway.home, workdir]) {
      expect(filesWith(place, owner.secretAccessKey)).toEqual([]);
      expect(filesWith(place, 'X-Amz-Signature')).toEqual([]);
    }
    const to = tempFolder();
    await slipway.run('fetch', 'last', '--to', to, '--only', '*.out');
    expect(readFileSync(join(to, '0002', 'mass_flow.out'), 'utf8')).toBe(byHand.get('pintle/mass_flow.out'));
  }, 120_000);

  it('gives a host without a scheduler its access and the key of the job in memory, and takes both away', async () => {
    const { client } = await startCore();
    const sshd = await startSshd();
    const workdir = join(tempFolder('slipway-work-'), `it's a: "work", folder`);
    const target = { host: `root@127.0.0.1:${sshd.port}`, identity: sshd.key, hostKey: fingerprintOf(sshd) };
    await client.sites.add({ requestId: randomUUID(), name: 'box', target, workdir });
    await client.buckets.add({
      requestId: randomUUID(),
      name: BUCKET,
      target: { bucket: BUCKET, endpoint: store().endpoint },
      credentials: { from: 'profile', profile: 'default', configFile: profileFile() },
    });
    await client.secrets.unlock({ passphrase: 'correct horse' });
    const { key } = await client.keys.create({ requestId: randomUUID(), name: 'turbine' });
    await bucket.put('input/note.txt.age', execFileSync('age', ['-r', key.publicKey], { input: 'note' }));
    const job = writeFiles({
      'slipway.yaml': `name: Memory
inputs: ['s3://${BUCKET}/input/note.txt']
command: readlink ../../access >where.txt && cat note.txt
hardware: {walltime: 1m}
storage: {bucket: ${BUCKET}, output: memory/, encrypt: turbine}
outputs: {where: {file: where.txt, regex: '(.+)', as: text}}
`,
    });
    const { id } = await client.jobs.submit({ requestId: randomUUID(), folder: job, site: 'box' });
    for await (const item of client.jobs.watch({ job: id }))
      if (item.kind !== 'removed' && item.job.finishedAt !== null) break;
    const [run] = (await client.jobs.results({ job: id })).rows;
    expect(run, JSON.stringify(run)).toMatchObject({ state: 'done' });
    const where = String(run!.outputs['where']);
    expect(where).toMatch(/^\/dev\/shm\/slipway-\d+-sw-/);
    const put = await bucket.below('memory/0001/');
    expect([...put.keys()].sort()).toEqual(['stderr.age', 'stdout.age', 'where.txt.age']);
    expect([...put.values()].join('')).not.toContain('note');
    const to = tempFolder();
    await client.jobs.fetch({ job: id, to, only: ['where.txt'] });
    expect(readFileSync(join(to, '0001', 'where.txt'), 'utf8').trim()).toBe(where);
    await eventually(() => !existsSync(where));
    for (const secret of ['X-Amz-Signature', 'AGE-SECRET-KEY-1[0-9A-Z]{20}'])
      expect(filesWith(workdir, secret)).toEqual([]);
  }, 60_000);

  /** What the solver has written, wherever it lies below output/. */
  async function resultsInBucket(): Promise<Map<string, string>> {
    const all = await bucket.below('output/');
    return new Map([...all].filter(([key]) => /(mass_flow\.out|converge\.log)$/.test(key)));
  }
});

/** Files below a folder in which an extended regular expression finds something. */
function filesWith(folder: string, expression: string): string[] {
  const grep = spawnSync('grep', ['-rlaE', '--', expression, folder], { encoding: 'utf8' });
  return grep.stdout.split('\n').filter((line) => line !== '');
}

/** Looks again and again into the arguments and variables of all processes for texts that must not be there. */
function watchProcesses(texts: readonly string[]): {
  end(): Promise<{ readonly looks: number; readonly found: readonly string[] }>;
} {
  const found = new Set<string>();
  let looks = 0;
  const stop = new AbortController();
  const look = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid))
        for (const file of ['cmdline', 'environ']) {
          const content = await readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
          if (texts.some((text) => content.includes(text))) found.add(`${file} ${content.slice(0, 200)}`);
        }
      looks++;
    }
  };
  const looking = look();
  return {
    end: async () => {
      stop.abort();
      await looking;
      return { looks, found: [...found] };
    },
  };
}
