import { setImmediate } from 'node:timers/promises';
import type { JobBucket, BucketSession } from './job-bucket.ts';
import type { JobSeals } from './job-seals.ts';
import type { StoragePlan } from './storage-plan.ts';
import type { StoredObject } from './job-bucket.ts';

/** Presigned addresses hold for seven days at most. */
const LONGEST_SECONDS = 7 * 86_400;
const SHORTEST_SECONDS = 3600;
/** A run may wait a day in a queue before its access has to be renewed. */
const QUEUE_SECONDS = 86_400;
/** The node takes a grant for expired a little before the store does: its clock may be slow. */
const MARGIN_SECONDS = 300;
const AT_ONCE = 32;

/** What the storage script may do, as the text that it reads, and the time when a newer one should take its place (UTC milliseconds). */
export interface Grant {
  readonly text: string;
  readonly renewAt: number;
}

/** Seconds for which a job's access is given: the time limit of a run and a day in the queue. */
export function grantSeconds(walltimeSeconds: number): number {
  return Math.min(LONGEST_SECONDS, Math.max(SHORTEST_SECONDS, Math.ceil(walltimeSeconds) + QUEUE_SECONDS));
}

/**
 * The access that some runs of a job need: addresses of exactly their inputs, a form that takes objects below the output folder, and keys that may do the same
 * where the store gives such. It holds no keys of the customer. See `STORAGE_SH` for its shape.
 */
export async function makeGrant(request: {
  readonly bucket: JobBucket;
  readonly plan: StoragePlan;
  readonly objects: readonly StoredObject[];
  /** Null = nothing is encrypted. */
  readonly seals: JobSeals | null;
  readonly seconds: number;
  readonly name: string;
  readonly now: number;
  readonly signal: AbortSignal;
}): Promise<Grant> {
  const { bucket, plan, objects, now, name } = request;
  const seconds = await bucket.holds(request.seconds);
  const wanted = { read: plan.input, write: plan.output, seconds, name };
  const session = await bucket.session(wanted, request.signal);
  const form = await bucket.uploadForm(plan.output, seconds);
  const issued = Math.floor(now / 1000);
  const lines: (readonly (string | number)[])[] = [
    ['issued', issued],
    ['expires', issued + seconds - MARGIN_SECONDS],
    ['endpoint', bucket.endpoint],
    ['region', bucket.region],
    ['bucket', bucket.bucket],
    ['style', bucket.pathStyle ? 'path' : 'host'],
    ...(session === null ? [] : [sessionLine(session)]),
    ['upload', form.url],
    ...Object.entries(form.fields).map(([name, value]) => ['field', name, value]),
  ];
  for (let i = 0; i < objects.length; i += AT_ONCE) {
    const part = objects.slice(i, i + AT_ONCE);
    const urls = await Promise.all(part.map(({ key }) => bucket.presignGet(key, seconds)));
    part.forEach(({ key, size, etag }, k) => lines.push(['get', key, size, etag === '' ? '-' : etag, urls[k]!]));
    // Signatures are work, and ten thousand of them must not stop the clock for everybody else.
    await setImmediate();
  }
  if (request.seals !== null) {
    lines.push(['identity', request.seals.identity]);
    for (const { key, skip, header } of request.seals.headers) lines.push(['seal', key, skip, header]);
  }
  const untilMs = Math.min(seconds * 1000, session === null ? Infinity : session.expiresAt - now);
  return { text: lines.map((line) => `${line.join('\t')}\n`).join(''), renewAt: now + untilMs / 2 };
}

function sessionLine({ expiresAt, accessKeyId, secretAccessKey, sessionToken }: BucketSession): (string | number)[] {
  return ['session', Math.floor(expiresAt / 1000), accessKeyId, secretAccessKey, sessionToken];
}
