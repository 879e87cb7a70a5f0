import type { JobSiteNote } from '../../../../shared/contract/jobs.ts';
import type { RunState } from '../../../../shared/domain/run-state.ts';
import { isEnded } from '../../../../shared/domain/run-state.ts';
import { FollowedSubmission } from '../../sites/remote/followed-submission.ts';
import type { MonitorMember } from '../../sites/remote/site-monitor.ts';
import { patienceWith } from '../../sites/remote/judge-run.ts';
import { jobLayout, submissionLayout } from '../../sites/remote/remote-layout.ts';
import type { JobLayout, SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import { SubmitProtocol } from '../../sites/remote/submit-protocol.ts';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import type { Submission } from '../../storage/submission-store.ts';
import type { JobDriver, MoreResources, RunPlace } from '../job-driver.ts';
import { BucketAccess } from './bucket-access.ts';
import { RunCollector } from './run-collector.ts';
import type { CollectedRun } from './run-collector.ts';
import { planSubmissions } from './plan-submissions.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';
import { RunLedger } from './run-ledger.ts';
import { siteNoteOf } from './site-note.ts';
import { SubmissionStager } from './submission-stager.ts';
import type { Followed } from './submission-work.ts';
import { SubmissionWork } from './submission-work.ts';

/**
 * Drives the runs of one job on a remote site: submissions are planned, staged, handed to the scheduler, followed and collected. What the site does goes on
 * without us; after any pause one look brings everything up to date.
 */
export class RemoteJobDriver implements JobDriver, MonitorMember {
  readonly #d: RemoteJobDeps;
  readonly #layout: JobLayout;
  readonly #ledger: RunLedger;
  readonly #work: SubmissionWork;
  readonly #stager: SubmissionStager;
  readonly #collector: RunCollector;
  readonly #stop = new AbortController();
  readonly #leave: (() => void)[] = [];
  /** Submissions that have not ended, oldest first. */
  #followed: Followed[] = [];
  #lastNumber = 0;
  #lookProblem: string | null = null;
  /** Local milliseconds minus the site's, from its last look. */
  #clockOffsetMs: number | null = null;
  #disposed = false;

  constructor(deps: RemoteJobDeps) {
    this.#d = deps;
    this.#layout = jobLayout(deps.site.workdir, deps.job.id);
    this.#ledger = new RunLedger(deps.job.id, deps.runs, deps.journal, deps.clock);
    this.#stager = new SubmissionStager(deps, this.#layout, this.#stop.signal);
    const protocol = new SubmitProtocol({
      host: deps.site.host,
      scheduler: deps.site.scheduler,
      // Here too, also when the step that saved it fails: what is known in memory must not be older than what is written down.
      save: (s) => {
        deps.submissions.save(s);
        const followed = this.#followed.find((f) => f.submission.submission.token === s.token);
        if (followed !== undefined) followed.submission.submission = s;
      },
      now: () => deps.clock.now(),
      ...(deps.submitPatience === undefined ? {} : { patience: deps.submitPatience }),
    });
    this.#work = new SubmissionWork({
      deps,
      ledger: this.#ledger,
      stager: this.#stager,
      protocol,
      access: deps.storage === null ? null : new BucketAccess(deps, deps.storage, this.#stop.signal),
      list: () => this.#followed,
      on: {
        changed: () => this.#changed(),
        rested: () => {
          this.#dropEnded();
          this.#checkIdle();
        },
      },
    });
    this.#collector = new RunCollector(deps, this.#stop.signal, {
      settle: (run, result) => this.#settle(run, result),
      changed: () => this.#changed(),
      idle: () => {
        this.#dropEnded();
        this.#checkIdle();
      },
    });
  }

  async start(): Promise<void> {
    const { job, plan, stager, collector, submissions, site, monitor } = this.#d;
    const open = { job: job.id, folder: job.folder, plan };
    await Promise.all([stager.open(open), collector.open(open)]);
    const planned = new Set<number>();
    this.#ledger.states.forEach((state, i) => {
      if (!isEnded(state)) planned.add(i + 1);
    });
    for (const submission of submissions.ofJob(job.id)) {
      this.#lastNumber = submission.number;
      if (submission.state === 'ended') continue;
      const runs = submission.runs.filter(
        (run, i) => planned.has(run) && this.#ledger.attemptOf(run) === submission.attempts[i],
      );
      for (const run of runs) planned.delete(run);
      if (runs.length > 0) this.#follow(submission, runs);
      else submissions.save({ ...submission, state: 'ended' });
    }
    this.#plan([...planned]);
    this.#leave.push(monitor.join(this));
    for (const host of new Set([site.host, site.fileHost.host])) this.#followStatus(host);
    this.#work.work();
  }

  /** Tries at once what waits when a host is back: what failed meanwhile has made the next try late. */
  #followStatus(host: RemoteHost): void {
    let before = host.status.state;
    const leave = host.onStatus(({ state }) => {
      if (state === 'connected' && before !== 'connected') {
        this.#work.work();
        this.#collector.goOn();
        this.#d.monitor.nudge(0);
      }
      before = state;
      this.#changed();
    });
    this.#leave.push(leave);
  }

  get isIdle(): boolean {
    return this.#followed.length === 0 && !this.#work.isBusy && this.#collector.isIdle;
  }

  followed(): readonly { readonly submission: FollowedSubmission; readonly layout: SubmissionLayout }[] {
    return this.#followed.filter(
      ({ submission }) => submission.submission.state === 'submitted' && submission.openCount > 0,
    );
  }

  async cancel(numbers: readonly number[] | null): Promise<void> {
    const wanted = numbers === null ? null : new Set(numbers);
    for (const followed of this.#followed) {
      const { submission } = followed;
      const { state } = submission.submission;
      for (const run of [...submission.openRuns]) {
        if (wanted !== null && !wanted.has(run)) continue;
        // A later try: an earlier one may have been accepted all the same.
        if (state === 'new' || (state === 'staged' && submission.submission.try === 1)) {
          this.#ledger.record(run, 'cancelled');
          submission.close(run);
        } else {
          submission.wantCancel(run);
          followed.cancelDue = true;
        }
      }
      // Written down before the site is told.
      if (followed.cancelDue) this.#work.save(followed, { cancels: submission.cancelsWanted() });
    }
    this.#d.journal.flush();
    this.#dropEnded();
    this.#work.stopVainStaging();
    this.#work.work();
    this.#checkIdle();
  }

  rerun(numbers: readonly number[], more: MoreResources): void {
    const runs = numbers.filter((run) => {
      const state: RunState | undefined = this.#ledger.states[run - 1];
      return state !== undefined && (isEnded(state) || state === 'unknown');
    });
    for (const run of runs) {
      for (const { submission } of this.#followed) submission.close(run);
      this.#ledger.nextAttempt(run);
    }
    this.#dropEnded();
    this.#plan(
      runs.toSorted((a, b) => a - b),
      more,
    );
    this.#d.journal.flush();
    this.#work.work();
  }

  siteNote(): JobSiteNote {
    return siteNoteOf({
      site: this.#d.site,
      heardAt: this.#d.monitor.heardAt,
      followed: this.#followed.map((f) => f.submission),
      states: this.#ledger.states,
      obstacle: this.#work.obstacle,
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
    const now = this.#d.timers.elapsed();
    for (const followed of this.#followed) {
      const { submission } = followed;
      if (submission.submission.state !== 'submitted') continue;
      this.#adoptStrangers(followed);
      for (const run of [...submission.openRuns]) this.#apply(followed, run, now);
      this.#resumeRunner(followed);
    }
    this.#dropEnded();
    this.#changed();
    this.#work.work();
    this.#checkIdle();
  }

  onLookFailed(message: string): void {
    this.#lookProblem = message;
    this.#changed();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#stop.abort();
    this.#work.dispose();
    for (const leave of this.#leave) leave();
    this.#d.journal.flush();
    await Promise.all([this.#d.stager.close(this.#d.job.id), this.#d.collector.close(this.#d.job.id)]).catch(
      () => undefined,
    );
  }

  // --- what the looks show ------------------------------------------------------------------------------------------

  #apply(followed: Followed, run: number, now: number): void {
    const { submission, layout } = followed;
    const state = this.#ledger.stateOf(run);
    const judged = submission.judge(run, now);
    if ((judged.kind === 'cancelled' || judged.kind === 'failed') && submission.mayBeginLate(run)) {
      submission.withdraw(run);
      followed.cancelDue = true;
      return;
    }
    const place = submission.placeOf(run);
    const where = place === null ? {} : { node: place.node, restarts: place.restarts };
    switch (judged.kind) {
      case 'wait':
        return;
      case 'queued':
        if (state !== 'queued') this.#ledger.record(run, 'queued', { place: where });
        return;
      case 'starting':
        if (state !== 'starting') this.#ledger.record(run, 'starting', { place: where });
        return;
      case 'running': {
        if (state === 'running') return;
        const began = place?.startedAt == null ? null : place.startedAt * 1000 + (this.#clockOffsetMs ?? 0);
        this.#ledger.record(run, 'running', { place: where, startedAt: Math.round(began ?? this.#d.clock.now()) });
        return;
      }
      case 'cancelled':
        submission.close(run);
        this.#ledger.record(run, 'cancelled', { place: where });
        return;
      case 'unknown':
        if (state !== 'unknown')
          this.#ledger.record(run, 'unknown', { failure: { kind: 'lost', message: judged.message } });
        return;
      case 'ended':
      case 'failed': {
        const cancelled = submission.cancelIsWanted(run);
        submission.close(run);
        this.#ledger.record(run, 'finishing', { place: where });
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
    this.#ledger.record(run, to, {
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
    if (found.length > 0) this.#work.save(followed, { ids: [...known, ...found] });
    submission.strangers.clear();
  }

  /** A host's own runner that was killed: another one goes on with the runs that nobody has begun. */
  #resumeRunner(followed: Followed): void {
    if (this.#d.site.scheduler.kind !== 'slots') return;
    const { submission } = followed;
    if (!submission.neverStarting()) return;
    this.#work.save(followed, { state: 'staged', try: submission.submission.try + 1 });
  }

  // --- the work of getting them there ---------------------------------------------------------------------------------

  #plan(runs: readonly number[], more: MoreResources = { memory: 1, walltime: 1 }): void {
    if (runs.length === 0) return;
    const { job, site, plan, submissions, clock } = this.#d;
    for (const run of runs) if (this.#ledger.stateOf(run) !== 'planned') this.#ledger.record(run, 'planned');
    const made = planSubmissions({
      job: job.id,
      site: site.name,
      runs,
      attemptOf: (run) => this.#ledger.attemptOf(run),
      limits: {
        ...site.limits,
        unlimited: site.scheduler.kind === 'slots',
        numbering: site.scheduler.numbering,
      },
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
    const { scheduler } = this.#d.site;
    const followed = new FollowedSubmission(
      submission,
      runs,
      this.#d.patience ?? patienceWith(scheduler.accountingLagSeconds),
      scheduler.numbering,
    );
    this.#followed.push({
      submission: followed,
      layout: submissionLayout(this.#layout, submission.token),
      // An earlier core may not have told it, or not have heard that it was told.
      cancelDue: followed.cancelsWanted().length > 0,
      marked: new Set(),
    });
  }

  #dropEnded(): void {
    for (const followed of this.#followed) {
      const { submission } = followed;
      if (submission.openCount > 0 || submission.submission.state === 'ended') continue;
      // Runs that are being collected are still its own.
      if (!submission.submission.runs.some((run) => this.#isUnderway(submission, run)))
        this.#work.save(followed, { state: 'ended' });
    }
    this.#followed = this.#followed.filter((f) => f.submission.submission.state !== 'ended');
  }

  #isUnderway(submission: FollowedSubmission, run: number): boolean {
    return this.#ledger.attemptOf(run) === submission.attemptOf(run) && !isEnded(this.#ledger.stateOf(run));
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
