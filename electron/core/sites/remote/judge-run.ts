import type { Failure } from '../../../../shared/domain/run-state.ts';
import type { TaskRecord } from '../../../../shared/domain/scheduler/types.ts';
import { isFinalTaskState } from '../../../../shared/domain/scheduler/types.ts';
import type { EndRecord } from '../site.ts';
import type { RunFiles } from './look-script.ts';
import { EXIT_DUPLICATE } from './task-script.ts';

/** Everything that is known of one attempt of a run. The run wrapper is the first witness, the scheduler the second. */
export interface RunEvidence {
  /** The newest start that a task told. */
  readonly start: { readonly id: string; readonly restarts: number; readonly node: string } | null;
  /** The end that belongs to that start. */
  readonly end: EndRecord | null;
  readonly unprepared: { readonly what: string; readonly message: string } | null;
  /** The task saw that it was cancelled and did not begin. */
  readonly cancelledBeforeStart: boolean;
  /** What the last successful look at the queue showed of it, over all ids of its submission. */
  readonly live: readonly TaskRecord[];
  /** What the accounting, or the queue's memory of ended jobs, says of it. */
  readonly past: readonly TaskRecord[];
  /** What a direct look at its folder showed after it had left the queue; null = not looked yet. */
  readonly files: RunFiles | null;
  /** Milliseconds since the first of the successful looks in a row that did not show it; null = the last look showed it, or none was made. */
  readonly absentMs: number | null;
  /** Number of these looks. */
  readonly absentLooks: number;
  /** The accounting (or, without one, the queue's memory) has been asked about it since it was absent, and answered. */
  readonly pastAsked: boolean;
  readonly cancelWanted: boolean;
  /** The site knows that it is to end: a task of it that has not begun will not begin. */
  readonly cancelTold: boolean;
}

/** Patience in milliseconds of the site's network file system and scheduler. */
export interface Patience {
  /** For the wrapper's record, when the scheduler's own record explains the end. */
  readonly record: number;
  /** For the wrapper's record, when the scheduler says that all went well. */
  readonly completed: number;
  /** Before a task that nobody knows any more is called unknown. */
  readonly vanished: number;
}

export const PATIENCE: Patience = { record: 10_000, completed: 90_000, vanished: 180_000 };

/** Patience with an accounting that lags: the scheduler's own record may come that much later than the end. */
export function patienceWith(accountingLagSeconds: number): Patience {
  return { ...PATIENCE, record: Math.max(PATIENCE.record, accountingLagSeconds * 1000) };
}

export type Judgement =
  | { readonly kind: 'queued'; readonly held: boolean; readonly reason: string | null; readonly restarts: number }
  | { readonly kind: 'starting' | 'running'; readonly suspended: boolean }
  /** The wrapper tells the end; a failure here overrides what its record alone says. */
  | { readonly kind: 'ended'; readonly end: EndRecord; readonly failure: Failure | null }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'cancelled' }
  /** Nothing may be concluded, and waiting will hardly help. */
  | { readonly kind: 'unknown'; readonly message: string }
  /** Too early to say: it stays what it is. */
  | { readonly kind: 'wait' };

const WAIT: Judgement = { kind: 'wait' };

/** What an attempt is, from all evidence; pure, so that every order of arrival can be tested. */
export function judgeRun(e: RunEvidence, patience: Patience = PATIENCE): Judgement {
  const end = e.end ?? e.files?.end ?? null;
  if (end !== null) return judgeEnd(e, end, patience);
  if (e.unprepared !== null) return { kind: 'failed', failure: unpreparedFailure(e.unprepared) };
  if (e.cancelledBeforeStart) return { kind: 'cancelled' };
  const live = newest(e.live);
  if (live !== null && !isFinalTaskState(live.state)) return judgeLive(e, live);
  if (e.absentMs === null) return e.start !== null ? { kind: 'running', suspended: false } : WAIT;
  // A record of the end may be on its way: the folder is looked at before anything is concluded.
  if (e.files === null) return WAIT;
  return judgeAbsent(e, e.files, patience);
}

