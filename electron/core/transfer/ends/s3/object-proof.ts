import { createHash } from 'node:crypto';
import type { OpenBucket } from '../../../s3/open-bucket.ts';
import { readObject } from '../../../s3/read-object.ts';
import type { EndProblem } from '../far-end.ts';
import { EndError } from '../far-end.ts';

/** The note beside an object that says what its bytes are: `x-amz-meta-sha256`, in hex. */
export const SHA256_NOTE = 'sha256';

/** An object as it should be. */
export interface ExpectedObject {
  readonly key: string;
  readonly size: number;
  /** Hex. */
  readonly sha256: string;
}

/**
 * Proves that an object is in the store, by its size and the hash that is noted beside it or, where `readBack` asks for it or nothing is noted, by reading it back.
 * @throws EndError `corrupt`; S3Error
 */
export async function proveObject(
  bucket: OpenBucket,
  expected: ExpectedObject,
  options: { readonly readBack: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { key, size, sha256 } = expected;
  const head = await bucket.s3.head(key, signal);
  if (head === null) throw corrupt(key, 'it is not in the store, which said that it was');
  if (head.size !== size) throw corrupt(key, `the store has ${head.size} bytes of ${size}`);
  const noted = head.metadata[SHA256_NOTE];
  if (noted !== undefined && noted !== sha256) throw corrupt(key, 'it is another object by now');
  if (noted !== undefined && !options.readBack) return;
  const hash = createHash('sha256');
  for await (const bytes of readObject(bucket.s3, key, { offset: 0, length: size }, { ifMatch: head.etag }, signal))
    hash.update(bytes);
  if (hash.digest('hex') !== sha256) throw corrupt(key, 'other bytes came back than were sent');
}

/** What was put is not what was sent, as the ETag shows, where the store makes ETags of MD5s. @throws EndError `corrupt` */
export function requireEtag(bucket: OpenBucket, key: string, etag: string, expected: string): void {
  if (bucket.capabilities.etagIsMd5 && etag.toLowerCase() !== expected)
    throw corrupt(key, 'the store has other bytes than were sent');
}

/** Whether neither the store refuses damaged data nor its ETags show them. */
export function mustReadBack({ capabilities }: OpenBucket): boolean {
  return !capabilities.refusesWrongMd5 && !capabilities.etagIsMd5;
}

export function corrupt(key: string, why: string): EndError {
  const hint = 'Check the bucket (slipway bucket check). Another store may be needed.';
  const problem: EndProblem = { kind: 'corrupt', message: `${key} is not in the bucket as it was sent: ${why}.`, hint };
  return new EndError(problem);
}
