import { contract } from '../../shared/contract/index.ts';
import type { Unfinished } from '../../shared/domain/unfinished.ts';
import { createRouter } from '../../shared/rpc/serve.ts';
import type { Router } from '../../shared/rpc/serve.ts';
import { coreHandlers } from './api/index.ts';
import type { Clock } from './clock.ts';
import { systemTimers } from './clock.ts';
import { DraftService } from './drafts/draft-service.ts';
import { CipherPool } from './encryption/cipher-pool.ts';
import type { Host } from './host/node-host.ts';
import { JobChecker } from './jobs/check/check-job.ts';
import { CoreBudget } from './jobs/core-budget.ts';
import { JobFeed } from './jobs/job-feed.ts';
import { JobService } from './jobs/job-service.ts';
import { RunJournal } from './jobs/run-journal.ts';
import { RunWorkerClient } from './jobs/run-worker/run-worker-client.ts';
import { S3JobBuckets } from './jobs/storage/s3-job-buckets.ts';
import { JobSubmitter } from './jobs/submit-job.ts';
import { KeyService } from './keys/key-service.ts';
import type { Logger } from './logging/logger.ts';
import { discardUsedDrops } from './places/discard-used-drops.ts';
import { DroppedFiles } from './places/dropped-files.ts';
import { FarEnds } from './places/far-ends.ts';
import { localRoots } from './places/local-roots.ts';
import { PlaceService } from './places/place-service.ts';
import type { ProfileFolder } from './profile/profile-folder.ts';
import { BucketService } from './s3/bucket-service.ts';
import { DeviceKey } from './secrets/device-key.ts';
import { SecretStore } from './secrets/secret-store.ts';
import { createLocalSite } from './sites/local/local-site.ts';
import { SiteMonitors } from './sites/remote/site-monitors.ts';
import { SiteService } from './sites/site-service.ts';
import { watchSleep } from './sleep-watch.ts';
import { KnownHosts } from './ssh/known-hosts.ts';
import { SignInPrompts } from './ssh/sign-in-prompts.ts';
import { BucketStore } from './storage/bucket-store.ts';
import { DraftStore } from './storage/draft-store.ts';
import { JobMoveStore } from './storage/job-move-store.ts';
import { JobStore } from './storage/job-store.ts';
import { KeyStore } from './storage/key-store.ts';
import { STATE_MIGRATIONS } from './storage/migrations/index.ts';
import { openDatabase } from './storage/open-database.ts';
import { RunStore } from './storage/run-store.ts';
import { SentContentStore } from './storage/sent-content-store.ts';
import { SiteStore } from './storage/site-store.ts';
import { SubmissionStore } from './storage/submission-store.ts';
import { LeftoverStore } from './storage/leftover-store.ts';
import { TransferFileStore } from './storage/transfer-file-store.ts';
import { TransferStore } from './storage/transfer-store.ts';
import { WatchStore } from './storage/watch-store.ts';
import { FolderEnd } from './transfer/ends/folder-end.ts';
import { S3End } from './transfer/ends/s3/s3-end.ts';
import { SshEnd } from './transfer/ends/ssh/ssh-end.ts';
import { JobMoves } from './transfer/engine/job-moves.ts';
import { Seal } from './transfer/engine/seal.ts';
import { TokenBucket } from './transfer/engine/token-bucket.ts';
import { TransferLimit } from './transfer/engine/transfer-limit.ts';
import { TransferService } from './transfer/engine/transfer-service.ts';
import { HashPool } from './transfer/hash-worker/hash-pool.ts';
import { PackPool } from './transfer/pack-worker/pack-pool.ts';
import { WalkPool } from './transfer/walk-worker/walk-pool.ts';
import { WatchService } from './transfer/watch/watch-service.ts';

export interface CoreDeps {
  readonly version: string;
  readonly profile: ProfileFolder;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Logger;
  /** Entries of the worker threads. */
  readonly workers: {
    readonly run: URL;
    readonly runsFile: URL;
    readonly cipher: URL;
    readonly hash: URL;
    readonly pack: URL;
    readonly walk: URL;
  };
  readonly examples: string | null;
}

export interface Core {
  readonly router: Router;
  /** What still has something to do. */
  unfinished(): Unfinished;
  /** Lets go of everything; runs that are going go on. */
  dispose(): Promise<void>;
}

