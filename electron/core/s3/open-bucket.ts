import type { BucketCapabilities, BucketTarget } from '../../../shared/contract/buckets.ts';
import type { BucketStore } from '../storage/bucket-store.ts';
import { S3Bucket } from './s3-bucket.ts';
import type { KeySource } from './s3-client.ts';
import { endpointOf } from './s3-client.ts';
import type { StoredBucket } from './stored-bucket.ts';
import { UploadJournal } from './upload-journal.ts';

/** A bucket with the connection to it. */
export interface OpenBucket {
  readonly name: string;
  readonly target: BucketTarget;
  readonly capabilities: BucketCapabilities;
  readonly s3: S3Bucket;
  readonly journal: UploadJournal;
}

/** @throws S3Error `endpoint` */
export function openBucket(stored: StoredBucket, keys: KeySource, store: BucketStore): OpenBucket {
  const { name, target } = stored;
  const capabilities = stored.capabilities!;
  const { region, bucket } = target;
  const pathStyle = capabilities.addressing === 'path';
  const s3 = new S3Bucket({ endpoint: endpointOf(target), region, bucket, keys, pathStyle });
  return { name, target, capabilities, s3, journal: new UploadJournal(store, name, s3.uploads) };
}
