import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { S3Calls } from './s3-calls.ts';
import { bareEtag, decodedKey } from './s3-calls.ts';
import { isS3Error } from './s3-error.ts';

export interface ListedPart {
  /** From 1. */
  readonly number: number;
  readonly size: number;
  readonly etag: string;
}

export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  /** UTC milliseconds. */
  readonly startedAt: number | null;
}

/** Objects in parts: nothing of one is visible before it is completed, and parts stay with the store until then. All calls throw `S3Error`. */
export class S3Uploads {
  readonly #calls: S3Calls;
  readonly #bucket: string;

  constructor(calls: S3Calls, bucket: string) {
    this.#calls = calls;
    this.#bucket = bucket;
  }

  /** Begins an upload in parts; returns its id. */
  async create(key: string, metadata: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string> {
    const command = new CreateMultipartUploadCommand({ Bucket: this.#bucket, Key: key, Metadata: { ...metadata } });
    const begun = await this.#calls.send('s3:PutObject', key, command, signal);
    return begun.UploadId ?? '';
  }

  /** Sends one part; returns its ETag. @throws S3Error `no-upload` */
  async putPart(
    upload: { readonly key: string; readonly uploadId: string; readonly number: number; readonly md5: Buffer },
    body: Uint8Array,
    signal: AbortSignal,
  ): Promise<string> {
    const command = new UploadPartCommand({
      Bucket: this.#bucket,
      Key: upload.key,
      UploadId: upload.uploadId,
      PartNumber: upload.number,
      Body: body,
      ContentMD5: upload.md5.toString('base64'),
    });
    const put = await this.#calls.send('s3:PutObject', upload.key, command, signal).catch(this.#goneWords(upload.key));
    return bareEtag(put.ETag);
  }

  /** All parts that the store has of an upload. @throws S3Error `no-upload` */
  async listParts(key: string, uploadId: string, signal: AbortSignal): Promise<ListedPart[]> {
    const parts: ListedPart[] = [];
    let PartNumberMarker: string | undefined;
    do {
      const command = new ListPartsCommand({
        Bucket: this.#bucket,
        Key: key,
        UploadId: uploadId,
        ...(PartNumberMarker === undefined ? {} : { PartNumberMarker }),
      });
      const page = await this.#calls
        .send('s3:ListMultipartUploadParts', key, command, signal)
        .catch(this.#goneWords(key));
      for (const part of page.Parts ?? [])
        parts.push({ number: part.PartNumber ?? 0, size: part.Size ?? 0, etag: bareEtag(part.ETag) });
      PartNumberMarker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (PartNumberMarker !== undefined);
    return parts;
  }

  /** Puts the parts together; returns the object's ETag. @throws S3Error `no-upload` */
  async complete(key: string, uploadId: string, parts: readonly ListedPart[], signal: AbortSignal): Promise<string> {
    const Parts = parts
      .toSorted((a, b) => a.number - b.number)
      .map((part) => ({ PartNumber: part.number, ETag: `"${part.etag}"` }));
    const command = new CompleteMultipartUploadCommand({
      Bucket: this.#bucket,
      Key: key,
      UploadId: uploadId,
      MultipartUpload: { Parts },
    });
    const done = await this.#calls.send('s3:PutObject', key, command, signal).catch(this.#goneWords(key));
    return bareEtag(done.ETag);
  }

  /** Harmless when it is gone. */
  async abort(key: string, uploadId: string, signal: AbortSignal): Promise<void> {
    const command = new AbortMultipartUploadCommand({ Bucket: this.#bucket, Key: key, UploadId: uploadId });
    try {
      await this.#calls.send('s3:AbortMultipartUpload', key, command, signal);
    } catch (error) {
      if (!isS3Error(error, 'no-upload', 'no-key')) throw error;
    }
  }

  /** Uploads that were begun below a prefix and neither completed nor aborted. */
  async list(prefix: string, signal: AbortSignal): Promise<OpenUpload[]> {
    const uploads: OpenUpload[] = [];
    let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | null = {};
    while (marker !== null) {
      const command: ListMultipartUploadsCommand = new ListMultipartUploadsCommand({
        Bucket: this.#bucket,
        Prefix: prefix,
        EncodingType: 'url',
        ...marker,
      });
      const page = await this.#calls.send('s3:ListBucketMultipartUploads', prefix, command, signal);
      for (const upload of page.Uploads ?? [])
        uploads.push({
          key: decodedKey(upload.Key ?? ''),
          uploadId: upload.UploadId ?? '',
          startedAt: upload.Initiated?.getTime() ?? null,
        });
      const more = page.IsTruncated === true && page.NextKeyMarker !== undefined;
      marker = more ? { KeyMarker: decodedKey(page.NextKeyMarker!), UploadIdMarker: page.NextUploadIdMarker } : null;
    }
    return uploads;
  }

  /** Ceph says that there is no such key when it is the upload that is gone. */
  readonly #goneWords = (key: string) => (error: unknown) => {
    throw isS3Error(error, 'no-key') ? this.#calls.error({ name: 'NoSuchUpload' }, 's3:PutObject', key) : error;
  };
}
