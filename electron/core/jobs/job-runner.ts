import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Failure, RunState } from '../../../shared/domain/run-state.ts';
import { isEnded, letterState } from '../../../shared/domain/run-state.ts';
import type { EndRecord, RunObservation } from '../sites/site.ts';
import type { RunChange } from '../storage/run-store.ts';
import type { JobDriver, MoreResources, RunPlace } from './job-driver.ts';
import { JOB_FOLDER } from './job-folder.ts';
import { runFolderName } from '../../../shared/domain/run-files.ts';
import type { JobPlan } from './job-plan.ts';
import type { JobRunnerDeps } from './job-runner-deps.ts';
import { collectEnded, collectItem } from './collect-ended.ts';
import { failureOfEnd } from './run-ending.ts';
import type { CollectResult } from './run-worker/protocol.ts';

/** Runs are staged a little ahead of the slots, so that a slot never waits for a folder. */
const STAGE_AHEAD = 32;
const STAGE_BATCH = 32;
const CANCEL_BATCH = 1000;
/** How often runs that started are looked at: to show them as running, and to follow runs that are not our children. */
const LOOK_MS = 250;
/** Time in which a start that an earlier core asked for shows itself. */
const SETTLE_MS = 1000;

interface EndedRun {
  readonly run: number;
  readonly end: EndRecord;
  readonly startedAt: number | null;
  readonly failure: Failure | null;
}

/** Drives the runs of one job on this workstation: stage, start, follow, collect. Every step is journaled before its effect. */
export class JobRunner implements JobDriver {
  readonly #d: JobRunnerDeps;
  readonly #states: RunState[];
  readonly #attempts: number[];
  #planned: number[] = [];
  #staged: number[] = [];
  readonly #cancelWanted = new Set<number>();
  /** Runs with a slot: starting, running or finishing. */
  readonly #live = new Set<number>();
  /** Live runs that this process did not start. */
  readonly #adopted = new Set<number>();
  #ended: EndedRun[] = [];
  /** Factors on the limits of attempts that a re-run began; a core that starts anew begins with the job's own. */
  readonly #more = new Map<number, MoreResources>();
  #staging = false;
  #collecting = false;
  #looking = false;
  #timer: NodeJS.Timeout | null = null;
  #disposed = false;

  constructor(deps: JobRunnerDeps) {
    this.#d = deps;
    const { letters, attempts } = deps.runs.states(deps.job.id);
    this.#states = [...letters].map(letterState);
    this.#attempts = attempts;
  }