function judgeLive(e: RunEvidence, live: TaskRecord): Judgement {
  switch (live.state) {
    case 'pending':
    case 'held':
      return { kind: 'queued', held: live.state === 'held', reason: live.reason, restarts: e.start?.restarts ?? 0 };
    case 'starting':
      return { kind: 'starting', suspended: false };
    case 'running':
    case 'suspended':
      return { kind: e.start === null ? 'starting' : 'running', suspended: live.state === 'suspended' };
    default:
      // finishing: the record of the end comes with the next look. A word that we do not know says nothing.
      return e.start === null ? WAIT : { kind: 'running', suspended: false };
  }
}

/** The wrapper has told an end. Only for an end from outside does the scheduler know more: who, and whether it starts anew. */
function judgeEnd(e: RunEvidence, end: EndRecord, patience: Patience): Judgement {
  const fromOutside = end.reason === 'terminated' || end.signal === 'SIGKILL' || end.signal === 'SIGTERM';
  if (!fromOutside) return { kind: 'ended', end, failure: null };
  const live = newest(e.live);
  if (live !== null && !isFinalTaskState(live.state)) {
    const waits = live.state === 'pending' || live.state === 'held' || live.state === 'starting';
    // What ended by a signal is not run again, but the queue may be older than the end: who sent it is not known yet.
    return waits && end.reason === 'terminated' ? judgeLive(e, live) : WAIT;
  }
  if (e.absentMs === null) return WAIT;
  const past = finalRecord(e);
  if (past !== null) {
    // It had begun, so a cancel by root after no time is a cancel, not the trace of a preemption.
    if (past.state === 'cancelled' && end.reason === 'terminated') return { kind: 'cancelled' };
    return { kind: 'ended', end, failure: failureOf(past) };
  }
  // The scheduler still has it, whatever the queue shows: it may start anew.
  if (e.past.some((r) => !isFinalTaskState(r.state))) return WAIT;
  const processSeen = e.files !== null && e.files.alive !== null;
  const isSettled = processSeen ? e.pastAsked && e.absentMs >= patience.record : isForgotten(e, patience);
  return isSettled ? { kind: 'ended', end, failure: null } : WAIT;
}

/** It has left the queue, and the wrapper has told no end. */
function judgeAbsent(e: RunEvidence, files: RunFiles, patience: Patience): Judgement {
  const absent = e.absentMs ?? 0;
  const started = e.start !== null || files.started || files.owner !== null;
  const past = finalRecord(e);
  if (past !== null) {
    // The queue's memory does not tell who cancelled it; the accounting may, when it answers.
    const isUnclear = past.state === 'cancelled' && past.cancelledBy === null && !started && !e.cancelWanted;
    if (isUnclear && absent < patience.vanished) return WAIT;
    if (past.state === 'cancelled' && (e.cancelWanted || started || !isPreempted(past))) {
      return !started || absent >= patience.record ? { kind: 'cancelled' } : WAIT;
    }
    if (past.state === 'completed' || (past.state === 'failed' && past.exitCode === EXIT_DUPLICATE)) {
      if (absent < patience.completed) return WAIT;
      return {
        kind: 'failed',
        failure: {
          kind: 'lost',
          message: `the scheduler says ${past.rawState}, but the run left no record of its end`,
        },
      };
    }
    if (absent < patience.record) return WAIT;
    const known = failureOf(past);
    if (known !== null) return { kind: 'failed', failure: known };
    return { kind: 'failed', failure: brokenScript(past, started) };
  }
  if (e.past.some((r) => !isFinalTaskState(r.state))) return WAIT;
  // A host without a scheduler: its processes can be looked at, and one that has gone will not tell any more.
  if (files.alive === false && absent >= patience.record)
    return {
      kind: 'failed',
      failure: {
        kind: 'lost',
        message: 'the run was stopped from outside (its host restarted, or its processes were killed)',
      },
    };
  if (files.alive === true) return { kind: 'running', suspended: false };
  if (e.cancelWanted && e.cancelTold && e.pastAsked && e.absentLooks >= 2 && (!started || absent >= patience.record))
    return { kind: 'cancelled' };
  if (!isForgotten(e, patience)) return WAIT;
  const seen = started ? 'It started, and told no end.' : 'It never started.';
  return { kind: 'unknown', message: `The scheduler does not list it any more and has no record of its end. ${seen}` };
}

