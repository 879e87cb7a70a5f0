import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { BucketService } from '../../../electron/core/s3/bucket-service.ts';
import { BucketStore } from '../../../electron/core/storage/bucket-store.ts';
import { STATE_MIGRATIONS } from '../../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../../electron/core/storage/open-database.ts';
import { createLogger } from '../../../electron/core/logging/logger.ts';
import { systemClock } from '../../../electron/core/clock.ts';
import { S3End } from '../../../electron/core/transfer/ends/s3/s3-end.ts';
import type { BucketCapabilities, BucketTarget } from '../../../shared/contract/buckets.ts';
import { bucketTarget } from '../../../shared/contract/buckets.ts';
import { profileOf } from '../../lab/aws-profile.ts';
import type { S3User } from '../../lab/radosgw.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { soon } from '../transfer/ssh-end-lab.ts';

export interface EndLab {
  readonly buckets: BucketService;
  readonly store: BucketStore;
  readonly end: S3End;
}

/** What the check finds of radosgw; that it does, its own tests prove. */
const CAPABILITIES: BucketCapabilities = {
  addressing: 'path',
  checksumTrailers: false,
  refusesWrongMd5: true,
  etagIsMd5: true,
  conditionalWrites: true,
  listsParts: true,
  temporaryKeys: null,
  clockAheadSeconds: 0,
};

/** A bucket as a core has it, called `data`, with its far end. A second lab over the same database is a later core. */
export function labOf(
  user: Pick<S3User, 'accessKeyId' | 'secretAccessKey'>,
  target: Partial<BucketTarget> & { readonly bucket: string; readonly endpoint: string },
  database = join(tempFolder(), 'state.db'),
  capabilities: BucketCapabilities | null = CAPABILITIES,
): EndLab {
  const db = openDatabase({ path: database, migrations: STATE_MIGRATIONS, now: Date.now });
  const store = new BucketStore(db);
  if (store.all().length === 0)
    store.save({
      name: 'data',
      target: JSON.stringify(bucketTarget.parse(target)),
      credentials: JSON.stringify(profileOf(user)),
      capabilities: capabilities === null ? null : JSON.stringify(capabilities),
      checkedAt: capabilities === null ? null : 1,
      createdAt: 1,
    });
  const buckets = new BucketService({
    store,
    secrets: { get: async () => null, set: async () => undefined, remove: async () => undefined },
    clock: systemClock,
    log: createLogger(tempFolder()),
    goingOn: () => new Set(),
  });
  onTestFinished(() => {
    buckets.dispose();
    db.close();
  });
  return { buckets, store, end: new S3End('data', (signal) => buckets.open('data', signal)) };
}

/** The bucket's own calls. */
export async function callsOf({ buckets }: EndLab) {
  return (await buckets.open('data', soon())).s3;
}
