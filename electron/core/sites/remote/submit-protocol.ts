import type { SchedulerAdapter, SubmitFailure, SubmitFailureKind } from '../../../../shared/domain/scheduler/types.ts';
import type { ScriptOptions, ScriptResult } from '../../ssh/remote-host.ts';
import type { Submission } from '../../storage/submission-store.ts';
import { parseEvents, eventsScript } from './look-script.ts';
import type { SubmissionLayout } from './remote-layout.ts';
import { sectionScript } from './sections.ts';
import { beginTry, lookAtTry, parseTry } from './submit-script.ts';
import type { TryState } from './submit-script.ts';

/** What the protocol needs of a host. */
export interface ScriptRunner {
  run(script: string, options?: ScriptOptions): Promise<ScriptResult>;
}

/** How a step of a submission ended. */
export type SubmitOutcome =
  | { readonly kind: 'submitted' }
  /** Nothing is wrong with the request; the next step is due after `waitMs`. */
  | {
      readonly kind: 'later';
      readonly waitMs: number;
      readonly why: Exclude<SubmitFailureKind, 'permanent' | 'unclear'> | 'waiting';
      /** When this waiting ends at the latest, by itself: the next try, or a decision without the scheduler's answer (epoch milliseconds). */
      readonly until: number;
      readonly message: string;
      readonly hint: string | null;
    }
  /** The request is wrong: a person has to change it. */
  | { readonly kind: 'refused'; readonly message: string; readonly hint: string | null }
  /** The scheduler does not know it, and was not asked to take it. */
  | { readonly kind: 'not-asked' };

/** A submission as it was saved, and how the step ended. */
interface Step {
  readonly submission: Submission;
  readonly outcome: SubmitOutcome;
}

export interface SubmitPatience {
  /** How long an answer of the scheduler is waited for before it is looked for by name: a busy controller makes sbatch retry for two minutes by itself. */
  readonly answer: number;
  /** After this time without a trace, and two empty looks, a try is taken as lost. */
  readonly trace: number;
  readonly betweenLooks: number;
  /** Between the two looks after words that we do not know. */
  readonly unclear: number;
  /** Between the two looks on a host that we know all of: a runner that was being started as the first one was made is there at the second. */
  readonly ownRunner: number;
  /** How long one round trip waits for the answer (seconds). */
  readonly roundTripSeconds: number;
}

export const SUBMIT_PATIENCE: SubmitPatience = {
  answer: 180_000,
  trace: 180_000,
  betweenLooks: 60_000,
  unclear: 15_000,
  ownRunner: 2_000,
  roundTripSeconds: 5,
};

const RETRY_MS: Record<'limit' | 'transient' | 'storage', number> = {
  limit: 60_000,
  transient: 15_000,
  storage: 60_000,
};
const RETRY_MOST_MS = 300_000;
const LOST = { kind: 'ambiguous', hint: null } as const;

/**
 * Submits once, whatever breaks (peers-hpc C1). The intention is saved before the scheduler is asked; the site's disk keeps the answer; a try that left none is
 * looked for by its unique name in the queue, in the accounting and in what its tasks have told, and only when all of these were asked twice and know nothing
 * is the scheduler asked again. Should a repeat be accepted all the same, the runs' claims make it harmless.
 */
export class SubmitProtocol {
  readonly #host: ScriptRunner;
  readonly #scheduler: SchedulerAdapter;
  readonly #save: (submission: Submission) => void;
  readonly #now: () => number;
  readonly #patience: SubmitPatience;
  /** Per token: looks by name that found nothing since the current try began. */
  readonly #empty = new Map<string, { try: number; count: number; at: number }>();
  readonly #refusals = new Map<string, number>();

  /** `save` must have stored the submission when it returns. `now`: milliseconds. */
  constructor(deps: {
    readonly host: ScriptRunner;
    readonly scheduler: SchedulerAdapter;
    readonly save: (submission: Submission) => void;
    readonly now: () => number;
    readonly patience?: SubmitPatience;
  }) {
    this.#host = deps.host;
    this.#scheduler = deps.scheduler;
    this.#save = deps.save;
    this.#now = deps.now;
    this.#patience = deps.patience ?? SUBMIT_PATIENCE;
  }

