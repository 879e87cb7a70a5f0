import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Readable } from 'node:stream';
import { LARGEST_SINGLE_COPY } from '../../../shared/domain/s3/part-size.ts';
import { md5Of } from './md5.ts';
import { RANGE_ABOVE } from './range-connections.ts';
import type { S3BucketOptions } from './s3-calls.ts';
import { bareEtag, decodedKey, S3Calls } from './s3-calls.ts';
import { isS3Error } from './s3-error.ts';
import type { ListedPart } from './s3-uploads.ts';
import { S3Uploads } from './s3-uploads.ts';

/** An object as HEAD tells it. */
export interface ObjectHead {
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
  /** UTC milliseconds; when it was put. */
  readonly modifiedAt: number | null;
  /** `x-amz-meta-…` without the prefix, in lower case. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** An object as a listing tells it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number | null;
}

/** Server-side copies of objects above 5 GiB go in parts of this size. */
const COPY_PART = 2 ** 30;

/** One bucket: every call that Slipway makes for its objects, with a Content-MD5 where bytes are sent. All of them throw `S3Error`. */
export class S3Bucket {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly uploads: S3Uploads;
  readonly #calls: S3Calls;

  constructor(options: S3BucketOptions) {
    this.endpoint = options.endpoint;
    this.region = options.region;
    this.bucket = options.bucket;
    this.#calls = new S3Calls(options);
    this.uploads = new S3Uploads(this.#calls, options.bucket);
  }

  /** The SDK's own client, for what only the check of a bucket does. */
  get client(): S3Client {
    return this.#calls.client;
  }

  /** Seconds by which the store's clock is ahead of this workstation's, as far as a refused signature has shown it. */
  get clockAheadSeconds(): number {
    return this.#calls.clockAheadSeconds;
  }

  dispose(): void {
    this.#calls.dispose();
  }

  /** @throws S3Error `no-bucket`, `denied`, `region`, … */
  async headBucket(signal: AbortSignal): Promise<void> {
    const command = new HeadBucketCommand({ Bucket: this.bucket });
    await this.#calls.send('s3:ListBucket', null, command, signal).catch((error: unknown) => {
      // HEAD has no body that could say what is missing.
      throw isS3Error(error, 'no-key') ? this.#calls.error({ name: 'NoSuchBucket' }, 's3:ListBucket', null) : error;
    });
  }

  /** Null = there is none. */
  async head(key: string, signal: AbortSignal): Promise<ObjectHead | null> {
    const command = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
    try {
      const found = await this.#calls.send('s3:GetObject', key, command, signal);
      return {
        size: found.ContentLength ?? 0,
        etag: bareEtag(found.ETag),
        modifiedAt: found.LastModified?.getTime() ?? null,
        metadata: found.Metadata ?? {},
      };
    } catch (error) {
      if (isS3Error(error, 'no-key')) return null;
      throw error;
    }
  }

