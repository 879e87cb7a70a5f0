import { describe, expect, it } from 'vitest';
import { EMPTY_FORM, readBucketForm } from '../../../renderer/features/buckets/bucket-form.ts';

describe('the form of a bucket', () => {
  it('tells all that is wrong at once', () => {
    const typed = {
      ...EMPTY_FORM,
      endpoint: 'http://s3.example.org',
      region: '',
      signIn: 'typed',
      role: 'me',
    } as const;
    const { settings, problems } = readBucketForm(typed);
    expect(settings).toBeNull();
    expect(problems).toMatchObject({
      endpoint: expect.stringContaining('everybody on the way'),
      bucket: 'is needed',
      region: 'is needed',
      accessKeyId: 'is needed',
      secretAccessKey: 'is needed',
      role: expect.stringContaining('arn:aws:iam'),
    });
  });

  it('is a bucket at AWS or elsewhere, called as in the store unless it is said otherwise', () => {
    const form = { ...EMPTY_FORM, endpoint: ' s3.example.org/ ', bucket: ' data ' };
    expect(readBucketForm(form).settings).toMatchObject({
      name: 'data',
      target: { bucket: 'data', endpoint: 'https://s3.example.org', role: null },
      credentials: { from: 'profile', profile: 'default' },
    });
    const aws = readBucketForm({ ...form, store: 'aws', name: 'mine', region: 'eu-central-1' });
    expect(aws.settings).toMatchObject({ name: 'mine', target: { endpoint: null, region: 'eu-central-1' } });
    expect(readBucketForm({ ...form, name: 'no spaces' }).problems).toHaveProperty('name');
    expect(readBucketForm({ ...form, bucket: 'two..dots' }).problems).toHaveProperty('bucket');
  });
});
