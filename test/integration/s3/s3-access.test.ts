import { describe, expect, it, onTestFinished } from 'vitest';
import { S3Bucket } from '../../../electron/core/s3/s3-bucket.ts';
import type { S3Keys } from '../../../electron/core/s3/s3-client.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { soon } from '../transfer/ssh-end-lab.ts';
import { callsOf, labOf } from './s3-end-lab.ts';

describe.skipIf(!hasRadosgw())('what others may do with a bucket', () => {
  const store = useRadosgw();

  function connect(bucket: string, keys: S3Keys): S3Bucket {
    const { endpoint, region } = store();
    const s3 = new S3Bucket({ endpoint, region, bucket, keys: async () => keys, pathStyle: true });
    onTestFinished(() => s3.dispose());
    return s3;
  }

  it('keys of a job read its inputs, write its outputs, and do nothing else', async () => {
    const anna = await store().addUser('anna');
    await store().addBucket(anna, 'data');
    const role = await store().addRole('jobs', anna, 'data');
    const lab = labOf(anna, { bucket: 'data', endpoint: store().endpoint, role });
    const owner = await callsOf(lab);
    for (const key of ['in/job1/a', 'in/job2/a', 'in/job10/a', 'out/job1/old'])
      await owner.put(key, Buffer.from(key), {}, soon());

    const access = { session: 'job 1: Cantilever', read: ['in/job1/'], write: ['out/job1/'], seconds: 90_000 };
    const keys = (await lab.buckets.jobKeys('data', access, soon()))!;
    // The role allows an hour, however long the job is.
    expect(keys.expiration!.getTime() - Date.now()).toBeLessThanOrEqual(3_601_000);
    const job = connect('data', keys);
    const denied = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ kind: 'denied' });
    const { body } = await job.get('in/job1/a', {}, soon());
    body.destroy();
    await job.put('out/job1/result', Buffer.from('42'), {}, soon());
    const uploadId = await job.uploads.create('out/job1/large', {}, soon());
    await job.uploads.abort('out/job1/large', uploadId, soon());
    expect((await job.list('in/job1/', {}, soon()).next()).value?.objects).toHaveLength(1);

    await denied(job.get('in/job2/a', {}, soon()));
    await denied(job.put('in/job1/a', Buffer.from('changed'), {}, soon()));
    await denied(job.list('', {}, soon()).next());
    await denied(job.remove('out/job1/result', soon()));
    await denied(job.get('in/job10/a', {}, soon()));
    await denied(job.list('in/job10/', {}, soon()).next());
  });

  it('an address lets whoever has it do one thing, for a while', async () => {
    const ben = await store().addUser('ben');
    await store().addBucket(ben, 'shared');
    const s3 = connect('shared', ben);
    await s3.put('in/a b+ü.txt', Buffer.from('input'), {}, soon());
    const read = await s3.presign({ method: 'GET', key: 'in/a b+ü.txt' }, 60);
    expect(read).not.toMatch(/checksum/i);
    expect(await (await fetch(read)).text()).toBe('input');
    expect((await fetch(read, { method: 'PUT', body: 'changed' })).status).toBe(403);
    expect((await fetch(read.replace('in/', 'on/'))).status).toBe(403);

    const write = await s3.presign({ method: 'PUT', key: 'out/result' }, 60);
    expect((await fetch(write, { method: 'PUT', body: 'output' })).status).toBe(200);
    expect((await s3.head('out/result', soon()))?.size).toBe(6);

    const key = 'out/parts';
    const uploadId = await s3.uploads.create(key, {}, soon());
    const part = await s3.presign({ method: 'PART', key, uploadId, number: 1 }, 60);
    const etag = (await fetch(part, { method: 'PUT', body: 'piece' })).headers.get('etag')!.replaceAll('"', '');
    await s3.uploads.complete(key, uploadId, [{ number: 1, size: 5, etag }], soon());
    expect((await s3.head(key, soon()))?.size).toBe(5);

    const short = await s3.presign({ method: 'GET', key: 'out/result' }, 1);
    await expect.poll(async () => (await fetch(short)).status, { timeout: 10_000 }).toBe(403);
  });

  it('a copy inside the store keeps what is noted beside an object', async () => {
    const clara = await store().addUser('clara');
    await store().addBucket(clara, 'copies');
    const s3 = connect('copies', clara);
    await s3.put('a?b', Buffer.from('x'), { metadata: { sha256: 'abc' } }, soon());
    await s3.copy('a?b', 'c d/é', soon());
    expect(await s3.head('c d/é', soon())).toMatchObject({ size: 1, metadata: { sha256: 'abc' } });
    await expect(s3.copy('nothing', 'x', soon())).rejects.toMatchObject({ kind: 'no-key' });
    await expect(s3.put('c d/é', Buffer.from('y'), { onlyNew: true }, soon())).rejects.toMatchObject({
      kind: 'condition',
    });
  });
});
