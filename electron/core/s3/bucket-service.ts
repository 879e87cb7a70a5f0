import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type {
  Bucket,
  BucketCheck,
  BucketCredentials,
  BucketSettings,
  BucketTarget,
} from '../../../shared/contract/buckets.ts';
import { readEndpoint } from '../../../shared/domain/s3/endpoint.ts';
import { bucketPolicy, jobSessionPolicy, rolePolicy } from '../../../shared/domain/s3/policies.ts';
import { AppError } from '../../../shared/errors.ts';
import { z } from '../../../shared/zod.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretStore } from '../secrets/secret-store.ts';
import type { BucketStore } from '../storage/bucket-store.ts';
import type { OpenBucket } from './open-bucket.ts';
import { bucketAppError } from './s3-app-error.ts';
import type { KeySource, S3Keys } from './s3-client.ts';
import type { TypedSecret } from './s3-keys.ts';
import type { StoredBucket } from './stored-bucket.ts';
import { bucketView, readStoredBucket, writeStoredBucket } from './stored-bucket.ts';

export interface BucketServiceDeps {
  readonly store: BucketStore;
  readonly secrets: Pick<SecretStore, 'get' | 'set' | 'remove'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Ids of the transfers that may still go on: their uploads are not swept away. */
  readonly goingOn: () => ReadonlySet<string>;
}

/** A store that takes longer to be tried out is no store to work with. */
const FIRST_CHECK_MS = 120_000;
const SWEEP_MS = 60_000;

const typedSecret = z.object({ secretAccessKey: z.string(), sessionToken: z.string().optional() });

/** What a job may have of a bucket. */
export interface JobAccess {
  /** For the store's log. */
  readonly session: string;
  /** Prefixes that end with `/`, or single keys. */
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly seconds: number;
}

interface Live {
  stored: StoredBucket;
  /** Made at the first use, let go of when target or keys change. */
  open: Promise<OpenBucket> | null;
  /** The check before the first use, which all that wait for it share. */
  checking: Promise<void> | null;
}

/** The customer's buckets: what is stored of them, their keys, and one connection to each that is used. The S3 library is loaded at the first use. */
export class BucketService {
  readonly #d: BucketServiceDeps;
  readonly #buckets = new Map<string, Live>();
  readonly #listeners = new Set<() => void>();

  constructor(deps: BucketServiceDeps) {
    this.#d = deps;
    for (const row of deps.store.all()) {
      try {
        this.#buckets.set(row.name, { stored: readStoredBucket(row), open: null, checking: null });
      } catch (error) {
        deps.log.error({ err: error, bucket: row.name }, 'a stored bucket cannot be read');
      }
    }
  }

