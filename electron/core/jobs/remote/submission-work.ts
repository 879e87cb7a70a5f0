import type { Failure } from '../../../../shared/domain/run-state.ts';
import type { FollowedSubmission } from '../../sites/remote/followed-submission.ts';
import type { SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import type { SubmitProtocol } from '../../sites/remote/submit-protocol.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import type { Submission } from '../../storage/submission-store.ts';
import type { BucketAccess } from './bucket-access.ts';
import { cancelScript } from './cancel-script.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';
import type { RunLedger } from './run-ledger.ts';
import type { Obstacle } from './site-note.ts';
import type { SubmissionStager } from './submission-stager.ts';
import { taskResources } from './task-resources.ts';

const RETRY_MS = 15_000;
const RETRY_MOST_MS = 300_000;
const CANCEL_LIMIT = 2000;
/** For the clean-up after a staging that was cancelled: the job has not ended before. */
const DISCARD_MS = 5_000;

/** A submission that has not ended. */
export interface Followed {
  readonly submission: FollowedSubmission;
  readonly layout: SubmissionLayout;
  /** A cancel has to be told to the site. */
  cancelDue: boolean;
  /** Runs whose cancel has been laid into their folders while the scheduler's answer is still awaited. */
  readonly marked: Set<number>;
}

/** Takes the submissions of a job to the scheduler, one step after another: stage, submit, tell cancels. What goes wrong on the way is tried again later. */
export class SubmissionWork {
  readonly #d: RemoteJobDeps;
  readonly #ledger: RunLedger;
  readonly #stager: SubmissionStager;
  readonly #protocol: SubmitProtocol;
  readonly #access: BucketAccess | null;
  /** All that have not ended, oldest first. */
  readonly #list: () => readonly Followed[];
  readonly #on: { readonly changed: () => void; readonly rested: () => void };
  #working = false;
  #workAgain = false;
  #stopTimer: (() => void) | null = null;
  #failures = 0;
  #disposed = false;
  /** What is being staged, and what stops that. */
  #staging: { readonly followed: Followed; readonly stop: AbortController } | null = null;
  /** Why the job cannot go on at the moment; null = nothing is in its way. */
  obstacle: Obstacle | null = null;

  constructor(parts: {
    readonly deps: RemoteJobDeps;
    readonly ledger: RunLedger;
    readonly stager: SubmissionStager;
    readonly protocol: SubmitProtocol;
    readonly access: BucketAccess | null;
    readonly list: () => readonly Followed[];
    readonly on: { readonly changed: () => void; readonly rested: () => void };
  }) {
    this.#d = parts.deps;
    this.#ledger = parts.ledger;
    this.#stager = parts.stager;
    this.#protocol = parts.protocol;
    this.#access = parts.access;
    this.#list = parts.list;
    this.#on = parts.on;
  }

  get isBusy(): boolean {
    return this.#working;
  }

  dispose(): void {
    this.#disposed = true;
    this.#stopTimer?.();
  }

  /** Runs were cancelled: what is being staged for nobody is stopped at once. */
  stopVainStaging(): void {
    if (this.#staging?.followed.submission.openCount === 0) this.#staging.stop.abort();
  }

  /** Saves a change of a submission. What became of its runs is saved before it ends: the next core would take them for runs that nobody has. */
  save(followed: Followed, change: Partial<Submission>): void {
    if (change.state === 'ended') this.#d.journal.flush();
    const submission = { ...followed.submission.submission, ...change };
    this.#d.submissions.save(submission);
    followed.submission.submission = submission;
    if (change.state === 'ended') this.#access?.retire(followed.layout);
  }

  /** Goes on as far as it goes now; harmless to call at any time. */
  work(): void {
    if (this.#disposed) return;
    if (this.#working) {
      this.#workAgain = true;
      return;
    }
    this.#working = true;
    this.#stopTimer?.();
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
          this.#stopTimer = this.#d.timers.after(this.#workAgain ? 0 : (waitMs ?? 0), () => this.work());
        }
        this.#workAgain = false;
        this.#on.changed();
        this.#on.rested();
      });
  }

  /** Takes every submission as far as it goes now; resolves to the milliseconds after which there is more to do, or null. */
  async #workThrough(): Promise<number | null> {
    let soonest: number | null = null;
    const again = (ms: number): void => void (soonest = Math.min(soonest ?? Infinity, ms));
    this.obstacle = null;
    await this.#renewAccess(again);
    for (const followed of this.#list()) if (followed.cancelDue) await this.#tellCancel(followed, again);
    for (const followed of [...this.#list()]) {
      let { state } = followed.submission.submission;
      if (state === 'submitted' || state === 'ended') continue;
      if (!this.#mayGoOn(followed)) break;
      if (state === 'new') {
        await this.#stage(followed);
        ({ state } = followed.submission.submission);
        if (followed.submission.openCount === 0) continue;
      }
      const before = followed.submission.submission;
      const mayAsk = [...followed.submission.openRuns].some((run) => !followed.submission.cancelIsWanted(run));
      const { submission, outcome } = await this.#protocol.step(before, followed.layout, { mayAsk });
      followed.submission.submission = submission;
      if (outcome.kind === 'submitted') {
        this.#queued(followed);
        this.#d.monitor.nudge();
      } else if (outcome.kind === 'refused' || outcome.kind === 'not-asked') {
        await this.#forbid(followed);
        if (outcome.kind === 'refused') this.#refuse(followed, outcome.message, outcome.hint);
        else this.#giveUp(followed);
      } else {
        const { why: kind, message, hint, until } = outcome;
        this.obstacle = { kind, message, hint, until };
        again(outcome.waitMs);
        // Later parts would meet the same limit.
        break;
      }
      if (followed.cancelDue) await this.#tellCancel(followed, again);
    }
    return soonest;
  }

  /** With several parts and few slots, the next one is handed over when nothing of the earlier ones waits. */
  #mayGoOn(followed: Followed): boolean {
    const { slots } = this.#d.plan;
    const parts = this.#list().length;
    if (parts === 1 || slots >= 2 * parts || followed.submission.submission.state !== 'new') return true;
    for (const earlier of this.#list()) {
      if (earlier === followed) return true;
      for (const run of earlier.submission.openRuns) if (this.#ledger.stateOf(run) === 'queued') return false;
    }
    return true;
  }

  async #stage(followed: Followed): Promise<void> {
    const { submission } = followed;
    const runs = [...submission.openRuns];
    const slots = this.#d.plan.slots;
    const parts = this.#list().length;
    const concurrency = parts > 1 && slots >= 2 * parts ? Math.floor(slots / parts) : slots;
    const coreType = this.#d.site.coreTypes.find((t) => t.name === this.#d.plan.coreType) ?? null;
    this.#on.changed();
    const failures = await this.#stageUnlessVain(followed, {
      submission: submission.submission,
      layout: followed.layout,
      runs,
      resources: taskResources(this.#d.plan, submission.submission, coreType, concurrency),
    });
    if (failures === null) return;
    for (const [run, message] of failures) {
      submission.close(run);
      if (this.#ledger.stateOf(run) === 'planned')
        this.#ledger.record(run, 'failed', { failure: { kind: 'input', message } });
    }
    await this.#access?.give(followed.layout, submission.openRuns);
    for (const run of submission.openRuns) this.#ledger.record(run, 'staged');
    this.save(followed, { state: submission.openCount === 0 ? 'ended' : 'staged' });
  }

  /** Null = all its runs were cancelled meanwhile. */
  async #stageUnlessVain(
    followed: Followed,
    request: Parameters<SubmissionStager['stage']>[0],
  ): Promise<Map<number, string> | null> {
    const stop = new AbortController();
    this.#staging = { followed, stop };
    try {
      return await this.#stager.stage(request, stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
      const isLast = this.#list().every(({ submission }) => submission.openCount === 0);
      // A site that cannot be reached keeps what has got there; it is of no harm.
      if (isLast) await this.#stager.discard(AbortSignal.timeout(DISCARD_MS)).catch(() => undefined);
      return null;
    } finally {
      this.#staging = null;
    }
  }

  /** Access that ends soon, or of which nobody knows when. While it cannot be renewed all else goes on. */
  async #renewAccess(again: (ms: number) => void): Promise<void> {
    if (this.#access === null) return;
    for (const { submission, layout } of this.#list()) {
      const { state } = submission.submission;
      if (state === 'new' || state === 'ended' || submission.openCount === 0 || !this.#access.isDue(layout)) continue;
      try {
        await this.#access.give(layout, submission.openRuns);
      } catch (error) {
        if (error instanceof RemoteError) throw error;
        const message = error instanceof Error ? error.message : String(error);
        this.obstacle = {
          kind: 'storage',
          message: `The access of the runs to the bucket could not be renewed: ${message}`,
          hint: null,
          until: this.#d.clock.now() + RETRY_MS,
        };
        again(RETRY_MS);
      }
    }
  }

  #queued({ submission }: Followed): void {
    const { token, ids } = submission.submission;
    const id = ids[0] ?? null;
    for (const run of submission.openRuns) {
      const state = this.#ledger.stateOf(run);
      if (state !== 'staged' && state !== 'planned') continue;
      const schedulerId = id === null ? {} : { schedulerId: this.#d.site.scheduler.taskId(id, submission.taskOf(run)) };
      this.#ledger.record(run, 'queued', { place: { token, ...schedulerId } });
    }
    this.#d.journal.flush();
  }

  #refuse(followed: Followed, message: string, hint: string | null): void {
    const failure: Failure = { kind: 'submit', message: hint === null ? message : `${message} ${hint}` };
    for (const run of [...followed.submission.openRuns]) {
      const wasCancelled = followed.submission.cancelIsWanted(run);
      followed.submission.close(run);
      this.#ledger.record(run, wasCancelled ? 'cancelled' : 'failed', wasCancelled ? {} : { failure });
    }
    this.save(followed, { state: 'ended' });
  }

  /** Should an earlier try be accepted later than we wait for, its tasks will find that they must not begin. */
  async #forbid({ submission, layout }: Followed): Promise<void> {
    const { script, wasHeard } = cancelScript(this.#d.site, submission, layout, [...submission.openRuns], true);
    const problem = wasHeard((await this.#d.site.host.run(script, { timeoutMs: 120_000 })).stdout);
    if (problem !== null) throw new Error(`The runs could not be withdrawn: ${problem}`);
  }

  /** All its runs were cancelled before the scheduler had it. */
  #giveUp(followed: Followed): void {
    for (const run of [...followed.submission.openRuns]) {
      followed.submission.close(run);
      this.#ledger.record(run, 'cancelled');
    }
    this.save(followed, { state: 'ended' });
  }

  async #tellCancel(followed: Followed, again: (ms: number) => void): Promise<void> {
    const { submission, layout } = followed;
    const { state } = submission.submission;
    if (state === 'submitting') return this.#markCancelled(followed);
    // As long as the scheduler does not have it there is nobody to tell.
    if (state !== 'submitted' && state !== 'ended') return;
    if (state === 'submitted') {
      const wanted = submission.toTell();
      const whole = wanted.length === submission.openCount;
      for (let i = 0; i < wanted.length || i === 0; i += CANCEL_LIMIT) {
        const part = wanted.slice(i, i + CANCEL_LIMIT);
        if (part.length === 0) break;
        const { script, wasHeard } = cancelScript(this.#d.site, submission, layout, part, whole);
        const { stdout } = await this.#d.site.host.run(script, { timeoutMs: 120_000 });
        const problem = wasHeard(stdout);
        if (problem !== null) {
          const until = this.#d.clock.now() + RETRY_MS;
          this.obstacle = { kind: 'transient', message: `The cancel was not heard: ${problem}`, hint: null, until };
          again(RETRY_MS);
          return;
        }
        submission.cancelsTold(part);
      }
    }
    followed.cancelDue = false;
    this.#d.monitor.nudge(500);
  }

  /**
   * Nobody knows yet whether the site has it, and its tasks may be at work: what they read, and on a host without a scheduler their processes, are told at once.
   * The scheduler is told when it is known to have it.
   */
  async #markCancelled({ submission, layout, marked }: Followed): Promise<void> {
    const wanted = submission.toTell();
    const fresh = wanted.filter((run) => !marked.has(run));
    if (fresh.length === 0) return;
    const whole = wanted.length === submission.openCount;
    const { script, wasHeard } = cancelScript(this.#d.site, submission, layout, wanted, whole);
    const problem = wasHeard((await this.#d.site.host.run(script, { timeoutMs: 120_000 })).stdout);
    if (problem !== null) throw new Error(`The runs could not be withdrawn: ${problem}`);
    for (const run of fresh) marked.add(run);
  }

  /** The way to the site is broken, or something on it is full: nothing changes but when the next try is made. */
  #stumble(error: unknown): number | null {
    if (this.#disposed) return null;
    const message = error instanceof Error ? error.message : String(error);
    const hint = error instanceof RemoteError ? error.hint : null;
    const isSite = error instanceof RemoteError;
    if (!isSite) this.#d.log.warn({ err: error, job: this.#d.job.id }, 'a job could not go on');
    this.#failures++;
    const waitMs = Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** Math.min(this.#failures - 1, 6));
    this.obstacle = { kind: isSite ? 'site' : 'storage', message, hint, until: this.#d.clock.now() + waitMs };
    return waitMs;
  }
}
