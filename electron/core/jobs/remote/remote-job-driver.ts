import type { JobSiteNote } from '../../../../shared/contract/jobs.ts';
import type { Failure, RunState } from '../../../../shared/domain/run-state.ts';
import { isEnded, letterState } from '../../../../shared/domain/run-state.ts';
import { FollowedSubmission } from '../../sites/remote/followed-submission.ts';
import type { MonitorMember } from '../../sites/remote/site-monitor.ts';
import { jobLayout, submissionLayout } from '../../sites/remote/remote-layout.ts';
import type { JobLayout, SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import { SubmitProtocol } from '../../sites/remote/submit-protocol.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import type { RunChange } from '../../storage/run-store.ts';
import type { Submission } from '../../storage/submission-store.ts';
import type { JobDriver, MoreResources, RunPlace } from '../job-driver.ts';
import { RunCollector } from './run-collector.ts';
import type { CollectedRun } from './run-collector.ts';
import { planSubmissions } from './plan-submissions.ts';
import { cancelScript } from './cancel-script.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';
import { siteNoteOf } from './site-note.ts';
import type { Obstacle } from './site-note.ts';
import { SubmissionStager } from './submission-stager.ts';
import { taskResources } from './task-resources.ts';

const RETRY_MS = 15_000;
const RETRY_MOST_MS = 300_000;
const CANCEL_LIMIT = 2000;

interface Followed {
  readonly submission: FollowedSubmission;
  readonly layout: SubmissionLayout;
  /** A cancel has to be told to the site. */
  cancelDue: boolean;
}

/**
 * Drives the runs of one job on a remote site: submissions are planned, staged, handed to the scheduler, followed and collected. What the site does goes on
 * without us; after any pause one look brings everything up to date.
 */
export class RemoteJobDriver implements JobDriver, MonitorMember {
  readonly #d: RemoteJobDeps;
  readonly #layout: JobLayout;
  readonly #states: RunState[];
  readonly #attempts: number[];
  readonly #stager: SubmissionStager;
  readonly #protocol: SubmitProtocol;
  readonly #collector: RunCollector;
  readonly #stop = new AbortController();
  readonly #leave: (() => void)[] = [];
  /** Submissions that have not ended, oldest first. */
  #followed: Followed[] = [];
  #lastNumber = 0;
  #working = false;
  #workAgain = false;
  #workTimer: NodeJS.Timeout | null = null;
  #failures = 0;
  #obstacle: Obstacle | null = null;
  #lookProblem: string | null = null;
  /** Local milliseconds minus the site's, from its last look. */
  #clockOffsetMs: number | null = null;
  #disposed = false;

  constructor(deps: RemoteJobDeps) {
    this.#d = deps;
    this.#layout = jobLayout(deps.site.workdir, deps.job.id);
    const { letters, attempts } = deps.runs.states(deps.job.id);
    this.#states = [...letters].map(letterState);
    this.#attempts = attempts;
    this.#stager = new SubmissionStager(deps, this.#layout, this.#stop.signal);
    this.#protocol = new SubmitProtocol({
      host: deps.site.host,
      scheduler: deps.site.scheduler,
      save: (s) => deps.submissions.save(s),
      now: () => deps.clock.now(),
      ...(deps.submitPatience === undefined ? {} : { patience: deps.submitPatience }),
    });
    this.#collector = new RunCollector(deps, this.#stop.signal, {
      settle: (run, result) => this.#settle(run, result),
      changed: () => this.#changed(),
      idle: () => this.#checkIdle(),
    });
  }

  async start(): Promise<void> {
    const { job, plan, stager, collector, submissions, site, monitor } = this.#d;
    const open = { job: job.id, folder: job.folder, plan };
    await Promise.all([stager.open(open), collector.open(open)]);
    const planned = new Set<number>();
    this.#states.forEach((state, i) => {
      if (!isEnded(state)) planned.add(i + 1);
    });
    for (const submission of submissions.ofJob(job.id)) {
      this.#lastNumber = submission.number;
      if (submission.state === 'ended') continue;
      const runs = submission.runs.filter(
        (run, i) => planned.has(run) && this.#attempts[run - 1] === submission.attempts[i],
      );
      for (const run of runs) planned.delete(run);
      if (runs.length > 0) this.#follow(submission, runs);
      else submissions.save({ ...submission, state: 'ended' });
    }
    this.#plan([...planned]);
    this.#leave.push(monitor.join(this));
    this.#leave.push(
      site.host.onStatus((status) => {
        if (status.state === 'connected') this.#work();
        this.#changed();
      }),
    );
    this.#work();
  }

  get isIdle(): boolean {
    return this.#followed.length === 0 && !this.#working && this.#collector.isIdle;
  }

  followed(): readonly { readonly submission: FollowedSubmission; readonly layout: SubmissionLayout }[] {
    return this.#followed.filter((f) => f.submission.submission.state === 'submitted');
  }

  async cancel(numbers: readonly number[] | null): Promise<void> {
    const wanted = numbers === null ? null : new Set(numbers);
    for (const followed of this.#followed) {
      const { submission } = followed;
      const { state } = submission.submission;
      for (const run of [...submission.openRuns]) {
        if (wanted !== null && !wanted.has(run)) continue;
        if (state === 'new' || state === 'staged') {
          this.#record(run, 'cancelled');
          submission.close(run);
        } else {
          submission.wantCancel(run);
          followed.cancelDue = true;
        }
      }
    }
    this.#d.journal.flush();
    this.#dropEnded();
    this.#work();
    this.#checkIdle();
  }

  rerun(numbers: readonly number[], more: MoreResources): void {
    const runs = numbers.filter((run) => {
      const state = this.#states[run - 1];
      return state !== undefined && (isEnded(state) || state === 'unknown');
    });
    for (const run of runs) {
      for (const { submission } of this.#followed) submission.close(run);
      this.#attempts[run - 1]!++;
      this.#record(run, 'planned');
    }
    this.#dropEnded();
    this.#plan(
      runs.toSorted((a, b) => a - b),
      more,
    );
    this.#d.journal.flush();
    this.#work();
  }

  siteNote(): JobSiteNote {
    return siteNoteOf({
      site: this.#d.site,
      heardAt: this.#d.monitor.heardAt,
      followed: this.#followed.map((f) => f.submission),
      states: this.#states,
      obstacle: this.#obstacle,
      lookProblem: this.#lookProblem,
      staging: this.#stager.progress,
      collecting: this.#collector.progress,
      clockOffsetMs: this.#clockOffsetMs,
    });
  }

  placeOf(run: number): RunPlace | null {
    const followed = this.#followed.find((f) => f.submission.isOpen(run));
    if (followed === undefined) return null;
    const record = followed.submission.liveRecord(run);
    const waits = record !== null && (record.state === 'pending' || record.state === 'held');
    return {
      remoteFolder: followed.layout.runFolder(run),
      pendingReason: waits ? this.#d.site.scheduler.reasonInWords(record.reason ?? '') : null,
    };
  }

  onLook(remoteNow: number | null): void {
    if (this.#disposed) return;
    this.#lookProblem = null;
    if (remoteNow !== null) this.#clockOffsetMs = this.#d.clock.now() - remoteNow * 1000;
    const now = performance.now();
    for (const followed of this.#followed) {
      const { submission } = followed;
      if (submission.submission.state !== 'submitted') continue;
      this.#adoptStrangers(followed);
      for (const run of [...submission.openRuns]) this.#apply(followed, run, now);
      this.#resumeRunner(followed);
    }
    this.#dropEnded();
    this.#changed();
    this.#work();
    this.#checkIdle();
  }

  onLookFailed(message: string): void {
    this.#lookProblem = message;
    this.#changed();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#stop.abort();
    if (this.#workTimer !== null) clearTimeout(this.#workTimer);
    for (const leave of this.#leave) leave();
    this.#d.journal.flush();
    await Promise.all([this.#d.stager.close(this.#d.job.id), this.#d.collector.close(this.#d.job.id)]).catch(
      () => undefined,
    );
  }

  // --- what the looks show ------------------------------------------------------------------------------------------

  #apply({ submission, layout }: Followed, run: number, now: number): void {
    const state = this.#states[run - 1]!;
    const judged = submission.judge(run, now);
    const place = submission.placeOf(run);
    const where = place === null ? {} : { node: place.node, restarts: place.restarts };
    switch (judged.kind) {
      case 'wait':
        return;
      case 'queued':
        if (state !== 'queued') this.#record(run, 'queued', { place: where });
        return;
      case 'starting':
        if (state !== 'starting') this.#record(run, 'starting', { place: where });
        return;
      case 'running': {
        if (state === 'running') return;
        const began = place?.startedAt == null ? null : place.startedAt * 1000 + (this.#clockOffsetMs ?? 0);
        this.#record(run, 'running', { place: where, startedAt: Math.round(began ?? this.#d.clock.now()) });
        return;
      }
      case 'cancelled':
        submission.close(run);
        this.#record(run, 'cancelled', { place: where });
        return;
      case 'unknown':
        if (state !== 'unknown') this.#record(run, 'unknown', { failure: { kind: 'lost', message: judged.message } });
        return;
      case 'ended':
      case 'failed': {
        const cancelled = submission.cancelIsWanted(run);
        submission.close(run);
        this.#record(run, 'finishing', { place: where });
        this.#collector.add({
          run,
          runs: layout.runs,
          end: judged.kind === 'ended' ? judged.end : null,
          failure: judged.failure,
          startedAt: place?.startedAt ?? null,
          cancelWanted: cancelled,
          limits: submission.submission,
        });
        return;
      }
    }
  }

  #settle(run: number, { ended, failure, outputs, problems }: CollectedRun): void {
    const { end } = ended;
    const cancelled = end?.reason === 'cancelled' || (ended.cancelWanted && failure !== null);
    const to = cancelled ? 'cancelled' : failure === null ? 'done' : 'failed';
    const at = (epochSeconds: number): number => Math.round(epochSeconds * 1000 + (this.#clockOffsetMs ?? 0));
    this.#record(run, to, {
      failure: to === 'failed' ? failure : null,
      ...(ended.startedAt === null ? {} : { startedAt: at(ended.startedAt) }),
      end: {
        exitCode: end?.exitCode ?? null,
        wallSeconds: end?.wallSeconds ?? null,
        peakMemoryBytes: end?.peakMemoryBytes ?? null,
        endedAt: end === null ? this.#d.clock.now() : at(end.endedAt),
        outputs,
        problems,
      },
    });
  }

  /** A repeat that was accepted too is followed like the first: the claims see to it that each run is run by one of them. */
  #adoptStrangers(followed: Followed): void {
    const { submission } = followed;
    const known = submission.submission.ids;
    const found = [...submission.strangers].filter((id) => !known.includes(id));
    if (found.length > 0) this.#save(followed, { ids: [...known, ...found] });
    submission.strangers.clear();
  }

  /** A host's own runner that was killed: another one goes on with the runs that nobody has begun. */
  #resumeRunner(followed: Followed): void {
    if (this.#d.site.scheduler.kind !== 'slots') return;
    const { submission } = followed;
    if (!submission.neverStarting()) return;
    this.#save(followed, { state: 'staged', try: submission.submission.try + 1 });
  }

  // --- the work of getting them there ---------------------------------------------------------------------------------

  #plan(runs: readonly number[], more: MoreResources = { memory: 1, walltime: 1 }): void {
    if (runs.length === 0) return;
    const { job, site, plan, submissions, clock } = this.#d;
    for (const run of runs) if (this.#states[run - 1] !== 'planned') this.#record(run, 'planned');
    const made = planSubmissions({
      job: job.id,
      site: site.name,
      runs,
      attemptOf: (run) => this.#attempts[run - 1]!,
      limits: { ...site.limits, unlimited: site.scheduler.kind === 'slots' },
      memoryBytes: plan.memoryBytes === null ? null : Math.round(plan.memoryBytes * more.memory),
      walltimeSeconds: plan.walltimeSeconds * more.walltime,
      lastNumber: this.#lastNumber,
      now: clock.now(),
    });
    this.#lastNumber += made.length;
    submissions.insert(made);
    for (const submission of made) this.#follow(submission, submission.runs);
  }

  #follow(submission: Submission, runs: readonly number[]): void {
    this.#followed.push({
      submission: new FollowedSubmission(submission, runs, this.#d.patience),
      layout: submissionLayout(this.#layout, submission.token),
      cancelDue: false,
    });
  }

  /** Saves a change of a submission. */
  #save(followed: Followed, change: Partial<Submission>): void {
    const submission = { ...followed.submission.submission, ...change };
    this.#d.submissions.save(submission);
    followed.submission.submission = submission;
  }

  #work(): void {
    if (this.#disposed) return;
    if (this.#working) {
      this.#workAgain = true;
      return;
    }
    this.#working = true;
    if (this.#workTimer !== null) clearTimeout(this.#workTimer);
    void this.#workThrough()
      .then((waitMs) => {
        this.#failures = 0;
        return waitMs;
      })
      .catch((error: unknown) => this.#stumble(error))
      .then((waitMs) => {
        this.#working = false;
        if (this.#disposed) return;
        if (this.#workAgain || waitMs !== null) {
          this.#workTimer = setTimeout(() => this.#work(), this.#workAgain ? 0 : (waitMs ?? 0));
          this.#workTimer.unref();
        }
        this.#workAgain = false;
        this.#changed();
        this.#checkIdle();
      });
  }

  /** Takes every submission as far as it goes now; resolves to the milliseconds after which there is more to do, or null. */
  async #workThrough(): Promise<number | null> {
    let soonest: number | null = null;
    const again = (ms: number): void => void (soonest = Math.min(soonest ?? Infinity, ms));
    this.#obstacle = null;
    for (const followed of [...this.#followed]) {
      if (followed.cancelDue) await this.#tellCancel(followed);
      let { state } = followed.submission.submission;
      if (state === 'submitted' || state === 'ended') continue;
      if (!this.#mayGoOn(followed)) break;
      if (state === 'new') {
        await this.#stage(followed);
        ({ state } = followed.submission.submission);
        if (followed.submission.openCount === 0) continue;
      }
      const before = followed.submission.submission;
      const { submission, outcome } = await this.#protocol.step(before, followed.layout);
      followed.submission.submission = submission;
      if (outcome.kind === 'submitted') {
        this.#queued(followed);
        this.#d.monitor.nudge();
      } else if (outcome.kind === 'refused') this.#refuse(followed, outcome.message, outcome.hint);
      else {
        if (outcome.why !== 'waiting')
          this.#obstacle = { kind: outcome.why, message: outcome.message, hint: outcome.hint };
        again(outcome.waitMs);
        // Later parts would meet the same limit.
        break;
      }
      if (followed.cancelDue) await this.#tellCancel(followed);
    }
    this.#dropEnded();
    return soonest;
  }

  /** With several parts and few slots, the next one is handed over when nothing of the earlier ones waits. */
  #mayGoOn(followed: Followed): boolean {
    const { slots } = this.#d.plan;
    const parts = this.#followed.length;
    if (parts === 1 || slots >= 2 * parts || followed.submission.submission.state !== 'new') return true;
    for (const earlier of this.#followed) {
      if (earlier === followed) return true;
      for (const run of earlier.submission.openRuns) if (this.#states[run - 1] === 'queued') return false;
    }
    return true;
  }

  async #stage(followed: Followed): Promise<void> {
    const { submission } = followed;
    const runs = [...submission.openRuns];
    const slots = this.#d.plan.slots;
    const parts = this.#followed.length;
    const concurrency = parts > 1 && slots >= 2 * parts ? Math.floor(slots / parts) : slots;
    const coreType = this.#d.site.coreTypes.find((t) => t.name === this.#d.plan.coreType) ?? null;
    this.#changed();
    const failures = await this.#stager.stage({
      submission: submission.submission,
      layout: followed.layout,
      runs,
      resources: taskResources(this.#d.plan, submission.submission, coreType, concurrency),
    });
    for (const [run, message] of failures) {
      submission.close(run);
      if (this.#states[run - 1] === 'planned') this.#record(run, 'failed', { failure: { kind: 'input', message } });
    }
    for (const run of submission.openRuns) this.#record(run, 'staged');
    this.#save(followed, { state: submission.openCount === 0 ? 'ended' : 'staged' });
  }

  #queued({ submission }: Followed): void {
    const { token, ids } = submission.submission;
    const id = ids[0] ?? null;
    const plain = this.#d.site.scheduler.kind === 'slots';
    for (const run of submission.openRuns) {
      const state = this.#states[run - 1]!;
      if (state !== 'staged' && state !== 'planned') continue;
      const schedulerId = id === null ? {} : { schedulerId: plain ? id : `${id}_${submission.taskOf(run)}` };
      this.#record(run, 'queued', { place: { token, ...schedulerId } });
    }
    this.#d.journal.flush();
  }

  #refuse(followed: Followed, message: string, hint: string | null): void {
    const failure: Failure = { kind: 'submit', message: hint === null ? message : `${message} ${hint}` };
    for (const run of [...followed.submission.openRuns]) {
      followed.submission.close(run);
      this.#record(run, 'failed', { failure });
    }
    this.#save(followed, { state: 'ended' });
  }

  async #tellCancel(followed: Followed): Promise<void> {
    const { submission, layout } = followed;
    if (submission.submission.state === 'submitting') return;
    if (submission.submission.state === 'submitted') {
      const wanted = [...submission.openRuns].filter((run) => submission.cancelIsWanted(run));
      const whole = wanted.length === submission.openCount;
      for (let i = 0; i < wanted.length || i === 0; i += CANCEL_LIMIT) {
        const part = wanted.slice(i, i + CANCEL_LIMIT);
        if (part.length === 0) break;
        const script = cancelScript(this.#d.site, submission, layout, part, whole);
        await this.#d.site.host.run(script, { timeoutMs: 120_000 });
      }
    }
    followed.cancelDue = false;
    this.#d.monitor.nudge(500);
  }

  /** The way to the site is broken, or something on it is full: nothing changes but when the next try is made. */
  #stumble(error: unknown): number | null {
    if (this.#disposed) return null;
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof RemoteError ? error.hint : null;
    const isSite = error instanceof RemoteError;
    this.#obstacle = { kind: isSite ? 'site' : 'storage', message, hint };
    if (!isSite) this.#d.log.warn({ err: error, job: this.#d.job.id }, 'a job could not go on');
    this.#failures++;
    return Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** Math.min(this.#failures - 1, 6));
  }

  #dropEnded(): void {
    for (const followed of this.#followed) {
      if (followed.submission.openCount > 0) continue;
      if (followed.submission.submission.state !== 'ended') this.#save(followed, { state: 'ended' });
    }
    this.#followed = this.#followed.filter((f) => f.submission.submission.state !== 'ended');
  }

  #record(run: number, to: RunState, more: Partial<RunChange> = {}): void {
    const from = this.#states[run - 1]!;
    this.#states[run - 1] = to;
    const { job, journal, clock } = this.#d;
    journal.record({ job: job.id, run, attempt: this.#attempts[run - 1]!, from, to, at: clock.now(), ...more });
  }

  #changed(): void {
    if (!this.#disposed) this.#d.onNote();
  }

  #checkIdle(): void {
    if (this.#disposed || !this.isIdle) return;
    this.#d.journal.flush();
    this.#d.onIdle();
  }
}
