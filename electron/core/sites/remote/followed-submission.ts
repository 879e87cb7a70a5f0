import type { Reading, TaskNumbering, TaskRecord } from '../../../../shared/domain/scheduler/types.ts';
import { isFinalTaskState } from '../../../../shared/domain/scheduler/types.ts';
import type { Submission } from '../../storage/submission-store.ts';
import type { EndRecord } from '../site.ts';
import type { Judgement, Patience } from './judge-run.ts';
import { judgeRun, PATIENCE } from './judge-run.ts';
import type { RunFiles, TaskEvent } from './look-script.ts';
import type { TaskNumbers } from './task-numbers.ts';
import { taskNumbers } from './task-numbers.ts';

interface Witness {
  start: { id: string; restarts: number; node: string } | null;
  /** Epoch seconds of the site's clock. */
  startedAt: number | null;
  end: EndRecord | null;
  unprepared: { what: string; message: string } | null;
  cancelledBeforeStart: boolean;
  live: readonly TaskRecord[];
  past: readonly TaskRecord[];
  files: RunFiles | null;
  absentSince: number | null;
  absentLooks: number;
  pastAsked: boolean;
}

const NONE: readonly TaskRecord[] = [];

function newWitness(): Witness {
  return {
    start: null,
    startedAt: null,
    end: null,
    unprepared: null,
    cancelledBeforeStart: false,
    live: NONE,
    past: NONE,
    files: null,
    absentSince: null,
    absentLooks: 0,
    pastAsked: false,
  };
}

/** Gathers what looks show of one submission's runs until each has ended. `now` is a clock that never jumps (milliseconds). */
export class FollowedSubmission {
  /** As stored; replaced with every step that it takes. */
  submission: Submission;
  /** Where to read on in each node's event file. */
  offsets = new Map<string, number>();
  /** Ids that have been seen at work besides the known ones: a repeat was accepted too. */
  readonly strangers = new Set<string>();
  readonly #open = new Map<number, Witness>();
  readonly #attempts: ReadonlyMap<number, number>;
  readonly #cancelWanted = new Set<number>();
  readonly #withdrawn = new Set<number>();
  readonly #cancelTold = new Set<number>();
  readonly #patience: Patience;
  readonly #numbers: TaskNumbers;

