import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Bucket, BucketCheck } from '../../../shared/contract/buckets.ts';
import { profileOf } from '../../lab/aws-profile.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { Slipway } from '../../support/slipway.ts';

describe.skipIf(!hasRadosgw())('the commands for buckets', () => {
  const store = useRadosgw();

  it('print the documented JSON and nothing else, and refuse with the documented codes', async () => {
    const anna = await store().addUser('anna');
    await store().addBucket(anna, 'anna-data');
    const slipway = new Slipway();
    const { profile, configFile, credentialsFile } = profileOf(anna);
    const signIn = ['--profile', profile, '--config-file', configFile, '--credentials-file', credentialsFile];
    const add = (name: string, ...more: string[]) =>
      slipway.json<Bucket>('bucket', 'add', name, '--endpoint', store().endpoint, ...signIn, ...more);
    const added = await add('data', '--bucket', 'anna-data');
    expect(added).toMatchObject({ code: 0, value: { name: 'data', target: { bucket: 'anna-data' }, checkedAt: null } });

    const check = await slipway.json<BucketCheck>('bucket', 'check', 'data');
    expect(check.value).toMatchObject({ ok: true });
    expect(check.code).toBe(0);
    const { value } = await slipway.json<{ buckets: Bucket[] }>('bucket', 'list');
    expect(value.buckets).toMatchObject([{ name: 'data', capabilities: { refusesWrongMd5: true } }]);
    const policy = await slipway.run('bucket', 'policy', 'data', '--role');
    expect(JSON.parse(policy.stdout)).toMatchObject({ Version: '2012-10-17' });
    expect(policy.stdout).toContain('arn:aws:s3:::anna-data/*');

    const local = writeFiles({ 'case/a.inp': 'aa', 'case/b.inp': 'bbb' });
    expect((await slipway.json('bucket', 'put', `${local}/case`, 'data/in/')).code).toBe(0);
    const listed = await slipway.run('bucket', 'ls', 'data/in/case');
    expect(listed.stdout).toMatch(/a\.inp[^]*b\.inp/);
    const back = tempFolder();
    expect((await slipway.json('bucket', 'get', 'data/in/case/b.inp', back)).code).toBe(0);
    expect(readFileSync(join(back, 'b.inp'), 'utf8')).toBe('bbb');

    expect((await slipway.run('bucket', 'put', 'data/in')).code).toBe(2);

    const problem = async (...args: string[]): Promise<[number | null, string]> => {
      const { code, stdout } = await slipway.run(...args, '--json');
      return [code, (JSON.parse(stdout) as { error: { code: string } }).error.code];
    };
    const more = ['bucket', 'add', 'more', '--endpoint'];
    expect(await problem(...more, 'https://169.254.169.254', ...signIn)).toEqual([2, 'bad_input']);
    expect(await problem(...more, store().endpoint)).toEqual([2, 'bad_input']);
    expect(await problem('bucket', 'add', 'data', '--endpoint', store().endpoint, ...signIn)).toEqual([
      2,
      'bucket/exists',
    ]);
    expect(await problem('bucket', 'check', 'nothing')).toEqual([4, 'not_found']);
    await add('wrong', '--bucket', 'nowhere');
    const wrong = await slipway.run('bucket', 'check', 'wrong');
    expect(wrong.code).toBe(3);
    expect(wrong.stdout).toMatch(/✗ Find the bucket .*There is no bucket nowhere/);
    expect((await slipway.json('bucket', 'remove', 'data')).code).toBe(0);
    expect(await problem('bucket', 'policy', 'data')).toEqual([4, 'not_found']);
  });

  it('take a typed secret from a descriptor, and keep it in the vault', async () => {
    const ben = await store().addUser('ben');
    await store().addBucket(ben, 'ben-data');
    const slipway = new Slipway();
    const folder = writeFiles({ pass: 'correct horse battery\n', secret: `${ben.secretAccessKey}\n` });
    const key = ['--access-key-id', ben.accessKeyId];
    const words = ['bucket', 'add', 'ben-data', '--endpoint', store().endpoint, ...key];
    expect((await slipway.run(...words)).stderr).toContain('--secret-fd');

    const both = await slipway.start([...words, '--passphrase-fd', '3', '--secret-fd', '4'], {
      files: [`${folder}/pass`, `${folder}/secret`],
    }).ended;
    expect(both).toMatchObject({ code: 0 });
    const check = await slipway.start(['bucket', 'check', 'ben-data', '--passphrase-fd', '3'], {
      files: [`${folder}/pass`],
    }).ended;
    expect(check).toMatchObject({ code: 0 });
    expect(check.stdout).toMatch(/✓ Write an object and read it back/);
  });
});