  /** Told when a bucket has changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): Bucket[] {
    return [...this.#buckets.values()]
      .map(({ stored }) => bucketView(stored))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  }

  /** @throws AppError `not_found`, with the known ones */
  require(name: string): Bucket {
    return bucketView(this.#require(name).stored);
  }

  /** Keeps a bucket and its key; asks nothing of the store. @throws AppError `bucket/exists`, `bad_input`, those of `secrets/…` */
  async add({ name, target, credentials }: BucketSettings): Promise<Bucket> {
    requireEndpoints(target);
    const known = this.#buckets.get(name);
    if (known !== undefined) {
      const same = isDeepStrictEqual(
        [known.stored.target, known.stored.credentials],
        [target, withoutSecret(credentials)],
      );
      // A repeat of the same command is harmless.
      if (same) return bucketView(known.stored);
      throw new AppError(
        'bucket/exists',
        `There is a bucket "${name}" already. Remove it first, or choose another name.`,
      );
    }
    await this.#keepSecret(name, credentials);
    const stored: StoredBucket = {
      name,
      target,
      credentials: withoutSecret(credentials),
      capabilities: null,
      checkedAt: null,
      createdAt: this.#d.clock.now(),
    };
    this.#d.store.save(writeStoredBucket(stored));
    this.#buckets.set(name, { stored, open: null, checking: null });
    this.#changed();
    return bucketView(stored);
  }

  /** Changes where it is or how one signs in. What is known of the store is looked up anew. @throws AppError */
  async update(
    name: string,
    change: { readonly target?: BucketTarget | undefined; readonly credentials?: BucketCredentials | undefined },
  ): Promise<Bucket> {
    const live = this.#require(name);
    if (change.target !== undefined) requireEndpoints(change.target);
    if (change.credentials !== undefined) await this.#keepSecret(name, change.credentials);
    this.#letGo(live);
    const { target, credentials } = live.stored;
    this.#save(live, {
      ...live.stored,
      target: change.target ?? target,
      credentials: change.credentials === undefined ? credentials : withoutSecret(change.credentials),
      capabilities: null,
      checkedAt: null,
    });
    return bucketView(live.stored);
  }

  /** Forgets a bucket and its key. Nothing is removed from the store. @throws AppError `not_found` */
  async remove(name: string): Promise<void> {
    const live = this.#require(name);
    await this.#d.secrets.remove(secretName(name));
    this.#d.store.remove(name);
    this.#buckets.delete(name);
    this.#letGo(live);
    this.#changed();
  }

  /** The least rights for the bucket's own key, or for the role of jobs. @throws AppError `not_found` */
  policy(name: string, whose: 'bucket' | 'role'): string {
    const { bucket } = this.#require(name).stored.target;
    return JSON.stringify(whose === 'bucket' ? bucketPolicy(bucket) : rolePolicy(bucket), null, 2);
  }

  /** Names of the profiles of the AWS configuration files. A file that is not there has none. */
  async profiles(files: { readonly configFile?: string | undefined; readonly credentialsFile?: string | undefined }) {
    const { profileNames } = await import('./s3-keys.ts');
    const read = (given: string | undefined, variable: string, usual: string): Promise<string> =>
      readFile(given ?? process.env[variable] ?? join(homedir(), '.aws', usual), 'utf8').catch(() => '');
    return profileNames(
      await read(files.configFile, 'AWS_CONFIG_FILE', 'config'),
      await read(files.credentialsFile, 'AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
    );
  }

  /** Tries everything that Slipway does with a bucket, step by step; what is found is kept. @throws AppError `not_found` */
  async *check(name: string, signal: AbortSignal): AsyncGenerator<BucketCheck> {
    const live = this.#require(name);
    const { stored } = live;
    const { checkBucket } = await import('./check-bucket.ts');
    const check = checkBucket(stored.target, await this.#keys(stored), signal);
    for (;;) {
      const step = await check.next();
      if (step.done !== true) {
        yield step.value;
        continue;
      }
      // It may have been changed or removed meanwhile.
      if (live.stored === stored && this.#buckets.get(name) === live && step.value.ok) {
        this.#letGo(live);
        const { capabilities } = step.value;
        this.#save(live, { ...stored, capabilities, checkedAt: this.#d.clock.now() });
      }
      return;
    }
  }

  /**
   * A bucket ready for use; its store is tried out first when that has never succeeded. The connection is shared and stays open.
   * @throws AppError `not_found`, `bucket/…`, those of `secrets/…`
   */
  async open(name: string, signal: AbortSignal): Promise<OpenBucket> {
    const live = this.#require(name);
    if (live.stored.capabilities === null) {
      live.checking ??= this.#firstCheck(name).finally(() => (live.checking = null));
      await untilAborted(live.checking, signal);
    }
    const opening = (live.open ??= this.#connect(live.stored));
    return opening.catch((error: unknown) => {
      if (live.open === opening) live.open = null;
      throw bucketAppError(error);
    });
  }

  /**
   * Keys for one job: they end by themselves, and open nothing but what the job may have. Null where the bucket has no role: then presigned addresses are the way.
   * @throws AppError
   */
  async jobKeys(name: string, access: JobAccess, signal: AbortSignal): Promise<S3Keys | null> {
    const { stored } = this.#require(name);
    const { role, region, bucket } = stored.target;
    if (role === null) return null;
    const { takeRole } = await import('./temporary-keys.ts');
    const { stsEndpointOf } = await import('./s3-client.ts');
    try {
      const request = {
        stsEndpoint: stsEndpointOf(stored.target),
        region,
        role,
        session: access.session,
        policy: jobSessionPolicy(bucket, access),
        seconds: access.seconds,
      };
      return await takeRole(request, await this.#keys(stored), signal);
    } catch (error) {
      throw bucketAppError(error);
    }
  }

  dispose(): void {
    for (const live of this.#buckets.values()) this.#letGo(live);
  }

  async #firstCheck(name: string): Promise<void> {
    let last: BucketCheck | null = null;
    for await (const now of this.check(name, AbortSignal.timeout(FIRST_CHECK_MS))) last = now;
    if (last?.ok === true) return;
    const failed = last?.steps.find((step) => step.status === 'failed');
    throw new AppError('bucket/refused', `The bucket ${name} cannot be used. ${failed?.title}: ${failed?.detail}`);
  }

  async #connect(stored: StoredBucket): Promise<OpenBucket> {
    const { openBucket } = await import('./open-bucket.ts');
    const open = openBucket(stored, await this.#keys(stored), this.#d.store);
    const { log, goingOn } = this.#d;
    // What was left behind is paid for; nobody waits for it.
    void open.journal.sweep(goingOn(), AbortSignal.timeout(SWEEP_MS)).catch((error: unknown) => {
      log.warn({ err: error, bucket: stored.name }, 'uploads that were left behind could not be ended');
    });
    return open;
  }

  async #keys({ name, credentials, target }: StoredBucket): Promise<KeySource> {
    const { keySourceOf } = await import('./s3-keys.ts');
    return keySourceOf(credentials, target.region, async (): Promise<TypedSecret> => {
      const text = await this.#d.secrets.get(secretName(name));
      if (text === null)
        throw new AppError('bucket/refused', `The key of the bucket ${name} is not there any more. Type it again.`);
      return typedSecret.parse(JSON.parse(text));
    });
  }

  async #keepSecret(name: string, credentials: BucketCredentials): Promise<void> {
    if (credentials.from !== 'typed') return this.#d.secrets.remove(secretName(name));
    const { secretAccessKey, sessionToken } = credentials;
    await this.#d.secrets.set(secretName(name), JSON.stringify({ secretAccessKey, sessionToken }));
  }

  #require(name: string): Live {
    const live = this.#buckets.get(name);
    if (live !== undefined) return live;
    const known = [...this.#buckets.keys()];
    const hint = known.length === 0 ? ' Add it with: slipway bucket add NAME' : ` Known: ${known.join(', ')}.`;
    throw new AppError('not_found', `There is no bucket "${name}".${hint}`);
  }

  #save(live: Live, stored: StoredBucket): void {
    live.stored = stored;
    this.#d.store.save(writeStoredBucket(stored));
    this.#changed();
  }

  #letGo(live: Live): void {
    void live.open?.then(
      (open) => open.s3.dispose(),
      () => undefined,
    );
    live.open = null;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The outcome of something that others wait for, too: it goes on when this one does not wait any more. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason as Error);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function secretName(bucket: string): string {
  return `bucket/${bucket}`;
}

function withoutSecret(credentials: BucketCredentials): Bucket['credentials'] {
  return credentials.from === 'typed' ? { from: 'typed', accessKeyId: credentials.accessKeyId } : credentials;
}

/** @throws AppError `bad_input` */
function requireEndpoints({ endpoint, stsEndpoint, plainHttp }: BucketTarget): void {
  for (const each of [endpoint, stsEndpoint]) {
    const read = each === null ? null : readEndpoint(each, { plainHttp });
    if (read?.ok === false) throw new AppError('bad_input', `${each}: ${read.message} ${read.hint}`);
  }
}