  /** Takes up the job where it is: new runs are staged, runs that were going are adopted. */
  async start(): Promise<void> {
    const { job, plan, budget, stager, collector } = this.#d;
    budget.join(job.id, plan.slots, plan.coresPerSlot, () => this.#pump());
    const open = { job: job.id, folder: job.folder, plan };
    await Promise.all([stager.open(open), collector.open(open), this.#d.access?.begin()]);
    const going: number[] = [];
    for (let run = 1; run <= this.#states.length; run++) {
      const state = this.#states[run - 1]!;
      if (state === 'planned') this.#planned.push(run);
      else if (state === 'staged' || state === 'queued') {
        this.#record(run, 'planned');
        this.#planned.push(run);
      } else if (!isEnded(state)) going.push(run);
    }
    await Promise.all(going.map((run) => this.#takeUp(run)));
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
    this.#pump();
  }

  get isIdle(): boolean {
    return (
      this.#planned.length + this.#staged.length + this.#live.size + this.#ended.length === 0 &&
      !this.#staging &&
      !this.#collecting
    );
  }

  /** Ends runs; those that have not started never will. Running ones end when their wrapper says so. */
  async cancel(numbers: readonly number[] | null): Promise<void> {
    const wanted = numbers === null ? this.#states.map((_, i) => i + 1) : numbers;
    const set = new Set(wanted);
    this.#planned = this.#planned.filter((run) => !set.has(run));
    this.#staged = this.#staged.filter((run) => !set.has(run));
    const going: number[] = [];
    for (const [i, run] of wanted.entries()) {
      const state = this.#states[run - 1];
      if (state === undefined || isEnded(state)) continue;
      if (state === 'planned' || state === 'staged' || state === 'queued') this.#record(run, 'cancelled');
      else {
        this.#cancelWanted.add(run);
        going.push(run);
      }
      // Cancelling a million runs must not stop the clock for everybody else.
      if (i % CANCEL_BATCH === CANCEL_BATCH - 1) await delay(0);
    }
    this.#d.journal.flush();
    await Promise.all(going.map((run) => this.#d.site.cancel(this.#handle(run))));
    void this.#look();
    this.#checkIdle();
  }

  /** Begins a new attempt of ended runs. */
  rerun(numbers: readonly number[], more: MoreResources): void {
    for (const run of numbers) {
      const state = this.#states[run - 1];
      if (state === undefined || !(isEnded(state) || (state === 'unknown' && !this.#live.has(run)))) continue;
      this.#attempts[run - 1]!++;
      this.#more.set(run, more);
      this.#record(run, 'planned');
      this.#planned.push(run);
    }
    this.#planned.sort((a, b) => a - b);
    this.#d.journal.flush();
    void this.#d.access?.keep();
    this.#pump();
  }

  /** Lets go of the job; its runs go on. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#d.journal.flush();
    this.#d.budget.leave(this.#d.job.id);
    this.#d.access?.dispose();
    await Promise.all([this.#d.stager.close(this.#d.job.id), this.#d.collector.close(this.#d.job.id)]).catch(
      () => undefined,
    );
  }

  siteNote(): null {
    return null;
  }

  placeOf(): RunPlace | null {
    return null;
  }

  /** The limits of a run's current attempt. */
  #limits(run: number): Pick<JobPlan, 'memoryBytes' | 'walltimeSeconds'> {
    const { memoryBytes, walltimeSeconds } = this.#d.plan;
    const more = this.#more.get(run);
    if (more === undefined) return { memoryBytes, walltimeSeconds };
    return {
      memoryBytes: memoryBytes === null ? null : Math.round(memoryBytes * more.memory),
      walltimeSeconds: walltimeSeconds * more.walltime,
    };
  }

  #handle(run: number): { runDir: string; attempt: number } {
    return { runDir: join(this.#d.job.folder, JOB_FOLDER.runs, runFolderName(run)), attempt: this.#attempts[run - 1]! };
  }

  #record(run: number, to: RunState, more: Partial<RunChange> = {}): void {
    const from = this.#states[run - 1]!;
    this.#states[run - 1] = to;
    this.#d.journal.record({
      job: this.#d.job.id,
      run,
      attempt: this.#attempts[run - 1]!,
      from,
      to,
      at: this.#d.clock.now(),
      ...more,
    });
  }

  /** A run that was going when an earlier core ended. */
  async #takeUp(run: number): Promise<void> {
    this.#live.add(run);
    this.#d.budget.occupy(this.#d.job.id);
    this.#adopted.add(run);
    let seen = await this.#d.site.observe(this.#handle(run));
    if (seen.kind === 'not-started') {
      // The earlier core may have asked for the start in its last moment: the folder is not replaced under a wrapper that is on its way.
      await delay(SETTLE_MS);
      seen = await this.#d.site.observe(this.#handle(run));
    }
    this.#apply(run, seen);
  }

  #pump(): void {
    if (this.#disposed) return;
    this.#startRuns();
    void this.#stageRuns();
    void this.#collectRuns();
  }

  async #stageRuns(): Promise<void> {
    const ahead = this.#d.plan.slots + STAGE_AHEAD;
    if (this.#staging || this.#planned.length === 0 || this.#staged.length >= ahead) return;
    this.#staging = true;
    const batch = this.#planned.splice(0, STAGE_BATCH);
    try {
      const items = batch.map((run) => {
        const row = this.#d.runs.get(this.#d.job.id, run)!;
        return { run, attempt: this.#attempts[run - 1]!, values: row.values };
      });
      for (const { run, failure } of await this.#d.stager.stage(this.#d.job.id, items)) {
        if (this.#states[run - 1] !== 'planned') continue;
        if (failure === null) {
          this.#record(run, 'staged');
          this.#staged.push(run);
        } else this.#record(run, 'failed', { failure });
      }
    } catch (error) {
      if (this.#disposed) return;
      const failure: Failure = {
        kind: 'input',
        message: `the run folder could not be written: ${(error as Error).message}`,
      };
      for (const run of batch) if (this.#states[run - 1] === 'planned') this.#record(run, 'failed', { failure });
    } finally {
      this.#staging = false;
    }
    this.#pump();
    this.#checkIdle();
  }

  #startRuns(): void {
    const starting: number[] = [];
    while (this.#staged.length > 0 && this.#d.budget.take(this.#d.job.id)) {
      const run = this.#staged.shift()!;
      this.#record(run, 'starting', { startedAt: this.#d.clock.now() });
      this.#live.add(run);
      starting.push(run);
    }
    if (starting.length === 0) return;
    this.#d.journal.flush();
    for (const run of starting) this.#startRun(run);
  }

  #startRun(run: number): void {
    const { plan, job, site } = this.#d;
    const handle = this.#handle(run);
    try {
      site.start(
        {
          ...handle,
          jobDir: job.folder,
          ...this.#limits(run),
          environment: {
            OMP_NUM_THREADS: String(plan.coresPerSlot),
            ...plan.software?.environment,
            ...plan.spec.environment,
            SLIPWAY_JOB: job.id,
            SLIPWAY_RUN: String(run),
            SLIPWAY_CORES: String(plan.coresPerSlot),
          },
        },
        () => void this.#onExit(run, handle.attempt),
      );
    } catch (error) {
      this.#end(run, { kind: 'submit', message: `the run could not be started: ${(error as Error).message}` });
    }
  }

  async #onExit(run: number, attempt: number): Promise<void> {
    if (this.#disposed || !this.#live.has(run) || this.#attempts[run - 1] !== attempt) return;
    const seen = await this.#d.site.observe(this.#handle(run));
    if (seen.kind === 'not-started') {
      this.#end(run, { kind: 'submit', message: 'the run wrapper ended before it had started the run' });
      return;
    }
    // Our wrapper may have found the attempt claimed by an earlier core's wrapper: that one is followed instead.
    if (seen.kind === 'running') this.#adopted.add(run);
    this.#apply(run, seen);
  }

  #apply(run: number, seen: RunObservation): void {
    if (this.#disposed || !this.#live.has(run)) return;
    const state = this.#states[run - 1]!;
    switch (seen.kind) {
      case 'not-started':
        if (!this.#adopted.has(run)) return;
        this.#free(run);
        if (this.#cancelWanted.delete(run)) this.#record(run, 'cancelled');
        else {
          this.#record(run, 'planned');
          this.#planned.push(run);
        }
        break;
      case 'running':
        if (state !== 'running') this.#record(run, 'running', { startedAt: seen.startedAt });
        break;
      case 'ended':
        if (state === 'finishing' && this.#ended.some((e) => e.run === run)) return;
        this.#record(run, 'finishing');
        this.#ended.push({
          run,
          end: seen.end,
          startedAt: seen.startedAt,
          failure: failureOfEnd(seen.end, this.#limits(run)),
        });
        this.#free(run);
        break;
      case 'lost':
        this.#end(run, { kind: 'lost', message: seen.reason });
        break;
      case 'unknown':
        if (state !== 'unknown') this.#record(run, 'unknown');
        this.#adopted.add(run);
        break;
    }
    this.#pump();
    this.#checkIdle();
  }

  #free(run: number): void {
    this.#live.delete(run);
    this.#adopted.delete(run);
    this.#d.budget.release(this.#d.job.id);
  }

  #end(run: number, failure: Failure): void {
    this.#free(run);
    const cancelled = this.#cancelWanted.delete(run);
    this.#record(run, cancelled ? 'cancelled' : 'failed', cancelled ? {} : { failure });
    this.#pump();
    this.#checkIdle();
  }

  /** Looks at runs that started: shows them as running, and finds the end of those that are not our children. */
  async #look(): Promise<void> {
    if (this.#looking || this.#disposed) return;
    this.#looking = true;
    try {
      for (const run of [...this.#live]) {
        const state = this.#states[run - 1]!;
        if (state === 'finishing' || (state === 'running' && !this.#adopted.has(run))) continue;
        const seen = await this.#d.site.observe(this.#handle(run));
        if (seen.kind === 'running' || this.#adopted.has(run)) this.#apply(run, seen);
      }
    } finally {
      this.#looking = false;
    }
  }

  async #collectRuns(): Promise<void> {
    if (this.#collecting || this.#ended.length === 0) return;
    this.#collecting = true;
    const batch = this.#ended.slice(0, STAGE_BATCH);
    try {
      const items = batch.map(({ run, end, failure }) =>
        collectItem(run, this.#d.runs.get(this.#d.job.id, run)!.values, end, failure),
      );
      const results = await collectEnded(this.#d, items);
      if (this.#disposed) return;
      batch.forEach((ended, i) => this.#settle(ended, results[i]!));
      const columns = results.flatMap((r) => r.columns);
      if (columns.length > 0) this.#d.onColumns(columns);
    } catch (error) {
      if (this.#disposed) return;
      const message = `the outputs could not be read: ${(error as Error).message}`;
      for (const ended of batch) {
        const failure = ended.failure ?? { kind: 'output' as const, message };
        this.#settle(ended, { outputs: {}, problems: [], failure });
      }
    } finally {
      this.#ended.splice(0, batch.length);
      this.#collecting = false;
    }
    void this.#collectRuns();
    this.#checkIdle();
  }

  #settle({ run, end, startedAt }: EndedRun, result: Pick<CollectResult, 'outputs' | 'problems' | 'failure'>): void {
    const cancelled = end.reason === 'cancelled' || (this.#cancelWanted.has(run) && result.failure !== null);
    this.#cancelWanted.delete(run);
    const to = cancelled ? 'cancelled' : result.failure === null ? 'done' : 'failed';
    this.#record(run, to, {
      failure: to === 'failed' ? result.failure : null,
      ...(startedAt === null ? {} : { startedAt }),
      end: {
        exitCode: end.exitCode,
        wallSeconds: end.wallSeconds,
        peakMemoryBytes: end.peakMemoryBytes,
        endedAt: end.endedAt * 1000,
        outputs: result.outputs,
        problems: result.problems,
      },
    });
  }

  #checkIdle(): void {
    if (this.#disposed || !this.isIdle) return;
    this.#d.journal.flush();
    this.#d.onIdle();
  }
}