  /** `open`: the runs of it that have not ended. */
  constructor(
    submission: Submission,
    open: Iterable<number>,
    patience: Patience = PATIENCE,
    numbering: TaskNumbering = 'by-run',
  ) {
    this.#numbers = taskNumbers(submission, numbering);
    this.submission = submission;
    this.#patience = patience;
    this.#attempts = new Map(submission.runs.map((run, i) => [run, submission.attempts[i]!]));
    for (const run of open) if (this.#attempts.has(run)) this.#open.set(run, newWitness());
    for (const run of submission.cancels) this.wantCancel(run);
  }

  get openRuns(): IterableIterator<number> {
    return this.#open.keys();
  }

  get openCount(): number {
    return this.#open.size;
  }

  isOpen(run: number): boolean {
    return this.#open.has(run);
  }

  taskOf(run: number): number {
    return this.#numbers.taskOf(run);
  }

  wantCancel(run: number): void {
    this.#cancelWanted.add(run);
  }

  /** Runs that a person wants to end. */
  cancelsWanted(): number[] {
    return [...this.#cancelWanted];
  }

  /** No task may begin it any more: it is to be told as ended, and a try that is accepted late could still bring one. */
  withdraw(run: number): void {
    this.#withdrawn.add(run);
  }

  /** Open runs that the site has to be told to end. */
  toTell(): number[] {
    return [...this.#open.keys()].filter((run) => this.#cancelWanted.has(run) || this.#withdrawn.has(run));
  }

  /** Whether a task that the scheduler does not show yet may still begin it. */
  mayBeginLate(run: number): boolean {
    return this.submission.try > 1 && this.#open.get(run)?.start == null && !this.#cancelTold.has(run);
  }

  /** The site has been told that these runs are to end. */
  cancelsTold(runs: Iterable<number>): void {
    for (const run of runs) this.#cancelTold.add(run);
  }

  cancelIsWanted(run: number): boolean {
    return this.#cancelWanted.has(run);
  }

  /** The run has ended: nothing more is gathered about it. */
  close(run: number): void {
    this.#open.delete(run);
  }

  /** Where it runs, and when it began by the site's clock. */
  placeOf(run: number): {
    readonly id: string;
    readonly node: string;
    readonly restarts: number;
    readonly startedAt: number | null;
  } | null {
    const witness = this.#open.get(run);
    if (witness?.start == null) return null;
    return { ...witness.start, startedAt: witness.startedAt };
  }

  /** The scheduler's record of a run that waits or runs. */
  liveRecord(run: number): TaskRecord | null {
    return this.#open.get(run)?.live[0] ?? null;
  }

  applyEvents(events: readonly TaskEvent[]): void {
    for (const event of events) {
      const witness = this.#open.get(event.run);
      if (witness === undefined || this.#attempts.get(event.run) !== event.attempt) continue;
      if (event.kind !== 'duplicate' && !this.submission.ids.includes(event.id)) this.strangers.add(event.id);
      switch (event.kind) {
        case 'start':
          if (witness.start !== null && event.restarts < witness.start.restarts) break;
          witness.start = { id: event.id, restarts: event.restarts, node: event.node };
          witness.startedAt = event.at;
          if (witness.end !== null && witness.end.reason === 'terminated') witness.end = null;
          witness.unprepared = null;
          witness.cancelledBeforeStart = false;
          witness.files = null;
          break;
        case 'end':
          if (witness.start !== null && event.restarts < witness.start.restarts) break;
          witness.end = event.end;
          break;
        case 'unprepared':
          // What a repeat met with says nothing about the run that another task has.
          if (witness.start !== null && witness.start.id !== event.id) break;
          witness.unprepared = { what: event.what, message: event.message };
          break;
        case 'cancelled':
          if (witness.start !== null && witness.start.id !== event.id) break;
          witness.cancelledBeforeStart = true;
          break;
        case 'duplicate':
          break;
      }
    }
  }

  /** A look at the queue; only a successful one changes anything. Records of other names are not ours, whatever their id. */
  applyQueue(reading: Reading, now: number): void {
    if (reading.kind !== 'read') return;
    const live = this.#byRun(reading.records);
    for (const [run, witness] of this.#open) {
      const records = live.get(run) ?? NONE;
      witness.live = records;
      if (records.length > 0) {
        witness.absentSince = null;
        witness.absentLooks = 0;
        witness.files = null;
        witness.past = NONE;
        witness.pastAsked = false;
      } else {
        witness.absentSince ??= now;
        witness.absentLooks++;
      }
    }
  }

  /** What the accounting, or the queue's memory, says of runs that have left the queue. `whole`: what it does not show is not there. */
  applyPast(reading: Reading, whole: boolean): void {
    if (reading.kind !== 'read') return;
    const past = this.#byRun(reading.records);
    for (const [run, witness] of this.#open) {
      const records = past.get(run);
      if (witness.absentSince === null || (records === undefined && !whole)) continue;
      witness.past = records ?? NONE;
      witness.pastAsked = true;
    }
  }

  /** Whether a reading tells the end of each of these runs. */
  isSettledBy(reading: Reading, runs: readonly number[]): boolean {
    if (reading.kind !== 'read') return false;
    const found = this.#byRun(reading.records);
    return runs.every((run) => found.get(run)?.some((record) => isFinalTaskState(record.state)) ?? false);
  }

  applyFiles(files: readonly RunFiles[]): void {
    for (const seen of files) {
      const witness = this.#open.get(seen.run);
      if (witness === undefined) continue;
      witness.files = seen;
      if (seen.owner !== null && !this.submission.ids.includes(seen.owner)) this.strangers.add(seen.owner);
    }
  }

  /** Runs that have left the queue without a final word, which a second look may settle; at most `limit`. */
  suspects(limit: number): number[] {
    const found: number[] = [];
    for (const [run, witness] of this.#open) {
      if (witness.absentSince === null) continue;
      if (witness.end !== null && !needsScheduler(witness.end)) continue;
      if (witness.unprepared !== null || witness.cancelledBeforeStart) continue;
      found.push(run);
      if (found.length === limit) break;
    }
    return found;
  }

  /** Nothing will begin what is left any more: no living task, and runs that nobody has claimed. True only of hosts whose own runner was killed. */
  neverStarting(): boolean {
    let orphan = false;
    for (const [run, witness] of this.#open) {
      if (witness.live.length > 0) return false;
      if (witness.absentLooks < 2 || witness.files === null || this.#cancelWanted.has(run)) continue;
      if (witness.start === null && witness.files.owner === null) orphan = true;
    }
    return orphan;
  }

  attemptOf(run: number): number {
    return this.#attempts.get(run)!;
  }

  judge(run: number, now: number): Judgement {
    const witness = this.#open.get(run);
    if (witness === undefined) return { kind: 'wait' };
    const { absentSince, ...rest } = witness;
    return judgeRun(
      {
        ...rest,
        absentMs: absentSince === null ? null : now - absentSince,
        cancelWanted: this.#cancelWanted.has(run),
        cancelTold: this.#cancelTold.has(run),
      },
      this.#patience,
    );
  }

  #byRun(records: readonly TaskRecord[]): Map<number, TaskRecord[]> {
    const found = new Map<number, TaskRecord[]>();
    for (const record of records) {
      if (record.name !== this.submission.token) continue;
      for (const task of record.tasks) {
        const run = this.#numbers.runOf(task);
        if (run === null || !this.#open.has(run)) continue;
        const known = found.get(run);
        if (known === undefined) found.set(run, [record]);
        else known.push(record);
      }
    }
    return found;
  }
}

function needsScheduler(end: EndRecord): boolean {
  return end.reason === 'terminated' || end.signal === 'SIGKILL' || end.signal === 'SIGTERM';
}
