import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import type { Failure } from '../../../../shared/domain/run-state.ts';
import { isEnded, letterState } from '../../../../shared/domain/run-state.ts';
import { AppError } from '../../../../shared/errors.ts';
import type { Clock } from '../../clock.ts';
import { type JobIdentity, newJobIdentity } from '../../encryption/job-access.ts';
import type { RunStore } from '../../storage/run-store.ts';
import type { JobPlan } from '../job-plan.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import { runScope } from '../run-scope.ts';
import type { Grant } from './grant.ts';
import { grantSeconds, makeGrant } from './grant.ts';
import type { JobBucket, JobBuckets, StoredObject } from './job-bucket.ts';
import type { JobKeys, JobSeals } from './job-seals.ts';
import { sealsForJob } from './job-seals.ts';
import { DELIVERED_FILE } from './run-files.ts';
import type { StoragePlan } from './storage-plan.ts';
import { fetchItems, ObjectIndex, outputPrefix } from './storage-plan.ts';

/** Questions to the store at once. */
const AT_ONCE = 16;
const VERIFY_MS = 300_000;

/** A file that a run has put into the bucket. */
export interface DeliveredFile {
  /** In the run's folder. */
  readonly path: string;
  readonly key: string;
  readonly size: number;
  /** Hex; null = the node has no program that could tell. */
  readonly md5: string | null;
}

export interface JobStorageDeps {
  readonly job: { readonly id: string; readonly folder: string };
  readonly plan: JobPlan;
  readonly storage: StoragePlan;
  readonly buckets: JobBuckets;
  readonly keys: JobKeys;
  readonly runs: RunStore;
  readonly clock: Clock;
}

/** The files of one job in its bucket. */
export class JobStorage {
  readonly #d: JobStorageDeps;
  #objects: Promise<ObjectIndex> | null = null;
  /** The same for all grants of this core: a run may be about to use an older one. */
  #identity: Promise<JobIdentity> | null = null;

  constructor(deps: JobStorageDeps) {
    this.#d = deps;
  }

  /** @throws AppError `not_found` when Slipway does not know the bucket any more, and those of the bucket */
  async openBucket(signal: AbortSignal): Promise<JobBucket> {
    const { bucket } = this.#d.storage;
    if (this.#d.buckets.nameInStore(bucket) !== null) return await this.#d.buckets.open(bucket, signal);
    throw new AppError(
      'not_found',
      `The files of the job live in the bucket ${bucket}, which Slipway does not know any more. Add it again with "slipway bucket add ${bucket}".`,
    );
  }

  /** Runs that have not ended. */
  openRuns(): number[] {
    const { letters } = this.#d.runs.states(this.#d.job.id);
    return [...letters].flatMap((letter, i) => (isEnded(letterState(letter)) ? [] : [i + 1]));
  }

  /** The access that these runs need. @throws the bucket's errors */
  async grant(runs: readonly number[], signal: AbortSignal): Promise<Grant> {
    const { job, plan, storage, clock } = this.#d;
    const index = await (this.#objects ??= this.#readObjects());
    const objects = new Map<string, StoredObject>();
    const sealed = new Set<StoredObject>();
    for (const run of runs)
      for (const item of fetchItems(storage, this.#scope(run), index)) {
        const object = index.get(item.key);
        if (object === null) continue;
        objects.set(item.key, object);
        if (item.sealed) sealed.add(object);
      }
    const bucket = await this.openBucket(signal);
    return await makeGrant({
      bucket,
      seals: sealed.size === 0 ? null : await this.#seals(bucket, [...sealed], signal),
      plan: storage,
      objects: [...objects.values()],
      seconds: grantSeconds(plan.walltimeSeconds),
      name: `slipway-${job.id}`,
      now: clock.now(),
      signal,
    });
  }

  async #seals(bucket: JobBucket, objects: readonly StoredObject[], signal: AbortSignal): Promise<JobSeals> {
    const identities = await this.identities();
    const job = await (this.#identity ??= newJobIdentity());
    return await sealsForJob({ bucket, objects, identities, job, signal });
  }

  /** What opens the files of the job on this workstation; empty when they are not encrypted. @throws AppError `keys/…`, `secrets/…` */
  async identities(): Promise<readonly string[]> {
    const { encrypt } = this.#d.storage;
    return encrypt === null ? [] : await this.#d.keys.identitiesOf(encrypt.key);
  }

  /** The prefix below which a run's outputs go. */
  prefixOf(run: number): string {
    const prefix = outputPrefix(this.#d.storage, this.#scope(run));
    return prefix.ok ? prefix.key : this.#d.storage.output;
  }

  /** What a run says that it has put into the bucket; null = it left no list. */
  async delivered(run: number): Promise<DeliveredFile[] | null> {
    const path = join(this.#d.job.folder, JOB_FOLDER.runs, runFolderName(run), DELIVERED_FILE);
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return null;
    const prefix = this.prefixOf(run);
    return text.split('\n').flatMap((line) => {
      const [, size, md5, file] = /^(\d+)\t([0-9a-f]{32}|-)\t(.+)$/.exec(line) ?? [];
      if (size === undefined || md5 === undefined || file === undefined) return [];
      return [{ path: file, key: prefix + file, size: Number(size), md5: md5 === '-' ? null : md5 }];
    });
  }

  /**
   * Asks the store for each object that a run has put: there, of that size, and with that MD5 where the store tells it. When the store does not answer, what
   * the node has seen counts, and a problem says so.
   */
  async verify(run: number): Promise<{ readonly failure: Failure | null; readonly problems: readonly Problem[] }> {
    const files = await this.delivered(run);
    if (files === null) {
      const message = 'it left no word of having put its outputs into the bucket';
      return { failure: { kind: 'output', message }, problems: [] };
    }
    const signal = AbortSignal.timeout(VERIFY_MS);
    const flaws: string[] = [];
    try {
      const bucket = await this.openBucket(signal);
      for (let i = 0; i < files.length && flaws.length === 0; i += AT_ONCE) {
        const part = files.slice(i, i + AT_ONCE);
        const found = await Promise.all(part.map(({ key }) => bucket.stat(key, signal)));
        part.forEach((file, k) => flaws.push(...flawOf(file, found[k]!)));
      }
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      const message = `Its outputs could not be looked at in the bucket; that they are there says only the node: ${words}`;
      return { failure: null, problems: [problem('OUT06', 'warning', message)] };
    }
    const failure: Failure | null = flaws.length === 0 ? null : { kind: 'output', message: flaws[0]! };
    return { failure, problems: [] };
  }

  #scope(run: number): ReturnType<typeof runScope> {
    const { job, plan, runs } = this.#d;
    return runScope(plan.variables, run, runs.get(job.id, run)?.values ?? []);
  }

  async #readObjects(): Promise<ObjectIndex> {
    const text = await readFile(join(this.#d.job.folder, JOB_FOLDER.objects), 'utf8');
    return new ObjectIndex(JSON.parse(text) as StoredObject[]);
  }
}

function flawOf({ key, size, md5 }: DeliveredFile, found: StoredObject | null): string[] {
  if (found === null) return [`its output ${key} is not in the bucket`];
  if (found.size !== size)
    return [`its output ${key} has ${found.size} bytes in the bucket and had ${size} on the node`];
  const isMd5 = /^[0-9a-f]{32}$/.test(found.etag);
  return isMd5 && md5 !== null && found.etag !== md5
    ? [`its output ${key} is not in the bucket as it was on the node`]
    : [];
}
