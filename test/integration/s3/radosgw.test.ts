import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';

describe.skipIf(!hasRadosgw())('the S3 lab', () => {
  const store = useRadosgw();

  it('keeps objects while the gateway is killed, refuses strangers, and gives out roles', async () => {
    const [anna, ben] = [await store().addUser('anna'), await store().addUser('ben')];
    await store().addBucket(anna, 'results');
    const [hers, his] = [store().client(anna), store().client(ben)];
    await hers.send(new PutObjectCommand({ Bucket: 'results', Key: 'a/b.txt', Body: Buffer.from('42') }));
    await expect(his.send(new GetObjectCommand({ Bucket: 'results', Key: 'a/b.txt' }))).rejects.toMatchObject({
      name: 'AccessDenied',
    });

    await store().stopGateway();
    await store().startGateway();
    const back = await hers.send(new GetObjectCommand({ Bucket: 'results', Key: 'a/b.txt' }));
    expect(await back.Body?.transformToString()).toBe('42');

    const role = await store().addRole('jobs', anna, 'results');
    const sts = new STSClient({ endpoint: store().endpoint, region: store().region, credentials: anna });
    const taken = await sts.send(new AssumeRoleCommand({ RoleArn: role, RoleSessionName: 'job' }));
    expect(taken.Credentials?.SessionToken).toBeTruthy();
    for (const client of [hers, his, sts]) client.destroy();
  });

  it('refuses what goes beyond a quota', async () => {
    const clara = await store().addUser('clara');
    await store().addBucket(clara, 'small');
    await store().limit(clara, 1_000_000);
    const client = store().client(clara);
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'small', Key: 'large', Body: Buffer.alloc(2_000_000) })),
    ).rejects.toMatchObject({ name: 'QuotaExceeded' });
    client.destroy();
  });
});
