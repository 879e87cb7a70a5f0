import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import type { FileEntry } from '../../../shared/contract/common.ts';
import type { JobSiteNote, OutputColumn } from '../../../shared/contract/jobs.ts';
import { AppError } from '../../../shared/errors.ts';
import { jobState } from '../../../shared/domain/run-state.ts';
import type { Clock, Timers } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { FindRemoteSite } from '../sites/remote/remote-site.ts';
import type { SiteMonitors } from '../sites/remote/site-monitors.ts';
import { jobLayout, submissionLayout } from '../sites/remote/remote-layout.ts';
import type { Site } from '../sites/site.ts';
import type { JobRow, JobStore } from '../storage/job-store.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { SubmissionStore } from '../storage/submission-store.ts';
import { listRemote } from '../transfer/list-remote.ts';
import { tailRemote } from '../transfer/tail-remote.ts';
import type { TailRemoteOptions } from '../transfer/tail-remote.ts';
import type { JobMoves } from '../transfer/engine/job-moves.ts';
import type { CoreBudget } from './core-budget.ts';
import type { JobFeed } from './job-feed.ts';
import type { JobPlan } from './job-plan.ts';
import type { JobDriver, MoreResources, RunPlace } from './job-driver.ts';
import { NO_MORE } from './job-driver.ts';
import { JobRunner } from './job-runner.ts';
import { outputColumns } from './job-views.ts';
import { RemoteJobDriver } from './remote/remote-job-driver.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunWorkerClient } from './run-worker/run-worker-client.ts';
import type { JobBuckets } from './storage/job-bucket.ts';
import type { JobKeys } from './storage/job-seals.ts';
import { JobStorage } from './storage/job-storage.ts';
import { LocalAccess, removeLocalAccess } from './storage/local-access.ts';

export interface JobServiceDeps {
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly journal: RunJournal;
  readonly feed: JobFeed;
  /** This workstation. */
  readonly site: Site;
  readonly findSite: FindRemoteSite;
  readonly monitors: SiteMonitors;
  readonly submissions: SubmissionStore;
  /** Moves large files of jobs to sites and back. */
  readonly moves: JobMoves;
  readonly buckets: JobBuckets;
  readonly keys: JobKeys;
  readonly budget: CoreBudget;
  readonly stager: RunWorkerClient;
  readonly collector: RunWorkerClient;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Jobs that have been submitted: finds them, drives them to their end, cancels, re-runs and removes them. */
export class JobService {
  readonly #d: JobServiceDeps;
  readonly #drivers = new Map<string, JobDriver>();
  readonly #plans = new Map<string, JobPlan>();
  #disposed = false;

  constructor(deps: JobServiceDeps) {
    this.#d = deps;
    deps.journal.onCommit((changes) => deps.feed.publish(changes));
  }

  /** Number of jobs that still have something to do. */
  get active(): number {
    return this.#drivers.size;
  }

