import type { Site as SiteView } from '../../shared/contract/sites.ts';
import type { CipherPool } from './encryption/cipher-pool.ts';
import type { DraftService } from './drafts/draft-service.ts';
import type { Host } from './host/node-host.ts';
import type { JobChecker } from './jobs/check/check-job.ts';
import type { JobFeed } from './jobs/job-feed.ts';
import type { JobService } from './jobs/job-service.ts';
import type { JobSubmitter } from './jobs/submit-job.ts';
import type { DroppedFiles } from './places/dropped-files.ts';
import type { PlaceService } from './places/place-service.ts';
import type { ProfileFolder } from './profile/profile-folder.ts';
import type { KeyService } from './keys/key-service.ts';
import type { BucketService } from './s3/bucket-service.ts';
import type { SiteService } from './sites/site-service.ts';
import type { SignInPrompts } from './ssh/sign-in-prompts.ts';
import type { DeviceKey } from './secrets/device-key.ts';
import type { SecretStore } from './secrets/secret-store.ts';
import type { JobStore } from './storage/job-store.ts';
import type { RunStore } from './storage/run-store.ts';
import type { TransferLimit } from './transfer/engine/transfer-limit.ts';
import type { TransferService } from './transfer/engine/transfer-service.ts';
import type { WatchService } from './transfer/watch/watch-service.ts';

/** What the API delegates to. */
export interface CoreServices {
  readonly version: string;
  readonly profile: ProfileFolder;
  readonly host: Host;
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly feed: JobFeed;
  readonly jobService: JobService;
  readonly checker: JobChecker;
  readonly submitter: JobSubmitter;
  readonly drafts: DraftService;
  readonly sites: SiteService;
  readonly prompts: SignInPrompts;
  readonly places: PlaceService;
  readonly droppedFiles: DroppedFiles;
  readonly transfers: TransferService;
  readonly transferLimit: TransferLimit;
  readonly watches: WatchService;
  readonly deviceKey: DeviceKey;
  readonly secrets: SecretStore;
  readonly keys: KeyService;
  readonly buckets: BucketService;
  readonly cipherPool: CipherPool;
  /** This workstation (looked at once and kept) and the stored sites, without asking them. */
  readonly describeSites: () => Promise<readonly SiteView[]>;
  /** Folder of the bundled examples; null when it is not there. */
  readonly examples: string | null;
}