/** Builds the core, read from top to bottom: storage, sites, jobs, drafts, api. The caller holds the profile's lock. */
export async function createCore(deps: CoreDeps): Promise<Core> {
  const { profile, clock, log } = deps;
  const db = openDatabase({ path: profile.stateDb, migrations: STATE_MIGRATIONS, now: clock.now });
  const jobs = new JobStore(db);
  const runs = new RunStore(db);
  const journal = new RunJournal(runs);
  const feed = new JobFeed();

  const site = createLocalSite({ clock });
  const budget = new CoreBudget(site.coreTypes()[0]!.cores);
  const stager = new RunWorkerClient(deps.workers.run);
  const collector = new RunWorkerClient(deps.workers.run);

  const prompts = new SignInPrompts();
  const deviceKey = new DeviceKey({ path: profile.deviceKey, keyring: deps.host.keyring, prompts });
  const secrets = new SecretStore(profile.secrets, deviceKey);
  const keys = new KeyService({ store: new KeyStore(db), device: deviceKey, clock });
  const transferStore = new TransferStore(db);
  const buckets = new BucketService({
    store: new BucketStore(db),
    secrets,
    clock,
    log,
    goingOn: () => transferStore.idsGoingOn(),
  });
  const cipherPool = new CipherPool(deps.workers.cipher);
  const sites = new SiteService({
    store: new SiteStore(db),
    hostKeys: new KnownHosts(profile.knownHosts),
    prompts,
    clock,
    log,
    unfinishedOn: (name) => jobs.unfinished().filter((job) => job.site === name).length,
  });
  const monitors = new SiteMonitors({ clock, timers: systemTimers, log, watched: () => feed.subscribers > 0 });
  const findSite = (name: string) => sites.find(name);

  const hashPool = new HashPool(deps.workers.hash);
  const packPool = new PackPool(deps.workers.pack);
  const walkPool = new WalkPool(deps.workers.walk);
  const localEnd = new FolderEnd(hashPool.hash);
  const ends = new FarEnds({
    local: localEnd,
    findSite,
    endOfSite: ({ host, tools }) => new SshEnd(host, tools, packPool.pack),
    endOfBucket: (name) => new S3End(buckets.require(name).name, (signal) => buckets.open(name, signal)),
  });
  const places = new PlaceService({
    ends,
    keys,
    pool: cipherPool,
    clock,
    localRoots: () => localRoots({ jobs, profile, examples: deps.examples }),
    sites: () => sites.list().flatMap(({ name }) => sites.find(name) ?? []),
    buckets: () => buckets.list(),
  });
  const droppedFiles = new DroppedFiles(profile.drops);

  const bucket = new TokenBucket(systemTimers);
  const transferLimit = new TransferLimit(transferStore, bucket);
  const moving = {
    files: new TransferFileStore(db),
    sent: new SentContentStore(db),
    local: localEnd,
    hash: hashPool.hash,
    walk: walkPool.walk,
    follow: hashPool.follow,
    bucket,
    clock,
    timers: systemTimers,
  };
  const transfers = new TransferService({
    ...moving,
    transfers: transferStore,
    leftovers: new LeftoverStore(db),
    endOf: (place) => ends.endOf(place).end,
    sealOf: (key) => new Seal(keys, key, cipherPool),
    log,
  });
  const moves = new JobMoves({
    ...moving,
    moves: new JobMoveStore(db),
    endOf: (site) => ends.endOf({ kind: 'site', site, path: '' }).end,
  });
  const watches = new WatchService({ store: new WatchStore(db), transfers, clock, timers: systemTimers });

  const submissions = new SubmissionStore(db);
  const jobBuckets = new S3JobBuckets(buckets, log);
  const jobService = new JobService({
    jobs,
    runs,
    journal,
    feed,
    site,
    findSite,
    monitors,
    submissions,
    moves,
    buckets: jobBuckets,
    keys,
    budget,
    stager,
    collector,
    clock,
    timers: systemTimers,
    log,
  });
  let described: ReturnType<typeof site.describe> | null = null;
  const describeSites = async () => [await (described ??= site.describe()), ...sites.list()];
  const checker = new JobChecker({
    runsFileWorker: deps.workers.runsFile,
    describeSites,
    findSite,
    buckets: jobBuckets,
    keys,
  });
  const submitter = new JobSubmitter({
    checker,
    jobs,
    runs,
    service: jobService,
    jobsFolder: profile.jobs,
    clock,
    keys,
  });
  const drafts = new DraftService({ store: new DraftStore(db), folder: profile.drafts, checker, submitter, clock });

  const handlers = coreHandlers({
    version: deps.version,
    profile,
    host: deps.host,
    jobs,
    runs,
    feed,
    jobService,
    checker,
    submitter,
    drafts,
    sites,
    prompts,
    places,
    droppedFiles,
    transfers,
    transferLimit,
    watches,
    deviceKey,
    secrets,
    keys,
    cipherPool,
    buckets,
    describeSites,
    examples: deps.examples,
  });
  const router = createRouter(contract, handlers, {
    log: (entry) => log.error(entry, 'a call failed'),
    checkOutputs: process.env['NODE_ENV'] !== 'production',
  });
  await jobService.resume();
  transfers.resume();
  watches.resume();
  const keepDrops = discardUsedDrops(droppedFiles, transfers, log);
  const unwatchSleep = watchSleep(clock, (sleptMs) => {
    log.info({ sleptMs }, 'awake again');
    sites.wake();
    monitors.wake();
    transfers.wake();
  });

  return {
    router,
    unfinished: () => ({ jobs: jobService.active, transfers: transfers.active, watches: watches.active }),
    async dispose() {
      unwatchSleep();
      keepDrops();
      await watches.dispose();
      await transfers.dispose();
      await jobService.dispose();
      monitors.dispose();
      ends.dispose();
      buckets.dispose();
      await Promise.all([
        hashPool.dispose(),
        packPool.dispose(),
        walkPool.dispose(),
        cipherPool.dispose(),
        stager.dispose(),
        collector.dispose(),
        site.dispose(),
        sites.dispose(),
      ]);
      db.close();
    },
  };
}