  /**
   * Bytes of an object, from `range.offset` on. The body has to be read or destroyed.
   * @throws S3Error `no-key`; `condition` when it is not the one with this ETag any more
   */
  async get(
    key: string,
    options: { readonly range?: { readonly offset: number; readonly length: number }; readonly ifMatch?: string },
    signal: AbortSignal,
  ): Promise<{ readonly body: Readable; readonly length: number; readonly head: ObjectHead }> {
    const { range, ifMatch } = options;
    const command = new GetObjectCommand({
      Bucket: this.bucket,
      Key: key,
      ...(range === undefined ? {} : { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` }),
      ...(ifMatch === undefined ? {} : { IfMatch: `"${ifMatch}"` }),
    });
    if (range !== undefined && range.length >= RANGE_ABOVE) this.#calls.ranges.carry(command, signal);
    const found = await this.#calls.send('s3:GetObject', key, command, signal);
    const length = found.ContentLength ?? 0;
    return {
      body: found.Body as Readable,
      length,
      head: {
        size: Number(/\/(\d+)$/.exec(found.ContentRange ?? '')?.[1] ?? length),
        etag: bareEtag(found.ETag),
        modifiedAt: found.LastModified?.getTime() ?? null,
        metadata: found.Metadata ?? {},
      },
    };
  }

  /** Puts an object whole; returns its ETag. @throws S3Error `condition` with `onlyNew` when there is one */
  async put(
    key: string,
    body: Uint8Array,
    options: {
      readonly metadata?: Readonly<Record<string, string>>;
      readonly onlyNew?: boolean;
      readonly md5?: Buffer;
    },
    signal: AbortSignal,
  ): Promise<string> {
    const command = new PutObjectCommand({
      Bucket: this.bucket,
      Key: key,
      Body: body,
      ContentMD5: (options.md5 ?? md5Of(body)).toString('base64'),
      Metadata: options.metadata ?? {},
      ...(options.onlyNew === true ? { IfNoneMatch: '*' } : {}),
    });
    const put = await this.#calls.send('s3:PutObject', key, command, signal);
    return bareEtag(put.ETag);
  }

  /** Harmless when there is none. */
  async remove(key: string, signal: AbortSignal): Promise<void> {
    const command = new DeleteObjectCommand({ Bucket: this.bucket, Key: key });
    await this.#calls.send('s3:DeleteObject', key, command, signal);
  }

  /** Copies inside the store, whole or not at all, with what is remembered of it. */
  async copy(from: string, to: string, signal: AbortSignal): Promise<void> {
    const source = await this.head(from, signal);
    if (source === null) throw this.#calls.error({ name: 'NoSuchKey' }, 's3:GetObject', from);
    const CopySource = `${this.bucket}/${from.split('/').map(encodeURIComponent).join('/')}`;
    if (source.size <= LARGEST_SINGLE_COPY) {
      const command = new CopyObjectCommand({ Bucket: this.bucket, Key: to, CopySource });
      await this.#calls.send('s3:PutObject', to, command, signal);
      return;
    }
    const uploadId = await this.uploads.create(to, source.metadata, signal);
    try {
      const count = Math.ceil(source.size / COPY_PART);
      const parts = await Promise.all(
        Array.from({ length: count }, async (_, index): Promise<ListedPart> => {
          const offset = index * COPY_PART;
          const size = Math.min(COPY_PART, source.size - offset);
          const command = new UploadPartCopyCommand({
            Bucket: this.bucket,
            Key: to,
            UploadId: uploadId,
            PartNumber: index + 1,
            CopySource,
            CopySourceRange: `bytes=${offset}-${offset + size - 1}`,
            CopySourceIfMatch: `"${source.etag}"`,
          });
          const copied = await this.#calls.send('s3:PutObject', to, command, signal);
          return { number: index + 1, size, etag: bareEtag(copied.CopyPartResult?.ETag) };
        }),
      );
      await this.uploads.complete(to, uploadId, parts, signal);
    } catch (error) {
      await this.uploads.abort(to, uploadId, AbortSignal.timeout(5000)).catch(() => undefined);
      throw error;
    }
  }

  /** Pages of what is below a prefix; with a delimiter also the prefixes one level below. */
  async *list(
    prefix: string,
    options: { readonly delimiter?: '/'; readonly pageSize?: number },
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly objects: ListedObject[]; readonly prefixes: string[] }> {
    let ContinuationToken: string | undefined;
    do {
      const command = new ListObjectsV2Command({
        Bucket: this.bucket,
        Prefix: prefix,
        // XML cannot carry every character that a key can.
        EncodingType: 'url',
        ...(options.delimiter === undefined ? {} : { Delimiter: options.delimiter }),
        ...(options.pageSize === undefined ? {} : { MaxKeys: options.pageSize }),
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      });
      const page = await this.#calls.send('s3:ListBucket', prefix, command, signal);
      yield {
        objects: (page.Contents ?? []).map((object) => ({
          key: decodedKey(object.Key ?? ''),
          size: object.Size ?? 0,
          etag: bareEtag(object.ETag),
          modifiedAt: object.LastModified?.getTime() ?? null,
        })),
        prefixes: (page.CommonPrefixes ?? []).map((each) => decodedKey(each.Prefix ?? '')),
      };
      // A store that says that there is more without saying where would be asked for ever.
      ContinuationToken = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    } while (ContinuationToken !== undefined);
  }

  /** An address by which whoever has it may do one thing for so long, without keys; at most seven days. */
  async presign(
    request:
      | { readonly method: 'GET' | 'PUT'; readonly key: string }
      | { readonly method: 'PART'; readonly key: string; readonly uploadId: string; readonly number: number },
    seconds: number,
  ): Promise<string> {
    const object = { Bucket: this.bucket, Key: request.key };
    const signingDate = new Date(Date.now() + this.#calls.client.config.systemClockOffset);
    const options = { expiresIn: seconds, signingDate };
    switch (request.method) {
      case 'GET':
        return getSignedUrl(this.#calls.client, new GetObjectCommand(object), options);
      case 'PUT':
        return getSignedUrl(this.#calls.client, new PutObjectCommand(object), options);
      default: {
        const { uploadId, number } = request;
        return getSignedUrl(
          this.#calls.client,
          new UploadPartCommand({ ...object, UploadId: uploadId, PartNumber: number }),
          options,
        );
      }
    }
  }
}
