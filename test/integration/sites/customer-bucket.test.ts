import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { findProgram } from '../../../electron/core/sites/local/probe-programs.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import type { S3User } from '../../lab/radosgw.ts';
import { hasSlurm, useSlurm } from '../../lab/slurm.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { ROOT, Slipway } from '../../support/slipway.ts';
import { HAS_SSHD } from '../ssh/ssh-lab.ts';
import { addSite } from './add-site.ts';

const BUCKET = 'my-simulation-data';

/** Whether this machine has what the nodes of the study need; where CI is set a missing program is a failure. */
function hasPrograms(): boolean {
  const missing = ['aws', 'zip', 'unzip'].filter((name) => findProgram(name, process.env['PATH'] ?? '') === null);
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

  beforeAll(async () => {
    owner = await store().addUser('customer');
    await store().addBucket(owner, BUCKET);
  }, 60_000);

  /** Everything below a prefix of the bucket: key below it → content. */
  async function contents(prefix: string): Promise<Map<string, string>> {
    const client = store().client(owner);
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    const found = new Map<string, string>();
    for (const { Key } of Contents) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
      found.set(Key!.slice(prefix.length), await Body!.transformToString());
    }
    client.destroy();
    return found;
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
      const results = await contents(`output/${name}/`);
      expect([...results.keys()]).toEqual(expect.arrayContaining(['converge.log', 'mass_flow.out', 'inputs.in']));
      expect(results.get('converge.log')).toContain(`jet velocity ${velocity} m/s`);
      expect([...results.values()].join('')).not.toContain(owner.secretAccessKey);
      const back = readdirSync(join(value.folder, 'runs', `000${run}`)).filter((entry) => !entry.startsWith('.'));
      expect(back.sort()).toEqual(['end.json']);
    }
  }, 120_000);
});
