import { expect, it } from 'vitest';
import { bucketPolicy, jobSessionPolicy, rolePolicy } from '../../../shared/domain/s3/policies.ts';

const actions = (policy: ReturnType<typeof bucketPolicy>): string[] =>
  policy.Statement.flatMap((statement) => [...statement.Action]);

it('the policy of a bucket names that bucket only, and no right that Slipway does not use', () => {
  const policy = bucketPolicy('data');
  expect(policy.Statement.flatMap((statement) => [...statement.Resource])).toEqual([
    'arn:aws:s3:::data',
    'arn:aws:s3:::data/*',
  ]);
  expect(actions(policy).filter((action) => action.includes('*') || !action.startsWith('s3:'))).toEqual([]);
  expect(actions(rolePolicy('data'))).toEqual(actions(policy).filter((action) => action !== 's3:DeleteObject'));
});

it('a job reads its inputs and writes its outputs, and stars in prefixes are stars', () => {
  const policy = jobSessionPolicy('data', { read: ['in/job*1/', 'in/one.zip'], write: ['out/job1/'] });
  expect(policy.Statement).toEqual([
    {
      Sid: 'ReadInputs',
      Effect: 'Allow',
      Action: ['s3:GetObject'],
      Resource: ['arn:aws:s3:::data/in/job${*}1/*', 'arn:aws:s3:::data/in/one.zip'],
    },
    {
      Sid: 'WriteOutputs',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
      Resource: ['arn:aws:s3:::data/out/job1/*'],
    },
    {
      Sid: 'ListBoth',
      Effect: 'Allow',
      Action: ['s3:ListBucket'],
      Resource: ['arn:aws:s3:::data'],
      Condition: { StringLike: { 's3:prefix': ['in/job${*}1/*', 'out/job1/*'] } },
    },
  ]);
});
