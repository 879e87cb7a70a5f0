import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OutputColumn } from '../../../shared/contract/jobs.ts';
import { AppError } from '../../../shared/errors.ts';
import { jobState } from '../../../shared/domain/run-state.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import type { Site } from '../sites/site.ts';
import type { JobRow, JobStore } from '../storage/job-store.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { CoreBudget } from './core-budget.ts';
import type { JobFeed } from './job-feed.ts';
import type { JobPlan } from './job-plan.ts';
import { JobRunner } from './job-runner.ts';
import { outputColumns } from './job-views.ts';
import type { RunJournal } from './run-journal.ts';
import type { RunWorkerClient } from './run-worker/run-worker-client.ts';

export interface JobServiceDeps {
  readonly jobs: JobStore;
  readonly runs: RunStore;
  readonly journal: RunJournal;
  readonly feed: JobFeed;
  readonly site: Site;
  readonly budget: CoreBudget;
  readonly stager: RunWorkerClient;
  readonly collector: RunWorkerClient;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Jobs that have been submitted: finds them, drives them to their end, cancels, re-runs and removes them. */
export class JobService {
  readonly #d: JobServiceDeps;
  readonly #runners = new Map<string, JobRunner>();
  readonly #plans = new Map<string, JobPlan>();
  #disposed = false;

  constructor(deps: JobServiceDeps) {
    this.#d = deps;
    deps.journal.onCommit((changes) => deps.feed.publish(changes));
  }

  /** Number of jobs that still have something to do. */
  get active(): number {
    return this.#runners.size;
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

  /** Starts driving a job whose runs are stored; `begin` is called before the runner may find itself idle. */
  async activate(job: JobRow, begin?: (runner: JobRunner) => void): Promise<void> {
    if (this.#disposed) return;
    const driving = this.#runners.get(job.id);
    if (driving !== undefined) {
      begin?.(driving);
      return;
    }
    const { site, stager, collector, runs, journal, budget, clock } = this.#d;
    const runner: JobRunner = new JobRunner({
      job,
      plan: this.planOf(job),
      site,
      stager,
      collector,
      runs,
      journal,
      budget,
      clock,
      onColumns: (columns) => this.#addColumns(job.id, columns),
      onIdle: () => void this.#finish(job.id, runner),
    });
    this.#runners.set(job.id, runner);
    this.#d.feed.jobChanged(job.id);
    await runner.start();
    begin?.(runner);
    if (job.cancelling) await runner.cancel(null);
    else if (runner.isIdle) await this.#finish(job.id, runner);
  }

  async cancel(requestId: string, ref: string, numbers: readonly number[] | undefined): Promise<JobRow> {
    const job = this.find(ref);
    if (job.finishedAt !== null || !this.#d.jobs.firstTime(requestId, this.#d.clock.now())) return job;
    if (numbers === undefined) this.#d.jobs.setCancelling(job.id, true);
    this.#d.feed.jobChanged(job.id);
    await this.#runners.get(job.id)?.cancel(numbers ?? null);
    return this.find(job.id);
  }

  async rerun(requestId: string, ref: string, which: readonly number[] | 'failed' | 'all'): Promise<JobRow> {
    const job = this.find(ref);
    if (!this.#d.jobs.firstTime(requestId, this.#d.clock.now())) return job;
    const numbers = this.#rerunNumbers(job, which);
    if (numbers.length === 0) {
      throw new AppError('bad_input', which === 'failed' ? `No run of ${job.name} has failed.` : 'No run was chosen.');
    }
    this.#d.jobs.setFinished(job.id, null);
    await this.activate(this.find(job.id), (runner) => runner.rerun(numbers));
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

  /** A runner has nothing left to do. */
  async #finish(id: string, runner: JobRunner): Promise<void> {
    if (this.#runners.get(id) !== runner || !runner.isIdle) return;
    this.#d.journal.flush();
    const job = this.#d.jobs.get(id);
    if (job === null) return;
    const { queued, running, unknown } = job.counts;
    if (queued + running + unknown > 0) return;
    this.#runners.delete(id);
    this.#d.jobs.setFinished(id, this.#d.clock.now());
    this.#d.feed.jobChanged(id);
    await runner.dispose();
  }

  /** Lets go of all jobs; runs that are going go on. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#runners.values()].map((runner) => runner.dispose()));
    this.#runners.clear();
  }
}