  /**
   * One step of a submission that is `staged` or `submitting`; its new form has been saved when this resolves. Without `mayAsk` it is only found out whether
   * the scheduler has it already.
   * @throws RemoteError when the host cannot be asked: nothing is concluded, and the same step is due later.
   */
  async step(
    submission: Submission,
    layout: SubmissionLayout,
    options: { readonly mayAsk: boolean } = { mayAsk: true },
  ): Promise<Step> {
    if (submission.state === 'submitting') {
      const seen = await this.#ask(lookAtTry(layout.folder, submission.try));
      if (seen === null) return { submission, outcome: this.#unwritable() };
      if (seen.begun) return this.#conclude(submission, layout, seen, options.mayAsk);
      // The connection broke before the try began: beginning it now is the first time.
      if (options.mayAsk) return this.#begin(submission, layout);
    }
    if (submission.try > 1) {
      const trace = await this.#lookForTrace(submission, layout);
      if (trace.kind === 'found') return this.#submitted(submission, trace.ids);
      if (trace.kind === 'failed') return { submission, outcome: this.#later('transient', trace.message, null) };
    }
    if (!options.mayAsk) return { submission, outcome: { kind: 'not-asked' } };
    return this.#begin(submission, layout);
  }

  async #begin(before: Submission, layout: SubmissionLayout): Promise<Step> {
    const submission: Submission = {
      ...before,
      state: 'submitting',
      triedAt: before.state === 'submitting' ? before.triedAt : this.#now(),
    };
    this.#save(submission);
    const { roundTripSeconds } = this.#patience;
    const seen = await this.#ask(beginTry(layout.folder, submission.try, roundTripSeconds));
    if (seen === null || !seen.begun) return { submission, outcome: this.#unwritable() };
    return this.#conclude(submission, layout, seen, true);
  }

  #unwritable(): SubmitOutcome {
    return this.#later(
      'storage',
      'The submission could not be written on the site.',
      'Look whether the work folder is there, is writable and has room.',
    );
  }