/** The queue has not shown it for long, and the scheduler's memory, asked about it, knows nothing. */
function isForgotten(e: RunEvidence, patience: Patience): boolean {
  return (e.absentMs ?? 0) >= patience.vanished && e.absentLooks >= 3 && e.pastAsked;
}

/** The record that says most: the newest by submission, then by start. */
function newest(records: readonly TaskRecord[]): TaskRecord | null {
  let best: TaskRecord | null = null;
  for (const r of records) {
    if (best === null || rank(r) > rank(best)) best = r;
  }
  return best;
}

/** A task that runs says more than a repeat that waits; among equals the newer one counts. */
function rank(r: TaskRecord): number {
  const order = { running: 4, suspended: 4, finishing: 3, starting: 3, pending: 2, held: 2 } as Partial<
    Record<string, number>
  >;
  return (order[r.state] ?? (r.state === 'unknown' ? 1 : 0)) * 1e11 + (r.startedAt ?? r.submittedAt ?? 0);
}

/** The final record of the array that owns the run; a repeat that found it claimed proves nothing about it. */
function finalRecord(e: RunEvidence): TaskRecord | null {
  const owner = e.start?.id ?? e.files?.owner ?? null;
  const final = e.past.filter((r) => isFinalTaskState(r.state) && (owner === null || r.id === owner));
  // While any id of the submission may still start it, nothing has ended.
  if (owner === null && e.past.some((r) => !isFinalTaskState(r.state))) return null;
  return final.reduce<TaskRecord | null>(
    (best, r) => (best === null || (r.endedAt ?? 0) > (best.endedAt ?? 0) ? r : best),
    null,
  );
}

/** With `--no-requeue` a preempted task shows as cancelled by root after no time at all. */
function isPreempted(r: TaskRecord): boolean {
  return r.state === 'preempted' || (r.state === 'cancelled' && r.cancelledBy === 0 && r.elapsedSeconds === 0);
}

/** What the scheduler knows about why it ended; null = nothing beyond an exit code. */
function failureOf(r: TaskRecord): Failure | null {
  const on = r.nodes === null ? '' : ` on ${r.nodes}`;
  switch (r.state) {
    case 'timeout':
      return { kind: 'timeout', message: `the scheduler stopped it at its time limit${on} (${r.rawState})` };
    case 'out-of-memory':
      return {
        kind: 'out-of-memory',
        message: `the scheduler stopped it for using more memory than it had asked for${on}`,
      };
    case 'node-fail':
      return { kind: 'node', message: `the node failed${on} (${r.rawState})` };
    case 'preempted':
      return { kind: 'preempted', message: `another job took its place${on} (${r.rawState})` };
    case 'revoked':
      return { kind: 'node', message: `the scheduler moved it to another cluster (${r.rawState})` };
    case 'cancelled':
      return isPreempted(r)
        ? { kind: 'preempted', message: `the scheduler took its place away before it began (${r.rawState})` }
        : null;
    default:
      return null;
  }
}

function brokenScript(r: TaskRecord, started: boolean): Failure {
  const how = r.signal !== null && r.signal > 0 ? `signal ${r.signal}` : `exit code ${r.exitCode ?? 'unknown'}`;
  return started
    ? {
        kind: 'lost',
        message: `its job script ended with ${how} and the run left no record of its end (${r.rawState})`,
      }
    : {
        kind: 'submit',
        message: `its job script ended with ${how} before the run began (${r.rawState}); see the scheduler's log`,
      };
}

function unpreparedFailure({ what, message }: { readonly what: string; readonly message: string }): Failure {
  const detail = message === '' ? '' : `: ${message}`;
  if (what === 'setup') return { kind: 'submit', message: `the set-up of the software failed${detail}` };
  if (what === 'inputs') return { kind: 'input', message: `the inputs could not be laid out on the node${detail}` };
  return { kind: 'input', message: `the run could not be prepared on the node${detail}` };
}
