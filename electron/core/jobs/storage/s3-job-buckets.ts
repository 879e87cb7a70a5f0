import type { BucketService } from '../../s3/bucket-service.ts';
import type { OpenBucket } from '../../s3/open-bucket.ts';
import type { Logger } from '../../logging/logger.ts';
import type { BucketSession, JobBucket, JobBuckets, StoredObject } from './job-bucket.ts';
import { signUploadForm } from './upload-form.ts';

/** The customer's buckets as jobs use them. */
export class S3JobBuckets implements JobBuckets {
  readonly #service: BucketService;
  readonly #log: Logger;

  constructor(service: BucketService, log: Logger) {
    this.#service = service;
    this.#log = log;
  }

  names(): readonly string[] {
    return this.#service.list().map((bucket) => bucket.name);
  }

  nameInStore(name: string): string | null {
    return this.#service.list().find((bucket) => bucket.name === name)?.target.bucket ?? null;
  }

  async open(name: string, signal: AbortSignal): Promise<JobBucket> {
    return new S3JobBucket(await this.#service.open(name, signal), this.#service, this.#log);
  }
}

class S3JobBucket implements JobBucket {
  readonly #open: OpenBucket;
  readonly #service: BucketService;
  readonly #log: Logger;

  constructor(open: OpenBucket, service: BucketService, log: Logger) {
    this.#open = open;
    this.#service = service;
    this.#log = log;
  }

  get name(): string {
    return this.#open.name;
  }

  get bucket(): string {
    return this.#open.s3.bucket;
  }

  get endpoint(): string {
    return this.#open.s3.endpoint;
  }

  get region(): string {
    return this.#open.s3.region;
  }

  get pathStyle(): boolean {
    return this.#open.capabilities.addressing === 'path';
  }

  async list(
    prefix: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ objects: readonly StoredObject[]; truncated: boolean }> {
    const objects: StoredObject[] = [];
    for await (const page of this.#open.s3.list(prefix, { pageSize: Math.min(1000, limit + 1) }, signal)) {
      for (const { key, size, etag } of page.objects) objects.push({ key, size, etag });
      if (objects.length > limit) break;
    }
    return { objects: objects.slice(0, limit), truncated: objects.length > limit };
  }

  async holds(seconds: number): Promise<number> {
    const { expiration } = await this.#open.s3.client.config.credentials();
    return expiration === undefined ? seconds : Math.min(seconds, (expiration.getTime() - Date.now()) / 1000);
  }

  async stat(key: string, signal: AbortSignal): Promise<StoredObject | null> {
    const found = await this.#open.s3.head(key, signal);
    return found === null ? null : { key, size: found.size, etag: found.etag };
  }

  async read(
    { key, etag }: Pick<StoredObject, 'key' | 'etag'>,
    signal: AbortSignal,
    first?: number,
  ): Promise<AsyncIterable<Uint8Array>> {
    const options = {
      ...(etag === '' ? {} : { ifMatch: etag }),
      ...(first === undefined ? {} : { range: { offset: 0, length: first } }),
    };
    return (await this.#open.s3.get(key, options, signal)).body;
  }

  presignGet(key: string, seconds: number): Promise<string> {
    return this.#open.s3.presign({ method: 'GET', key }, Math.floor(seconds));
  }

  async uploadForm(
    prefix: string,
    seconds: number,
  ): Promise<{ url: string; fields: Readonly<Record<string, string>> }> {
    const { s3 } = this.#open;
    const address = new URL(this.endpoint);
    if (this.pathStyle) address.pathname = `/${this.bucket}`;
    else address.host = `${this.bucket}.${address.host}`;
    return signUploadForm({
      url: address.href,
      bucket: this.bucket,
      region: this.region,
      prefix,
      keys: await s3.client.config.credentials(),
      seconds,
      now: Date.now() + s3.clockAheadSeconds * 1000,
    });
  }

  async session(
    { read, write, seconds, name }: { read: string; write: string; seconds: number; name: string },
    signal: AbortSignal,
  ): Promise<BucketSession | null> {
    try {
      const access = { session: name, read: [read], write: [write], seconds };
      const keys = await this.#service.jobKeys(this.name, access, signal);
      if (keys?.sessionToken === undefined || keys.expiration === undefined) return null;
      const { accessKeyId, secretAccessKey, sessionToken, expiration } = keys;
      return { accessKeyId, secretAccessKey, sessionToken, expiresAt: expiration.getTime() };
    } catch (error) {
      signal.throwIfAborted();
      // Addresses and a form are enough; programs that speak S3 are then left aside.
      this.#log.warn({ err: error, bucket: this.name }, 'the store gave no keys for a job');
      return null;
    }
  }
}
