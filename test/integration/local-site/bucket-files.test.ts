import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../../electron/core/sites/local/probe-programs.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { LabBucket } from '../../lab/bucket-lab.ts';
import type { S3User } from '../../lab/radosgw.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';

const BUCKET = 'my-simulation-data';
const BASICS = 'sh awk sed find stat grep cat cp mv ln rm mkdir rmdir mktemp tr wc tail date uname sleep head ls chmod'
  .split(' ')
  .concat('gzip tar unzip md5sum readlink touch id'.split(' '));

/** A search path with the usual programs and these. */
function pathWith(...programs: string[]): string {
  const folder = tempFolder();
  for (const name of [...BASICS, ...programs]) {
    const found = findProgram(name, '/usr/bin:/bin');
    if (found !== null) symlinkSync(found, join(folder, name));
  }
  return folder;
}

describe.skipIf(!hasRadosgw() || process.platform !== 'linux')(
  'jobs of this workstation with files in a bucket',
  () => {
    const store = useRadosgw();
    let owner: S3User;
    let bucket: LabBucket;
    let role: string;
    const folder = mkdtempSync(join(tmpdir(), 'slipway-inputs-'));
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    beforeAll(async () => {
      owner = await store().addUser('customer');
      await store().addBucket(owner, BUCKET);
      role = await store().addRole('jobs', owner, BUCKET);
      bucket = new LabBucket(store(), owner, BUCKET);
      writeFiles({ 'in/case.txt': '3\n', 'in/deep/er.txt': 'deep\n' }, folder);
      execFileSync('sh', ['-c', 'cd in && zip -qr ../case.zip . && tar czf ../case.tar.gz .'], { cwd: folder });
      for (const name of ['case.zip', 'case.tar.gz'])
        await bucket.put(`input/${name}`, readFileSync(join(folder, name)));
      await bucket.put('input/set/a.txt', 'a');
      await bucket.put('input/set/b c.txt', 'b');
      await bucket.put('secret/other.txt', 'not for jobs');
    }, 60_000);

    async function core(withRole = false): Promise<CoreClient> {
      const { client } = await startCore();
      await addBucket(client, withRole);
      return client;
    }

    async function addBucket(client: CoreClient, withRole: boolean): Promise<void> {
      const files = writeFiles({
        config: '[profile lab]\nregion = us-east-1\n',
        credentials: `[lab]\naws_access_key_id = ${owner.accessKeyId}\naws_secret_access_key = ${owner.secretAccessKey}\n`,
      });
      await client.buckets.add({
        requestId: 'add-bucket-1',
        name: 'mine',
        target: { bucket: BUCKET, endpoint: store().endpoint, ...(withRole ? { role } : {}) },
        credentials: {
          from: 'profile',
          profile: 'lab',
          configFile: join(files, 'config'),
          credentialsFile: join(files, 'credentials'),
        },
      });
    }

    async function untilEnded(client: CoreClient, job: string): Promise<JobDetail> {
      for await (const item of client.jobs.watch({ job }))
        if (item.kind !== 'removed' && item.job.finishedAt !== null) return item.job;
      throw new Error('the job went away');
    }

    async function end(client: CoreClient, folder: string): Promise<JobDetail> {
      return untilEnded(client, (await client.jobs.submit({ requestId: `submit-${Math.random()}`, folder })).id);
    }

    const results = async (client: CoreClient, job: JobDetail) => (await client.jobs.results({ job: job.id })).rows;

    it.each([
      ['curl', false],
      ['aws', true],
      ['rclone', true],
    ] as const)('fetch and put files with %s alone', async (program, withRole) => {
      const client = await core(withRole);
      const name = `output/${program}`;
      const job = writeFiles({
        'own.txt': 'own\n',
        'runs.csv': `s3_input,s3_output\ns3://${BUCKET}/input/case.zip,${name}/1\ninput/case.tar.gz,s3://mine/${name}/2/\n`,
        'slipway.yaml': `name: Cases
type: doe
inputs: [own.txt]
command: "cat case.txt deep/er.txt own.txt && mkdir -p out && cp case.txt 'out/a \\"b\\" c.txt' && echo v=5 >v.txt && echo x >>deep/er.txt"
doe: {runs: runs.csv}
hardware: {walltime: 2m}
storage: {bucket: mine}
environment: {PATH: '${pathWith(program)}'}
outputs: {v: {file: v.txt, regex: 'v=(\\d+)'}}
`,
      });
      const ended = await end(client, job);
      const rows = await results(client, ended);
      expect(rows.map((r) => [r.state, r.failure ?? null, r.outputs['v']])).toEqual([
        ['done', null, 5],
        ['done', null, 5],
      ]);
      for (const run of [1, 2]) {
        const put = await bucket.below(`${name}/${run}/`);
        expect([...put.keys()].sort()).toEqual(['deep/er.txt', 'out/a "b" c.txt', 'stderr', 'stdout', 'v.txt']);
        expect(put.get('stdout')).toBe('3\ndeep\nown\n');
        expect(put.get('deep/er.txt')).toBe('deep\nx\n');
        // What is in the bucket is not here as well, but for what outputs read.
        const here = readdirSync(join(ended.folder, 'runs', `000${run}`)).filter((entry) => !entry.startsWith('.'));
        expect(here).toEqual(expect.arrayContaining(['stdout', 'v.txt', 'fetch.out', 'deliver.out']));
        expect(here).not.toContain('out');
      }
      expect(existsSync(join(ended.folder, 'access'))).toBe(false);
      const { outputsAt } = await client.jobs.run({ job: ended.id, run: 1 });
      expect(outputsAt).toMatchObject({ bucket: 'mine', prefix: `${name}/1/`, files: 5 });
      const to = tempFolder();
      await client.jobs.fetch({ job: ended.id, to, only: ['out/**'], runs: [2] });
      expect(readFileSync(join(to, '0002', 'out', 'a "b" c.txt'), 'utf8')).toBe('3\n');
    });

    it('keep what keep says, of a folder of inputs, and put it below the number of the run', async () => {
      const client = await core();
      const job = writeFiles({
        'slipway.yaml': `name: Folder
inputs: ['s3://mine/input/set/']
command: mkdir d && cat *.txt >d/all.dat && echo no >no.log
hardware: {walltime: 2m}
storage: {bucket: mine, output: results/keep}
keep: ['*.dat', 'a.*']
`,
      });
      const ended = await end(client, job);
      expect(ended.state).toBe('done');
      const put = await bucket.below('results/keep/0001/');
      expect([...put.keys()].sort()).toEqual(['a.txt', 'd/all.dat', 'stderr', 'stdout']);
      expect(put.get('d/all.dat')).toBe('ab');
    });

    it('fail with words when an object was replaced after the job was submitted', async () => {
      const client = await core();
      await bucket.put('input/changing.txt', 'before');
      const job = writeFiles({
        'slipway.yaml': `name: Changed
inputs: ['s3://mine/input/changing.txt']
command: cat changing.txt
hardware: {walltime: 2m}
storage: {bucket: mine}
`,
      });
      const { id, folder } = await client.jobs.submit({ requestId: 'submit-0001', folder: job });
      expect(readFileSync(join(folder, 'objects.json'), 'utf8')).toContain('changing.txt');
      await client.jobs.cancel({ requestId: 'cancel-0001', job: id });
      await bucket.put('input/changing.txt', 'after');
      await client.jobs.rerun({ requestId: 'rerun-00001', job: id, runs: 'all' });
      await untilEnded(client, id);
      const [row] = (await client.jobs.results({ job: id })).rows;
      expect(row).toMatchObject({
        state: 'failed',
        failure: {
          kind: 'input',
          message:
            'its inputs could not be fetched from the bucket. input/changing.txt was changed after the job was submitted.',
        },
      });
    });

    it('wait with their outputs while nobody renews their access, and go on with the next core', async () => {
      const first = await startCore();
      await addBucket(first.client, false);
      const gate = join(tempFolder(), 'gate');
      const job = writeFiles({
        'slipway.yaml': `name: Patient
inputs: ['s3://mine/input/case.zip']
command: while [ ! -e ${gate} ]; do sleep 0.1; done; echo late >late.txt
hardware: {walltime: 2m}
storage: {bucket: mine, output: patient/}
`,
      });
      const { id, folder } = await first.client.jobs.submit({ requestId: 'submit-patient', folder: job });
      const run = join(folder, 'runs', '0001');
      await eventually(() => existsSync(join(run, 'case.txt')) && existsSync(join(run, 'stdout')));
      await first.close();
      const grant = join(folder, 'access', 'grant');
      writeFileSync(grant, readFileSync(grant, 'utf8').replace(/^expires\t.*/m, 'expires\t1'));
      writeFileSync(gate, '');
      await eventually(() => existsSync(join(run, 'deliver.out')) && readFileSync(join(run, 'deliver.out'), 'utf8'));
      expect(await bucket.below('patient/')).toEqual(new Map());
      const second = await startCore(first.home);
      expect((await untilEnded(second.client, id)).state).toBe('done');
      expect((await bucket.below('patient/0001/')).get('late.txt')).toBe('late\n');
    });

    it.each(['curl', 'rclone'])(
      'are decrypted on the node and encrypted to the public key of the project (%s)',
      async (program) => {
        const client = await core(program !== 'curl');
        await client.secrets.unlock({ passphrase: 'correct horse' });
        const { key } = await client.keys.create({ requestId: 'create-key-01', name: 'turbine', recipients: [] });
        execFileSync('age', ['-r', key.publicKey, '-o', join(folder, 'sealed.age'), join(folder, 'case.zip')]);
        await bucket.put('input/sealed.zip.age', readFileSync(join(folder, 'sealed.age')));
        rmSync(join(folder, 'sealed.age'));
        const job = writeFiles({
          'slipway.yaml': `name: Sealed
inputs: ['s3://mine/input/sealed.zip']
command: mkdir out && cat case.txt deep/er.txt >'out/all of it.txt'
hardware: {walltime: 2m}
storage: {bucket: mine, output: sealed/${program}, encrypt: turbine}
environment: {PATH: '${pathWith(program, 'age', 'base64')}'}
outputs: {first: {file: out/all of it.txt, regex: '^(\\d+)'}}
`,
        });
        const ended = await end(client, job);
        const [row] = await results(client, ended);
        expect(row, JSON.stringify(row)).toMatchObject({ state: 'done', outputs: { first: 3 } });
        const put = await bucket.below(`sealed/${program}/0001/`);
        expect([...put.keys()].sort()).toEqual(['out/all of it.txt.age', 'stderr.age', 'stdout.age']);
        for (const content of put.values()) expect(content).toMatch(/^age-encryption\.org\/v1\n/);
        const to = tempFolder();
        await client.jobs.fetch({ job: ended.id, to, only: ['out/*'] });
        expect(readFileSync(join(to, '0001', 'out', 'all of it.txt'), 'utf8')).toBe('3\ndeep\n');
        const secrets = spawnSync('grep', ['-rlaE', 'AGE-SECRET-KEY-1[0-9A-Z]{20}', ended.folder, '/dev/shm'], {
          encoding: 'utf8',
        });
        expect(secrets.stdout.split('\n').filter((file) => file.includes(ended.id))).toEqual([]);
      },
    );

    it('may do with the bucket what their inputs and outputs need, and nothing else', async () => {
      const client = await core(true);
      const taken = tempFolder();
      const job = writeFiles({
        'slipway.yaml': `name: Greedy
inputs: ['s3://mine/input/case.zip']
command: cp ../../access/grant ${taken}/ && stat -c '%a' ../../access/grant ../../access/. >modes
hardware: {walltime: 2m}
storage: {bucket: mine}
environment: {PATH: '${pathWith('curl')}'}
keep: [modes]
`,
      });
      expect((await end(client, job)).state).toBe('done');
      expect((await bucket.below('output/0001/')).get('modes')).toBe('600\n700\n');
      const grant = readFileSync(join(taken, 'grant'), 'utf8')
        .split('\n')
        .map((line) => line.split('\t'));
      expect(JSON.stringify(grant)).not.toContain(owner.secretAccessKey);
      const [, , accessKeyId, secretAccessKey, sessionToken] = grant.find(([word]) => word === 'session')!;
      const s3 = new S3Client({
        endpoint: store().endpoint,
        region: store().region,
        forcePathStyle: true,
        credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey!, sessionToken: sessionToken! },
      });
      onTestFinished(() => s3.destroy());
      const Bucket = BUCKET;
      const denied = { $metadata: { httpStatusCode: 403 } };
      await expect(s3.send(new GetObjectCommand({ Bucket, Key: 'secret/other.txt' }))).rejects.toMatchObject(denied);
      const into = new PutObjectCommand({ Bucket, Key: 'input/case.zip', Body: 'x' });
      await expect(s3.send(into)).rejects.toMatchObject(denied);
      await expect(s3.send(new ListObjectsV2Command({ Bucket }))).rejects.toMatchObject(denied);
      await expect(s3.send(new DeleteObjectCommand({ Bucket, Key: 'output/0001/modes' }))).rejects.toMatchObject(
        denied,
      );
      await s3.send(new GetObjectCommand({ Bucket, Key: 'input/case.zip' }));
      await s3.send(new PutObjectCommand({ Bucket, Key: 'output/0001/more', Body: 'x' }));
      const post = async (key: string): Promise<number> => {
        const form = new FormData();
        for (const [word, name, value] of grant) if (word === 'field') form.set(name!, value!);
        form.set('key', key);
        form.set('file', new Blob(['x']), 'file');
        const url = grant.find(([word]) => word === 'upload')![1]!;
        return (await fetch(url, { method: 'POST', body: form })).status;
      };
      expect([await post('output/by-form'), await post('input/by-form'), await post('elsewhere')]).toEqual([
        201, 403, 403,
      ]);
    });

    it('are checked before anything runs', async () => {
      const client = await core();
      const check = async (lines: string, csv = 's3_input,s3_output\ninput/case.zip,output/x\n') => {
        const folder = writeFiles({
          'runs.csv': csv,
          'slipway.yaml': `name: t\ntype: doe\ncommand: cat case.txt\ndoe: {runs: runs.csv}\nhardware: {walltime: 1m}\n${lines}\n`,
        });
        return (await client.jobs.check({ folder })).problems.map((p) => `${p.code} ${p.severity}: ${p.message}`);
      };
      expect(await check('storage: {bucket: mine}')).toEqual([]);
      expect(await check('storage: {bucket: mien}')).toEqual(['STO01 error: Slipway knows no bucket "mien".']);
      const csv = `s3_input,s3_output
input/caes.zip,output/x
s3://${BUCKET}/secret/other.txt,output/x/
s3://other/input/a,output/y
input/case.zip,input/case
`;
      expect(await check('storage: {bucket: mine}\nkeep: ["@(a|b)"]', csv)).toEqual([
        'STO06 error: The nodes cannot judge the pattern @(a|b).',
        `STO03 error: The input of run 2, s3://${BUCKET}/secret/other.txt, is not below input/, which is all that runs may read.`,
        `STO03 error: The input of run 3, s3://other/input/a, is in the bucket "other", and the job's files live in ${BUCKET}.`,
        'STO03 error: The place for the outputs of run 4, input/case, is not below output/, which is all that runs may write.',
        'STO04 error: The input input/caes.zip is not in mine (run 1).',
        'STO05 warning: Runs 1 and 2 both write below output/x/.',
      ]);
    });
  },
);
