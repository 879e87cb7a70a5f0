import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type { BucketCapabilities, BucketCheck, BucketTarget } from '../../../shared/contract/buckets.ts';
import { isLoopback } from '../../../shared/domain/s3/endpoint.ts';
import { jobSessionPolicy, PROBE_PREFIX } from '../../../shared/domain/s3/policies.ts';
import { isAppError } from '../../../shared/errors.ts';
import { TestSteps } from '../test-steps.ts';
import { md5Of } from './md5.ts';
import { S3Bucket } from './s3-bucket.ts';
import type { KeySource, S3Keys } from './s3-client.ts';
import { createS3Client, endpointOf, stsEndpointOf } from './s3-client.ts';
import { clockWords, isS3Error, S3Error, s3ErrorOf } from './s3-error.ts';
import { takeRole } from './temporary-keys.ts';

/** Not a multiple of any block size, so that a store that keeps the framing of a stream shows it. */
const CANARY_BYTES = 300_000;
/** Seconds by which clocks may be apart before it is worth a word. */
const CLOCK_TOLERANCE = 60;

/** What a check found, or why it ended. */
export type CheckResult =
  { readonly ok: true; readonly capabilities: BucketCapabilities } | { readonly ok: false; readonly error: unknown };

/**
 * Finds out what a store does with small objects below `.slipway-probe/`, and removes them. Each step is told in words; steps that the store fails without harm
 * to a transfer only change how Slipway talks to it.
 */
