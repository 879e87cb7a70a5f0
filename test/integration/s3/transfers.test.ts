import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { profileOf } from '../../lab/aws-profile.ts';
import { hasRadosgw, useRadosgw } from '../../lab/radosgw.ts';
import { startCore } from '../../support/core.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { local, transferOf } from '../transfer/engine-lab.ts';
import { ODD_NAMES, readTree } from '../transfer/transfer-lab.ts';
import { sha256 } from '../transfer/ssh-end-lab.ts';

const MIB = 2 ** 20;

describe.skipIf(!hasRadosgw())('transfers with a bucket', () => {
  const store = useRadosgw();

  it('a tree goes there and comes back, and the second time nothing moves', async () => {
    const anna = await store().addUser('anna');
    await store().addBucket(anna, 'data');
    const { client } = await startCore();
    const target = { bucket: 'data', endpoint: store().endpoint };
    await client.buckets.add({ requestId: 'add-data', name: 'data', target, credentials: profileOf(anna) });
    const roots = await client.places.roots({});
    expect(roots.buckets).toMatchObject([{ title: 'data', place: { kind: 'bucket', bucket: 'data', key: '' } }]);

    const large = randomBytes(40 * MIB);
    const source = writeFiles({
      ...Object.fromEntries(ODD_NAMES.map((name) => [name, `content of ${name}`])),
      'sub/large.odb': large,
      'sub/empty': '',
    });
    const place = (key: string) => ({ kind: 'bucket', bucket: 'data', key }) as const;
    const up = { from: [local(source)], to: place('study'), into: false };
    const sent = await transferOf(client, up);
    expect([sent.state, sent.problems]).toEqual(['done', []]);
    expect(sent.files.done).toBe(ODD_NAMES.length + 2);

    const s3 = store().client(anna);
    const { HeadObjectCommand } = await import('@aws-sdk/client-s3');
    const head = await s3.send(new HeadObjectCommand({ Bucket: 'data', Key: 'study/sub/large.odb' }));
    expect(head.Metadata?.['sha256']).toBe(sha256(large));
    s3.destroy();

    const again = await transferOf(client, up);
    expect([again.state, again.files.same, again.bytes.total]).toEqual(['done', ODD_NAMES.length + 2, 0]);

    const back = join(tempFolder(), 'back');
    const fetched = await transferOf(client, { from: [place('study')], to: local(back), into: false });
    expect([fetched.state, fetched.problems]).toEqual(['done', []]);
    expect(readTree(back)).toEqual(readTree(source));

    writeFileSync(join(source, 'sub/large.odb'), large.subarray(0, 39 * MIB));
    rmSync(join(source, 'sub/empty'));
    const options = { conflicts: 'replace', deleteExtra: true } as const;
    const third = await transferOf(client, { ...up, options });
    expect([third.state, third.bytes.total]).toEqual(['done', 39 * MIB]);
    const listed = await client.places.list({ place: place('study/sub') });
    expect(listed.entries.map(({ name, size }) => [name, size])).toEqual([['large.odb', 39 * MIB]]);
    const one = join(tempFolder(), 'one.odb');
    const single = { from: [place('study/sub/large.odb')], to: local(one), into: false };
    expect((await transferOf(client, single)).state).toBe('done');
    expect(readFileSync(one).equals(large.subarray(0, 39 * MIB))).toBe(true);
  });

  it('encrypted files go there in pieces and come back as they were', async () => {
    const berta = await store().addUser('berta');
    await store().addBucket(berta, 'sealed');
    const { client } = await startCore();
    await client.secrets.unlock({ passphrase: 'correct horse battery' });
    await client.keys.create({ requestId: 'create-key', name: 'turbine' });
    const target = { bucket: 'sealed', endpoint: store().endpoint };
    await client.buckets.add({ requestId: 'add-sealed', name: 'sealed', target, credentials: profileOf(berta) });
    const source = writeFiles({ 'large.odb': randomBytes(40 * MIB + 7), 'small.inp': 'confidential' });
    const there = { kind: 'bucket', bucket: 'sealed', key: 'study' } as const;
    const options = { key: 'turbine' };
    const sent = await transferOf(client, { from: [local(source)], to: there, into: false, options });
    expect([sent.state, sent.problems]).toEqual(['done', []]);
    const listed = await client.places.list({ place: there });
    expect(listed.entries.map(({ name }) => name)).toEqual(['large.odb.age', 'small.inp.age']);
    const back = join(tempFolder(), 'back');
    const fetched = await transferOf(client, { from: [there], to: local(back), into: false, options });
    expect([fetched.state, fetched.problems]).toEqual(['done', []]);
    expect(readTree(back)).toEqual(readTree(source));
  });
});
