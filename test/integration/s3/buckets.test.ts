import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BucketCheck, BucketSettings } from '../../../shared/contract/buckets.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Radosgw, S3User } from '../../lab/radosgw.ts';
import { profileOf } from '../../lab/aws-profile.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { startCore } from '../../support/core.ts';
import { writeFiles } from '../../support/job-folder.ts';

function settings(
  store: Radosgw,
  bucket: string,
  credentials: BucketSettings['credentials'],
  target: Partial<BucketSettings['target']> = {},
) {
  return {
    requestId: `add-${bucket}-${Math.random()}`,
    name: 'data',
    target: { bucket, endpoint: store.endpoint, ...target },
    credentials,
  };
}

async function check(client: CoreClient): Promise<BucketCheck> {
  let last: BucketCheck | null = null;
  for await (const item of client.buckets.check({ bucket: 'data' })) last = item;
  return last!;
}

const failed = ({ steps }: BucketCheck) => steps.find((step) => step.status === 'failed');

describe.skipIf(!hasRadosgw())('buckets', () => {
  const store = useRadosgw();
  let users = 0;
  const user = (): Promise<S3User> => store().addUser(`user${++users}`);
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are tried out step by step, and what the store does is kept', async () => {
    const anna = await user();
    await store().addBucket(anna, 'anna-data');
    const role = await store().addRole('jobs', anna, 'anna-data');
    const { client, home, close } = await startCore();
    await client.buckets.add(settings(store(), 'anna-data', profileOf(anna), { role }));
    const checked = await check(client);
    expect(failed(checked)).toBeUndefined();
    expect(checked.ok).toBe(true);
    expect(checked.steps.map((step) => step.id)).toEqual([
      'keys',
      'find',
      'write',
      'damaged',
      'trailers',
      'parts',
      'conditions',
      'jobs',
      'clean',
    ]);
    const { buckets } = await client.buckets.list({});
    expect(buckets[0]?.capabilities).toEqual({
      addressing: 'path',
      checksumTrailers: false,
      refusesWrongMd5: true,
      etagIsMd5: true,
      conditionalWrites: true,
      listsParts: true,
      temporaryKeys: true,
      clockAheadSeconds: expect.closeTo(0, -1),
    });
    await close();

    const again = await startCore(home);
    const kept = await again.client.buckets.list({});
    expect(kept.buckets).toEqual(buckets);
  });

  it.each<[string, (owner: S3User) => BucketSettings['credentials'], string, string, RegExp]>([
    [
      'a wrong secret',
      (owner) => profileOf({ ...owner, secretAccessKey: 'wrong' }),
      'theirs',
      'find',
      /not with this secret/,
    ],
    [
      'an unknown key',
      (owner) => profileOf({ ...owner, accessKeyId: 'NOBODY' }),
      'theirs',
      'find',
      /does not know this access key/,
    ],
    ['a bucket that is not there', profileOf, 'nowhere', 'find', /There is no bucket nowhere/],
    [
      'a profile that is not there',
      (owner) => ({ ...profileOf(owner), profile: 'other' }) as never,
      'theirs',
      'keys',
      /gives no keys.*other/,
    ],
  ])('tell what is wrong: %s', async (_, credentials, bucket, step, words) => {
    const owner = await user();
    if (bucket === 'theirs') await store().addBucket(owner, `theirs-${owner.name}`);
    const { client } = await startCore();
    const name = bucket === 'theirs' ? `theirs-${owner.name}` : bucket;
    await client.buckets.add(settings(store(), name, credentials(owner)));
    const checked = await check(client);
    expect(checked.ok).toBe(false);
    expect(failed(checked)).toMatchObject({ id: step, detail: expect.stringMatching(words) });
  });

  it('of others are denied, and it is said which call was', async () => {
    const [anna, ben] = [await user(), await user()];
    await store().addBucket(anna, 'hers');
    const { client } = await startCore();
    await client.buckets.add(settings(store(), 'hers', profileOf(ben)));
    const detail = failed(await check(client))?.detail;
    expect(detail).toContain('denies s3:ListBucket');
    expect(detail).toContain('slipway bucket policy');
  });

  it.each([
    [20, /20 min behind/],
    [-20, /20 min ahead of/],
  ])('are reached with a clock that is %i min off, and that is told', async (minutes, words) => {
    const owner = await user();
    await store().addBucket(owner, `skewed-${owner.name}`);
    const { client } = await startCore();
    await client.buckets.add(settings(store(), `skewed-${owner.name}`, profileOf(owner)));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - minutes * 60_000 });
    const checked = await check(client);
    expect(checked.ok).toBe(true);
    expect(checked.steps.find((step) => step.id === 'find')?.detail).toMatch(words);
  });

  it('keep typed secrets out of the database and the logs, and forget them with the bucket', async () => {
    const owner = await user();
    await store().addBucket(owner, 'typed');
    const { client, home, close } = await startCore();
    await client.secrets.unlock({ passphrase: 'correct horse battery' });
    const { accessKeyId, secretAccessKey } = owner;
    const typed = { from: 'typed', accessKeyId, secretAccessKey } as const;
    const added = await client.buckets.add(settings(store(), 'typed', typed));
    expect(JSON.stringify(added)).not.toContain(secretAccessKey);
    expect((await check(client)).ok).toBe(true);
    await client.buckets.update({ bucket: 'data', credentials: { ...typed, secretAccessKey: 'other-secret-4711' } });
    expect(failed(await check(client))?.detail).toContain('not with this secret');
    await client.buckets.remove({ bucket: 'data' });
    await expect(client.buckets.policy({ bucket: 'data' })).rejects.toMatchObject({ code: 'not_found' });
    await close();
    for (const file of filesBelow(home)) {
      const text = readFileSync(file, 'latin1');
      expect([file, text.includes(secretAccessKey), text.includes('other-secret-4711')]).toEqual([file, false, false]);
    }
  });

  it('are refused where keys must not be sent, and a second one of the same name', async () => {
    const { client } = await startCore();
    const typed = profileOf({ accessKeyId: 'A', secretAccessKey: 'B' });
    const add = (endpoint: string) =>
      client.buckets.add({ ...settings(store(), 'data', typed), target: { bucket: 'data', endpoint } });
    for (const endpoint of [
      'http://s3.example.org',
      'https://169.254.169.254',
      'https://[fd00:ec2::254]',
      'https://s3.example.org/x',
    ])
      await expect(add(endpoint)).rejects.toMatchObject({ code: 'bad_input' });
    await add('https://s3.example.org');
    await add('https://s3.example.org');
    await expect(add('https://other.example.org')).rejects.toMatchObject({ code: 'bucket/exists' });
  });

  it('list the profiles of the AWS configuration files', async () => {
    const folder = writeFiles({
      config: '[default]\n[profile team-a]\n# [profile not]\n[sso-session corp]\n[ profile  spaced ]\n',
      credentials: '[old]\naws_access_key_id = x\n[default]\n',
    });
    const { client } = await startCore();
    const files = { configFile: join(folder, 'config'), credentialsFile: join(folder, 'credentials') };
    expect((await client.buckets.profiles(files)).profiles).toEqual(['default', 'old', 'spaced', 'team-a']);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}