export async function* checkBucket(
  target: BucketTarget,
  keys: KeySource,
  signal: AbortSignal,
): AsyncGenerator<BucketCheck, CheckResult> {
  const steps = new TestSteps();
  const folder = `${PROBE_PREFIX}${randomUUID()}/`;
  const canary = randomBytes(CANARY_BYTES);
  let s3: S3Bucket | null = null;
  let inStore = false;
  try {
    steps.begin('keys', 'Get the keys');
    yield steps.now(null);
    steps.end('ok', (await requireKeys(target, keys)).accessKeyId);

    steps.begin('find', 'Find the bucket');
    yield steps.now(null);
    const began = performance.now();
    const found = await findBucket(target, keys, folder, signal);
    s3 = found.s3;
    const clockAheadSeconds = s3.clockAheadSeconds;
    const clock = Math.abs(clockAheadSeconds) > CLOCK_TOLERANCE ? `. ${clockWords(clockAheadSeconds)}` : '';
    steps.end('ok', `${s3.endpoint}, ${Math.round(performance.now() - began)} ms${clock}`);

    steps.begin('write', 'Write an object and read it back');
    yield steps.now(null);
    inStore = true;
    const etag = await writeAndReadBack(s3, `${folder}canary`, canary, signal);
    steps.end('ok', null);

    steps.begin('damaged', 'Have damaged data refused');
    yield steps.now(null);
    const refusesWrongMd5 = await refuses(
      s3.put(`${folder}damaged`, canary, { md5: md5Of(etagNoise) }, signal),
      'damaged',
    );
    steps.end('ok', refusesWrongMd5 ? null : 'not refused: Slipway reads back what it sends');

    steps.begin('trailers', 'Checksums of other programs');
    yield steps.now(null);
    const checksumTrailers = await takesTrailers(s3, keys, found.addressing, `${folder}trailers`, canary, signal);
    steps.end('ok', checksumTrailers ? null : 'not taken: jobs are told to leave them out');

    steps.begin('parts', 'Send an object in parts');
    yield steps.now(null);
    const listsParts = await sendInParts(s3, `${folder}parts`, canary, signal);
    steps.end('ok', listsParts ? null : 'parts are not listed: a broken upload begins anew');

    steps.begin('conditions', 'Keep an object from being replaced');
    yield steps.now(null);
    const conditionalWrites = await refuses(s3.put(`${folder}canary`, canary, { onlyNew: true }, signal), 'condition');
    steps.end('ok', conditionalWrites ? null : 'not supported');

    steps.begin('jobs', 'Temporary keys for jobs');
    yield steps.now(null);
    let temporaryKeys: boolean | null = null;
    if (target.role === null) steps.end('skipped', 'no role is given: jobs get presigned URLs');
    else {
      await tryRole(target, keys, found, folder, signal);
      temporaryKeys = true;
      steps.end('ok', target.role);
    }

    steps.begin('clean', 'Remove what was written');
    yield steps.now(null);
    inStore = false;
    const removed = await clean(s3, folder, signal);
    steps.end('ok', removed ? null : 'not allowed: nothing can be renamed, replaced or moved to the trash there');
    yield steps.now(true);
    return {
      ok: true,
      capabilities: {
        addressing: found.addressing,
        checksumTrailers,
        refusesWrongMd5,
        etagIsMd5: etag === md5Of(canary).toString('hex'),
        conditionalWrites,
        listsParts,
        temporaryKeys,
        clockAheadSeconds,
      },
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const hint = isS3Error(error) && error.hint !== null ? ` ${error.hint}` : '';
    steps.end('failed', `${message}${hint}`);
    yield steps.now(false);
    return { ok: false, error };
  } finally {
    // Also after a failure, and when nobody waits any more.
    if (inStore && s3 !== null) await clean(s3, folder, AbortSignal.timeout(5000)).catch(() => undefined);
    s3?.dispose();
  }
}

/** @throws S3Error `keys`, `expired`; AppError of the secret store */
async function requireKeys(target: BucketTarget, keys: KeySource): Promise<S3Keys> {
  try {
    return await keys();
  } catch (error) {
    if (isAppError(error)) throw error;
    const endpoint = endpointOf(target);
    throw s3ErrorOf(error, { action: 'sign in', endpoint, bucket: target.bucket, key: null, clockAheadSeconds: 0 });
  }
}

/** Whose MD5 is not that of the canary. */
const etagNoise = Buffer.from('another content');

interface FoundBucket {
  readonly s3: S3Bucket;
  readonly addressing: 'path' | 'host';
}

/** How a bucket can be addressed; the likelier way first. */
export function addressings(target: BucketTarget, endpoint: string): ('path' | 'host')[] {
  if (target.addressing !== 'auto') return [target.addressing];
  if (target.endpoint === null) return ['host'];
  const host = new URL(endpoint).hostname;
  const numeric = /^[\d.]+$|^\[/.test(host);
  return numeric || isLoopback(host) ? ['path'] : ['path', 'host'];
}

/** Lists nothing much: a listing says why it is refused, HEAD does not. */
async function findBucket(
  target: BucketTarget,
  keys: KeySource,
  folder: string,
  signal: AbortSignal,
): Promise<FoundBucket> {
  const endpoint = endpointOf(target);
  const { region, bucket } = target;
  let first: unknown = null;
  for (const addressing of addressings(target, endpoint)) {
    const s3 = new S3Bucket({ endpoint, region, bucket, keys, pathStyle: addressing === 'path' });
    try {
      await s3.list(folder, { pageSize: 1 }, signal).next();
      return { s3, addressing };
    } catch (error) {
      s3.dispose();
      first ??= error;
      if (!isS3Error(error, 'endpoint', 'no-bucket', 'no-key', 'not-supported', 'region')) throw error;
    }
  }
  throw first;
}

/** Returns the ETag. @throws S3Error when other bytes come back than were written */
async function writeAndReadBack(s3: S3Bucket, key: string, bytes: Buffer, signal: AbortSignal): Promise<string> {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const etag = await s3.put(key, bytes, { metadata: { sha256 } }, signal);
  const { body } = await s3.get(key, {}, signal);
  const back = await buffer(body);
  const head = await s3.head(key, signal);
  if (!back.equals(bytes) || head?.size !== bytes.length)
    throw unsafe(`Other bytes came back than were written: ${bytes.length} bytes were sent, ${back.length} came back.`);
  if (head.metadata['sha256'] !== sha256) throw unsafe('The store loses the notes that belong to an object.');
  return etag;
}

function unsafe(message: string): S3Error {
  return new S3Error('damaged', message, { hint: 'This store is not safe for your files; nothing is sent to it.' });
}

/** Whether a call ends with that kind of refusal. Other failures are thrown. */
async function refuses(call: Promise<unknown>, kind: 'damaged' | 'condition'): Promise<boolean> {
  try {
    await call;
    return false;
  } catch (error) {
    if (isS3Error(error, kind)) return true;
    if (isS3Error(error, 'not-supported', 'other')) return false;
    throw error;
  }
}

/** Sends a stream with a checksum behind it, as AWS's programs do by default, and looks whether it is kept as it was. */
async function takesTrailers(
  s3: S3Bucket,
  keys: KeySource,
  addressing: 'path' | 'host',
  key: string,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<boolean> {
  const client = createS3Client(s3.endpoint, s3.region, keys, addressing === 'path');
  try {
    const command = new PutObjectCommand({
      Bucket: s3.bucket,
      Key: key,
      Body: Readable.from([bytes]),
      ContentLength: bytes.length,
      ChecksumAlgorithm: 'CRC32',
    });
    await client.send(command, { abortSignal: signal });
    const { body } = await s3.get(key, {}, signal);
    return (await buffer(body)).equals(bytes);
  } catch {
    signal.throwIfAborted();
    return false;
  } finally {
    client.destroy();
  }
}

/** Whether parts are listed. @throws S3Error when the object is not what was sent */
async function sendInParts(s3: S3Bucket, key: string, bytes: Buffer, signal: AbortSignal): Promise<boolean> {
  const { uploads } = s3;
  const uploadId = await uploads.create(key, {}, signal);
  try {
    const md5 = md5Of(bytes);
    const etag = await uploads.putPart({ key, uploadId, number: 1, md5 }, bytes, signal);
    const listed = await uploads.listParts(key, uploadId, signal).catch((error: unknown) => {
      if (isS3Error(error, 'not-supported', 'denied', 'other')) return null;
      throw error;
    });
    await uploads.complete(key, uploadId, [{ number: 1, size: bytes.length, etag }], signal);
    const { body } = await s3.get(key, {}, signal);
    if (!(await buffer(body)).equals(bytes)) throw unsafe('An object that was sent in parts came back different.');
    return listed?.length === 1 && listed[0]!.size === bytes.length;
  } catch (error) {
    await uploads.abort(key, uploadId, AbortSignal.timeout(5000)).catch(() => undefined);
    throw error;
  }
}

/** Takes the role for one folder, and proves that the keys read there and nowhere else. */
async function tryRole(
  target: BucketTarget,
  keys: KeySource,
  { s3, addressing }: FoundBucket,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const { bucket, region } = target;
  const request = {
    stsEndpoint: stsEndpointOf(target),
    region,
    role: target.role!,
    session: 'slipway-check',
    policy: jobSessionPolicy(bucket, { read: [`${folder}canary`], write: [] }),
    seconds: 900,
  };
  const taken = await takeRole(request, keys, signal);
  const limited = new S3Bucket({
    endpoint: s3.endpoint,
    region,
    bucket,
    keys: async () => taken,
    pathStyle: addressing === 'path',
  });
  try {
    const { body } = await limited.get(`${folder}canary`, {}, signal);
    body.destroy();
    const escaped = await limited.put(`${folder}escaped`, etagNoise, {}, signal).then(
      () => true,
      (error: unknown) => {
        if (isS3Error(error, 'denied')) return false;
        throw error;
      },
    );
    if (escaped)
      throw new S3Error('other', 'Keys that may only read could write: the store does not keep to session policies.', {
        hint: 'Remove the role from the bucket; jobs then get presigned addresses.',
      });
  } finally {
    limited.dispose();
  }
}

/** False = not allowed. */
async function clean(s3: S3Bucket, folder: string, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const { objects } of s3.list(folder, {}, signal))
      await Promise.all(objects.map(({ key }) => s3.remove(key, signal)));
    return true;
  } catch (error) {
    if (isS3Error(error, 'denied')) return false;
    throw error;
  }
}
