/** Policies in the language of AWS IAM, which AWS, Ceph and MinIO understand. */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** Where Slipway puts what it removes, and what it tries out. */
export const TRASH_PREFIX = '.slipway-trash/';
export const PROBE_PREFIX = '.slipway-probe/';

/** Keys that belong to Slipway and are no files of a person. */
export function isOwnKey(key: string): boolean {
  return key.startsWith(TRASH_PREFIX) || key.startsWith(PROBE_PREFIX);
}

/** The least that Slipway needs for everything it does with a bucket: look, read, write, and move aside. Nothing about other buckets, nothing about rights. */
export function bucketPolicy(bucket: string): PolicyDocument {
  const arn = `arn:aws:s3:::${bucket}`;
  return policy([
    {
      Sid: 'LookIntoTheBucket',
      Effect: 'Allow',
      Action: ['s3:ListBucket', 's3:ListBucketMultipartUploads', 's3:GetBucketLocation'],
      Resource: [arn],
    },
    {
      Sid: 'ReadAndWriteObjects',
      Effect: 'Allow',
      Action: [
        's3:GetObject',
        's3:PutObject',
        's3:DeleteObject',
        's3:AbortMultipartUpload',
        's3:ListMultipartUploadParts',
      ],
      Resource: [`${arn}/*`],
    },
  ]);
}

/** What the role of a bucket needs, so that jobs can be given a part of it: as `bucketPolicy`, without deleting. */
export function rolePolicy(bucket: string): PolicyDocument {
  const { Statement } = bucketPolicy(bucket);
  return policy(
    Statement.map((statement) => ({
      ...statement,
      Action: statement.Action.filter((action) => action !== 's3:DeleteObject'),
    })),
  );
}

/**
 * What one job may do with the bucket: read below its input prefixes, write below its output prefix, list those, and nothing else; above all no deletes.
 * @param prefixes end with `/`, or name single objects
 */
export function jobSessionPolicy(
  bucket: string,
  prefixes: { readonly read: readonly string[]; readonly write: readonly string[] },
): PolicyDocument {
  const arn = `arn:aws:s3:::${bucket}`;
  const below = (prefix: string): string =>
    `${arn}/${literal(prefix)}${prefix === '' || prefix.endsWith('/') ? '*' : ''}`;
  const listed = [...new Set([...prefixes.read, ...prefixes.write])].filter((p) => p === '' || p.endsWith('/'));
  return policy([
    ...(prefixes.read.length === 0 ? [] : [statement('ReadInputs', ['s3:GetObject'], prefixes.read.map(below))]),
    ...(prefixes.write.length === 0
      ? []
      : [
          statement(
            'WriteOutputs',
            ['s3:PutObject', 's3:GetObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
            prefixes.write.map(below),
          ),
        ]),
    ...(listed.length === 0
      ? []
      : [
          {
            ...statement('ListBoth', ['s3:ListBucket'], [arn]),
            Condition: { StringLike: { 's3:prefix': listed.map((prefix) => `${literal(prefix)}*`) } },
          },
        ]),
  ]);
}

function statement(Sid: string, Action: readonly string[], Resource: readonly string[]): PolicyStatement {
  return { Sid, Effect: 'Allow', Action, Resource };
}

function policy(Statement: readonly PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement };
}

/** In a policy `*`, `?` and `$` are special: written as variables they are themselves. Otherwise one star in a prefix would open all that begins like it. */
function literal(prefix: string): string {
  return prefix.replaceAll(/[*?$]/g, (special) => `\${${special}}`);
}