  /** Takes up every unfinished job, and clears away what an interrupted submission or removal left. */
  async resume(): Promise<void> {
    for (const folder of this.#d.jobs.deleteUnready()) await rm(folder, { recursive: true, force: true });
    for (const { id, folder } of this.#d.jobs.removed()) void this.#erase(id, folder);
    for (const job of this.#d.jobs.unfinished()) await this.activate(job);
  }

  /** A job by id, unique prefix or `last`. */
  find(ref: string): JobRow {
    const exact = ref === 'last' ? this.#d.jobs.last() : this.#d.jobs.get(ref);
    if (exact !== null) return exact;
    if (ref === 'last') throw new AppError('not_found', 'There is no job yet.');
    const [first, second] = this.#d.jobs.byPrefix(ref);
    if (second !== undefined)
      throw new AppError('jobs/ambiguous', `More than one job begins with "${ref}". Give more of its id.`);
    if (first === undefined) throw new AppError('not_found', `There is no job "${ref}". "slipway jobs" lists them.`);
    return first;
  }

  planOf(job: JobRow): JobPlan {
    let plan = this.#plans.get(job.id);
    if (plan === undefined) {
      plan = JSON.parse(job.plan) as JobPlan;
      this.#plans.set(job.id, plan);
    }
    return plan;
  }

  /** Starts driving a job whose runs are stored; `begin` is called before the driver may find itself idle. */
  async activate(job: JobRow, begin?: (driver: JobDriver) => void): Promise<void> {
    if (this.#disposed) return;
    const driving = this.#drivers.get(job.id);
    if (driving !== undefined) {
      begin?.(driving);
      return;
    }
    const driver = this.#driverOf(job);
    if (driver === null) {
      this.#d.log.error({ job: job.id, site: job.site }, 'the site of an unfinished job is not there');
      return;
    }
    this.#drivers.set(job.id, driver);
    this.#d.feed.jobChanged(job.id);
    await driver.start();
    begin?.(driver);
    if (job.cancelling) await driver.cancel(null);
    else if (driver.isIdle) await this.#finish(job.id, driver);
  }

  #driverOf(job: JobRow): JobDriver | null {
    const { site, stager, collector, runs, journal, budget, clock, timers, log } = this.#d;
    const { submissions, monitors, moves } = this.#d;
    const plan = this.planOf(job);
    const storage = this.storageOf(job);
    const on = {
      onColumns: (columns: readonly OutputColumn[]) => this.#addColumns(job.id, columns),
      onIdle: () => void this.#finish(job.id, driver),
    };
    let driver: JobDriver;
    if (job.site === site.name) {
      const access = storage && new LocalAccess({ folder: job.folder, storage, clock, timers, log });
      const parts = { job, plan, site, stager, collector, runs, journal, budget, clock, storage, access };
      driver = new JobRunner({ ...parts, ...on });
      return driver;
    }
    const remote = this.#d.findSite(job.site);
    if (remote === null) return null;
    driver = new RemoteJobDriver({
      job,
      plan,
      site: remote,
      monitor: monitors.of(remote),
      submissions,
      runs,
      journal,
      stager,
      collector,
      moves,
      storage,
      clock,
      timers,
      log,
      onNote: () => this.#d.feed.jobChanged(job.id),
      ...on,
    });
    return driver;
  }

  /** The job's files in its bucket; null = it has none there. */
  storageOf(job: JobRow): JobStorage | null {
    const plan = this.planOf(job);
    const { buckets, keys, runs, clock } = this.#d;
    if (plan.storage == null) return null;
    return new JobStorage({ job, plan, storage: plan.storage, buckets, keys, runs, clock });
  }

  /** What the job's site says of it; null for jobs of this workstation and ended ones. */
  siteNoteOf(job: JobRow): JobSiteNote | null {
    return this.#drivers.get(job.id)?.siteNote() ?? null;
  }

  /** Where a run is on its site; null on this workstation, and for runs that have ended. */
  placeOf(job: JobRow, run: number): RunPlace | null {
    return this.#drivers.get(job.id)?.placeOf(run) ?? null;
  }

  /** Why a run failed, a sentence; null = it has not. */
  failureOf(job: JobRow, run: number): string | null {
    return this.#d.runs.get(job.id, run)?.failure?.message ?? null;
  }

  /** Path of a run's folder on its site, also after the run has ended; null on this workstation and before it was staged. */
  async remoteFolderOf(job: JobRow, run: number): Promise<string | null> {
    const site = this.#d.findSite(job.site);
    const row = this.#d.runs.attempts(job.id, run).at(-1);
    if (site === null || row?.token == null) return null;
    return submissionLayout(jobLayout(site.workdir, job.id), row.token).runFolder(run);
  }

  /** The files of a run that is still on its site; null when they are on this workstation. */
  async remoteFiles(
    job: JobRow,
    run: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ entries: FileEntry[]; truncated: boolean } | null> {
    const place = this.placeOf(job, run);
    const site = this.#d.findSite(job.site);
    if (place === null || site === null) return null;
    const root = posix.dirname(place.remoteFolder);
    const folder = posix.basename(place.remoteFolder);
    const found = await listRemote(site.host, site.tools, { root, folders: [folder], signal });
    const entries = found
      .map((entry) => ({ ...entry, path: entry.path.slice(folder.length + 1), modifiedAt: entry.modifiedAt * 1000 }))
      .filter((entry) => entry.path !== '' && !entry.path.startsWith('.slipway'));
    return { entries: entries.slice(0, limit), truncated: entries.length > limit };
  }

  /** Bytes of a file of a run that is still on its site; null when it is on this workstation. */
  remoteTail(
    job: JobRow,
    run: number,
    options: Omit<TailRemoteOptions, 'path'> & { readonly file: string },
  ): AsyncGenerator<Uint8Array> | null {
    const place = this.placeOf(job, run);
    const site = this.#d.findSite(job.site);
    if (place === null || site === null) return null;
    const { file, ...rest } = options;
    return tailRemote(site.host, { ...rest, path: posix.join(place.remoteFolder, file) });
  }

  async cancel(requestId: string, ref: string, numbers: readonly number[] | undefined): Promise<JobRow> {
    const job = this.find(ref);
    if (job.finishedAt !== null || !this.#d.jobs.firstTime(requestId, this.#d.clock.now())) return job;
    if (numbers === undefined) this.#d.jobs.setCancelling(job.id, true);
    this.#d.feed.jobChanged(job.id);
    await this.#drivers.get(job.id)?.cancel(numbers ?? null);
    return this.find(job.id);
  }

  async rerun(
    requestId: string,
    ref: string,
    which: readonly number[] | 'failed' | 'all',
    more: MoreResources = NO_MORE,
  ): Promise<JobRow> {
    const job = this.find(ref);
    if (!this.#d.jobs.firstTime(requestId, this.#d.clock.now())) return job;
    const numbers = this.#rerunNumbers(job, which);
    if (numbers.length === 0) {
      throw new AppError('bad_input', which === 'failed' ? `No run of ${job.name} has failed.` : 'No run was chosen.');
    }
    this.#d.jobs.setFinished(job.id, null);
    await this.activate(this.find(job.id), (driver) => driver.rerun(numbers, more));
    return this.find(job.id);
  }

  #rerunNumbers(job: JobRow, which: readonly number[] | 'failed' | 'all'): readonly number[] {
    if (which === 'failed') return this.#d.runs.inState(job.id, ['failed']);
    if (which === 'all') return this.#d.runs.inState(job.id, ['done', 'failed', 'cancelled']);
    for (const run of which) {
      const row = this.#d.runs.get(job.id, run);
      if (row === null)
        throw new AppError('not_found', `${job.name} has no run ${run}; it has runs 1 to ${job.counts.total}.`);
      if (!['done', 'failed', 'cancelled', 'unknown'].includes(row.state)) {
        throw new AppError('bad_input', `Run ${run} is ${row.state}. Cancel it first, or wait until it has ended.`);
      }
    }
    return [...new Set(which)];
  }

  /** Removes an ended job. The folder is renamed first and deleted in the background: thousands of run folders take a while. */
  async remove(ref: string): Promise<void> {
    const job = this.find(ref);
    if (job.finishedAt === null) {
      throw new AppError(
        'jobs/not_finished',
        `${job.name} is ${jobState(job.counts, job.cancelling)}. Cancel it before you delete it.`,
      );
    }
    this.#d.jobs.markRemoved(job.id, this.#d.clock.now());
    this.#d.feed.jobRemoved(job.id);
    this.#plans.delete(job.id);
    void this.#erase(job.id, job.folder);
  }

  async #erase(id: string, folder: string): Promise<void> {
    const aside = join(dirname(folder), `.removed-${basename(folder)}`);
    try {
      await rename(folder, aside).catch(() => undefined);
      await rm(aside, { recursive: true, force: true, maxRetries: 3 });
      if (!this.#disposed) this.#d.jobs.erase(id);
    } catch (error) {
      this.#d.log.warn(
        { err: error, job: id },
        'the folder of a removed job could not be deleted; the next start tries again',
      );
    }
  }

  #addColumns(id: string, found: readonly OutputColumn[]): void {
    const job = this.#d.jobs.get(id);
    if (job === null) return;
    const columns = outputColumns(job);
    const known = new Map(columns.map((c) => [c.name, c]));
    let changed = false;
    for (const column of found) {
      const old = known.get(column.name);
      if (old === undefined) {
        columns.push(column);
        known.set(column.name, column);
        changed = true;
      } else if (old.kind === 'number' && column.kind === 'text') {
        columns[columns.indexOf(old)] = { ...old, kind: 'text' };
        known.set(column.name, { ...old, kind: 'text' });
        changed = true;
      }
    }
    if (!changed) return;
    this.#d.jobs.setOutputs(id, JSON.stringify(columns));
    this.#d.feed.jobChanged(id);
  }

  /** A driver has nothing left to do. */
  async #finish(id: string, driver: JobDriver): Promise<void> {
    if (this.#drivers.get(id) !== driver || !driver.isIdle) return;
    this.#d.journal.flush();
    const job = this.#d.jobs.get(id);
    if (job === null) return;
    const { queued, running, unknown } = job.counts;
    if (queued + running + unknown > 0) return;
    this.#drivers.delete(id);
    this.#d.jobs.setFinished(id, this.#d.clock.now());
    this.#d.feed.jobChanged(id);
    const letGo = driver.dispose();
    if (this.planOf(job).storage != null) removeLocalAccess(job.folder);
    await letGo;
  }

  /** Lets go of all jobs; runs that are going go on. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#drivers.values()].map((driver) => driver.dispose()));
    this.#drivers.clear();
  }
}
