import { Buffer } from 'node:buffer';
import { headerLength } from '../../encryption/age-header.ts';
import { headerForJob, type JobIdentity } from '../../encryption/job-access.ts';
import type { JobBucket, StoredObject } from './job-bucket.ts';

/** Headers of files with a few recipients are much shorter. */
const FIRST_BYTES = 16 * 1024;
const AT_ONCE = 16;

/** Project keys, as far as jobs use them. */
export interface JobKeys {
  /** The public half. @throws AppError `not_found` */
  recipientOf(name: string): { readonly text: string };
  /** The secret halves that this device can open. @throws AppError `keys/cannot_open`, `secrets/…` */
  identitiesOf(name: string): Promise<readonly string[]>;
}

/** By what the runs of a job open their encrypted inputs: a key of the job's own, and for each object the header that it opens. */
export interface JobSeals {
  readonly identity: string;
  readonly headers: readonly {
    readonly key: string;
    /** Bytes of the object's own header, which the other one replaces. */
    readonly skip: number;
    /** Base64. */
    readonly header: string;
  }[];
}

/** Makes the headers by which a job opens these objects and nothing else. @throws AgeError, and the bucket's errors */
export async function sealsForJob(request: {
  readonly bucket: JobBucket;
  readonly objects: readonly StoredObject[];
  /** Of the project; empty when there is nothing to open. */
  readonly identities: readonly string[];
  readonly job: JobIdentity;
  readonly signal: AbortSignal;
}): Promise<JobSeals> {
  const { bucket, objects, identities, job, signal } = request;
  const headers: JobSeals['headers'][number][] = [];
  for (let i = 0; i < objects.length; i += AT_ONCE) {
    const part = objects.slice(i, i + AT_ONCE).map(async (object) => {
      const start = await beginningOf(bucket, object, signal);
      const skip = headerLength(start);
      if (skip === null) throw new Error(`${object.key} has a header of more than ${FIRST_BYTES} bytes.`);
      const header = await headerForJob(start.subarray(0, skip), identities, job);
      return { key: object.key, skip, header: header.toString('base64') };
    });
    headers.push(...(await Promise.all(part)));
  }
  return { identity: job.identity, headers };
}

async function beginningOf(bucket: JobBucket, object: StoredObject, signal: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const length = Math.min(FIRST_BYTES, object.size);
  if (length === 0) return Buffer.alloc(0);
  for await (const chunk of await bucket.read(object, signal, length)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
