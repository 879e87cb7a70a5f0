import type { Bucket, BucketTarget } from '../../../shared/contract/buckets.ts';
import { bucket, bucketCapabilities, bucketTarget } from '../../../shared/contract/buckets.ts';
import type { BucketRow } from '../storage/bucket-store.ts';

/** A bucket as stored, read and checked. The secret half of a typed key is in the secret store. */
export interface StoredBucket {
  readonly name: string;
  readonly target: BucketTarget;
  readonly credentials: Bucket['credentials'];
  readonly capabilities: Bucket['capabilities'];
  /** UTC milliseconds; null until a check has succeeded. */
  readonly checkedAt: number | null;
  readonly createdAt: number;
}

export function readStoredBucket(row: BucketRow): StoredBucket {
  return {
    name: row.name,
    target: bucketTarget.parse(JSON.parse(row.target)),
    credentials: bucket.shape.credentials.parse(JSON.parse(row.credentials)),
    capabilities: row.capabilities === null ? null : bucketCapabilities.parse(JSON.parse(row.capabilities)),
    checkedAt: row.checkedAt,
    createdAt: row.createdAt,
  };
}

export function writeStoredBucket(stored: StoredBucket): BucketRow {
  return {
    name: stored.name,
    target: JSON.stringify(stored.target),
    credentials: JSON.stringify(stored.credentials),
    capabilities: stored.capabilities === null ? null : JSON.stringify(stored.capabilities),
    checkedAt: stored.checkedAt,
    createdAt: stored.createdAt,
  };
}

export function bucketView(stored: StoredBucket): Bucket {
  const { checkedAt, createdAt } = stored;
  return {
    ...stored,
    checkedAt: checkedAt === null ? null : new Date(checkedAt).toISOString(),
    createdAt: new Date(createdAt).toISOString(),
  };
}