  async #ask(script: string): Promise<TryState | null> {
    const result = await this.#host.run(script, { timeoutMs: 60_000 });
    return result.code === 0 ? parseTry(result.stdout.toString('utf8')) : null;
  }

  async #conclude(before: Submission, layout: SubmissionLayout, seen: TryState, mayAsk: boolean): Promise<Step> {
    let submission = before;
    if (submission.since === null && seen.beganAt !== null) {
      // An hour of slack for clocks that differ within the site.
      submission = { ...submission, since: seen.beganAt - 3600 };
      this.#save(submission);
    }
    const id = seen.output.code <= 0 ? this.#scheduler.parseSubmit({ ...seen.output, code: 0 }) : null;
    if (id !== null) return this.#submitted(submission, [id]);
    const { title } = this.#scheduler;
    if (seen.askerIsGone) {
      const message = `What was to hand the job over to ${title} was ended before it got an answer.`;
      return this.#reconcile(submission, layout, { ...LOST, message }, mayAsk);
    }
    if (!seen.ended) {
      const now = this.#now();
      const elapsed = Math.max(
        now - (submission.triedAt ?? now),
        seen.now !== null && seen.beganAt !== null ? (seen.now - seen.beganAt) * 1000 : 0,
      );
      if (elapsed < this.#patience.answer)
        return {
          submission,
          outcome: {
            kind: 'later',
            // A controller that takes long is not asked more often for that.
            waitMs: Math.min(15_000, Math.max(1000, elapsed / 2)),
            why: 'waiting',
            message: `${title} has not answered yet. Without an answer it is looked for by name.`,
            hint: null,
            until: now + this.#patience.answer - elapsed,
          },
        };
      return this.#reconcile(submission, layout, { ...LOST, message: `${title} has not answered.` }, mayAsk);
    }
    const failure = this.#scheduler.classifySubmit(seen.output);
    if (failure.kind === 'ambiguous' || failure.kind === 'unclear' || seen.output.code === 0)
      return this.#reconcile(submission, layout, failure, mayAsk);
    if (failure.kind === 'permanent') {
      // This try was refused, but an earlier one may have been accepted.
      if (submission.try > 1) return this.#reconcile(submission, layout, failure, mayAsk);
      return { submission, outcome: { kind: 'refused', message: failure.message, hint: failure.hint } };
    }
    submission = { ...submission, state: 'staged', try: submission.try + 1 };
    this.#save(submission);
    return { submission, outcome: this.#later(failure.kind, failure.message, failure.hint, submission.token) };
  }

  /** The answer is lost, says both, or is not understood: the truth is looked for by name. */
  async #reconcile(
    before: Submission,
    layout: SubmissionLayout,
    failure: SubmitFailure,
    mayAsk: boolean,
  ): Promise<Step> {
    const words = failure.message;
    const isRefusal = failure.kind === 'permanent' || failure.kind === 'unclear';
    const { unclear, betweenLooks, ownRunner, trace: patience } = this.#patience;
    const between = this.#isOwnRunner ? ownRunner : isRefusal ? unclear : betweenLooks;
    const trace = await this.#lookForTrace(before, layout);
    if (trace.kind === 'found') return this.#submitted(before, trace.ids);
    const { token } = before;
    const now = this.#now();
    // A host that we know all of has no controller that could take it later.
    const traceUntil = isRefusal || this.#isOwnRunner ? now : (before.triedAt ?? now) + patience;
    const wait = (message: string, until: number): SubmitOutcome => ({
      kind: 'later',
      waitMs: between,
      why: 'ambiguous',
      message: `${words} ${message}`,
      hint: 'Nothing is submitted a second time before the queue and the accounting have both said that they do not know it.',
      until,
    });
    if (trace.kind === 'failed') {
      const message = `It could not be found out whether it was accepted: ${trace.message}`;
      return { submission: before, outcome: wait(message, now + between) };
    }
    const known = this.#empty.get(token);
    const looks =
      known === undefined || known.try !== before.try ? { try: before.try, count: 0, at: -Infinity } : known;
    if (now - looks.at >= between * 0.9) this.#empty.set(token, { try: before.try, count: looks.count + 1, at: now });
    const count = this.#empty.get(token)?.count ?? 0;
    if (count < 2 || now < traceUntil)
      return {
        submission: before,
        outcome: wait('Looking whether it was accepted.', Math.max(traceUntil, now + Math.max(1, 2 - count) * between)),
      };
    if (isRefusal) return { submission: before, outcome: { kind: 'refused', message: words, hint: failure.hint } };
    const submission: Submission = { ...before, state: 'staged', try: before.try + 1 };
    this.#save(submission);
    if (!mayAsk) return { submission, outcome: { kind: 'not-asked' } };
    return {
      submission,
      outcome: this.#later('transient', `${words} It was not accepted; it is submitted again.`, null),
    };
  }

  /** A host without a scheduler: what it runs is started by a program of ours, and nobody else. */
  get #isOwnRunner(): boolean {
    return this.#scheduler.kind === 'slots';
  }

  #submitted(before: Submission, ids: readonly string[]): Step {
    const submission: Submission = { ...before, state: 'submitted', ids: [...new Set([...before.ids, ...ids])] };
    this.#save(submission);
    this.#empty.delete(before.token);
    this.#refusals.delete(before.token);
    return { submission, outcome: { kind: 'submitted' } };
  }

  /** Every place where an accepted submission leaves a trace. */
  async #lookForTrace(
    submission: Submission,
    layout: SubmissionLayout,
  ): Promise<{ kind: 'found'; ids: string[] } | { kind: 'nothing' } | { kind: 'failed'; message: string }> {
    const scheduler = this.#scheduler;
    const tries = Array.from({ length: submission.try }, (_, i) => i + 1);
    const look = sectionScript([
      { name: 'queue', commands: scheduler.queueByName(submission.token) },
      { name: 'past', commands: scheduler.historyByName(submission.token, submission.since ?? 0) },
      { name: 'events', commands: eventsScript(layout.events, new Map()) },
      ...tries.map((n) => ({ name: `try ${n}`, commands: lookAtTry(layout.folder, n) })),
    ]);
    const { stdout } = await this.#host.run(look.script, { timeoutMs: 180_000 });
    const sections = look.parse(stdout);
    const ids = new Set<string>();
    // A runner that we know and that has gone leaves its traces, and another one has to go on in its place.
    const gone = new Set(this.#isOwnRunner ? submission.ids : []);
    for (const n of tries) {
      const state = parseTry(sections.get(`try ${n}`)?.stdout ?? '');
      const id = state === null || state.output.code > 0 ? null : scheduler.parseSubmit({ ...state.output, code: 0 });
      if (id !== null && !gone.has(id)) ids.add(id);
    }
    const { events } = parseEvents(sections.get('events')?.stdout ?? '', new Map());
    for (const { id } of events) if (!gone.has(id)) ids.add(id);
    const queue = sections.get('queue');
    const past = sections.get('past');
    const inQueue = queue === undefined ? null : scheduler.parseQueue(queue);
    const inPast = past === undefined ? null : scheduler.parseHistory(past);
    for (const reading of [inQueue, inPast]) {
      if (reading?.kind !== 'read') continue;
      for (const record of reading.records) if (record.name === submission.token) ids.add(record.id);
    }
    if (ids.size > 0) return { kind: 'found', ids: [...ids] };
    if (inQueue === null || inQueue.kind !== 'read')
      return { kind: 'failed', message: inQueue?.message ?? 'the connection broke' };
    if (inPast === null || inPast.kind === 'failed')
      return { kind: 'failed', message: inPast?.message ?? 'the connection broke' };
    return { kind: 'nothing' };
  }

  #later(why: 'limit' | 'transient' | 'storage', message: string, hint: string | null, token?: string): SubmitOutcome {
    let waitMs = RETRY_MS[why];
    if (token !== undefined) {
      const times = this.#refusals.get(token) ?? 0;
      this.#refusals.set(token, times + 1);
      waitMs = Math.min(RETRY_MOST_MS, waitMs * 2 ** Math.min(times, 10));
    }
    return { kind: 'later', waitMs, why, message, hint, until: this.#now() + waitMs };
  }
}
