import { command, query, stream } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing, requestId } from './common.ts';
import { siteTestStep } from './sites.ts';

/** What a bucket is called in Slipway, as in `bucket:NAME/KEY`; by default what it is called in the store. */
export const bucketName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'letters, digits, dot, underscore and hyphen, at most 63');

/** The name that S3 knows; the rule of AWS, and of older stores that allow upper case and underscores. */
const nameInStore = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{1,254}$/, 'letters, digits, dot, underscore and hyphen, 2 to 255')
  .refine((name) => !name.includes('..'), 'must not hold two dots in a row');

/** An access key as a person types it. It is kept in the profile's secret store and never given out again. */
const typedKey = z.object({
  from: z.literal('typed'),
  accessKeyId: z.string().min(1).max(256),
  secretAccessKey: z.string().min(1).max(1024),
  /** Of temporary keys. */
  sessionToken: z.string().min(1).max(8192).optional(),
});

/** A profile of the AWS configuration files: keys, SSO, an assumed role or a program that gives keys. */
const profileKey = z.object({
  from: z.literal('profile'),
  profile: z.string().min(1).max(128),
  /** Instead of `~/.aws/config` and `~/.aws/credentials`. */
  configFile: z.string().max(4096).optional(),
  credentialsFile: z.string().max(4096).optional(),
});

export const bucketCredentials = z.discriminatedUnion('from', [typedKey, profileKey]);
export type BucketCredentials = z.infer<typeof bucketCredentials>;

/** How buckets are addressed: in the path, in the host's name, or as the check finds out. */
export const addressing = z.enum(['auto', 'path', 'host']);

export const bucketTarget = z.object({
  bucket: nameInStore,
  /** `https://host[:port]`; null = AWS. */
  endpoint: z.string().max(300).nullable().default(null),
  region: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, 'such as eu-central-1')
    .default('us-east-1'),
  addressing: addressing.default('auto'),
  /** Allows an endpoint that is reached by http and is not this machine. */
  plainHttp: z.boolean().default(false),
  /** ARN of a role that gives jobs temporary keys for a part of the bucket; null = jobs get presigned addresses. */
  role: z
    .string()
    .regex(/^arn:[^\s:]+:iam::[^\s:]*:role\/[\x21-\x7e]{1,512}$/, 'such as arn:aws:iam::123456789012:role/slipway-jobs')
    .nullable()
    .default(null),
  /** Where roles are taken; null = the endpoint itself, or AWS's own of the region. */
  stsEndpoint: z.string().max(300).nullable().default(null),
});
export type BucketTarget = z.infer<typeof bucketTarget>;

/** What a store was found to do; it decides how Slipway talks to it. */
export const bucketCapabilities = z.object({
  addressing: addressing.exclude(['auto']),
  /** Takes the CRC32 trailers that AWS's own programs send. */
  checksumTrailers: z.boolean(),
  /** A wrong Content-MD5 is refused: what arrives damaged is never stored. */
  refusesWrongMd5: z.boolean(),
  /** The ETag of an object that was put at once is its MD5. */
  etagIsMd5: z.boolean(),
  /** `If-None-Match: *` keeps an object from being replaced. */
  conditionalWrites: z.boolean(),
  /** Uploads in parts can be taken up again. */
  listsParts: z.boolean(),
  /** Keys for jobs that end by themselves; null = no role is given. */
  temporaryKeys: z.boolean().nullable(),
  /** Seconds by which the store's clock is ahead of this workstation's. */
  clockAheadSeconds: z.number(),
});
export type BucketCapabilities = z.infer<typeof bucketCapabilities>;

export const bucket = z.object({
  name: z.string(),
  target: bucketTarget,
  /** `typed` without the secret. */
  credentials: z.discriminatedUnion('from', [
    z.object({ from: z.literal('typed'), accessKeyId: z.string() }),
    profileKey,
  ]),
  /** Null until a check has succeeded. */
  capabilities: bucketCapabilities.nullable(),
  /** ISO 8601 UTC, of the last check that succeeded. */
  checkedAt: z.string().nullable(),
  createdAt: z.string(),
});
export type Bucket = z.infer<typeof bucket>;

export const bucketSettings = z.object({ name: bucketName, target: bucketTarget, credentials: bucketCredentials });
export type BucketSettings = z.infer<typeof bucketSettings>;

const bucketRef = z.object({ bucket: z.string() });

/** Steps so far; `ok` is null while the check goes on. */
export const bucketCheck = z.object({ steps: z.array(siteTestStep), ok: z.boolean().nullable() });
export type BucketCheck = z.infer<typeof bucketCheck>;

/**
 * Buckets of the customer. Errors: `bucket/unreachable`, `bucket/refused` (keys, rights, clock), `bucket/unsafe` (a store that damages or does not keep what
 * it is given), `bucket/exists`, `not_found`, those of `secrets/…`.
 */
export const buckets = {
  list: query(nothing, z.object({ buckets: z.array(bucket) })),
  /** All buckets, again whenever one changes. */
  watch: stream(nothing, z.object({ buckets: z.array(bucket) })),
  /** Names of the profiles of the AWS configuration files. */
  profiles: query(
    z.object({ configFile: z.string().optional(), credentialsFile: z.string().optional() }),
    z.object({ profiles: z.array(z.string()) }),
  ),
  /** Stores it; nothing is asked of the store until `check` or the first use. */
  add: command(bucketSettings.extend({ requestId }), bucket),
  /** Changes target or credentials; what is known of the store is forgotten when the target changes. */
  update: command(
    bucketRef.extend({ target: bucketTarget.optional(), credentials: bucketCredentials.optional() }),
    bucket,
  ),
  /** Writes, reads and removes small objects below `.slipway-probe/` and tells each step; what is found is kept. */
  check: stream(bucketRef, bucketCheck),
  /** The least rights that Slipway needs: `bucket` for the key itself, `role` for the role that jobs are given. JSON for the store's console. */
  policy: query(
    bucketRef.extend({ for: z.enum(['bucket', 'role']).default('bucket') }),
    z.object({ json: z.string() }),
  ),
  /** Forgets it and its key; nothing is removed from the store. */
  remove: command(bucketRef, nothing),
};
