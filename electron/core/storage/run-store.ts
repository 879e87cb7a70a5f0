import type { Database } from 'better-sqlite3';
import type { OutputValue } from '../../../shared/contract/common.ts';
import type { Problem } from '../../../shared/domain/problem.ts';
import type { CountName, Failure, RunState } from '../../../shared/domain/run-state.ts';
import { countOf, stateLetter } from '../../../shared/domain/run-state.ts';

export interface RunRow {
  readonly run: number;
  readonly state: RunState;
  readonly attempt: number;
  readonly failure: Failure | null;
  readonly exitCode: number | null;
  readonly wallSeconds: number | null;
  /** Texts in the order of the job's variables. */
  readonly values: readonly string[];
  readonly outputs: Record<string, OutputValue> | null;
  readonly problems: readonly Problem[];
}

export interface AttemptRow {
  readonly attempt: number;
  readonly state: RunState;
  readonly failure: Failure | null;
  readonly exitCode: number | null;
  readonly wallSeconds: number | null;
  readonly peakMemoryBytes: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  /** Name of the submission at a scheduler; null on this workstation. */
  readonly token: string | null;
  readonly schedulerId: string | null;
  readonly node: string | null;
  readonly restarts: number;
}

/** Where an attempt is on a remote site; what is left out stays as it was. */
export interface AttemptPlace {
  readonly token?: string;
  readonly schedulerId?: string;
  readonly node?: string;
  readonly restarts?: number;
}

/** One step of a run, journaled as an event and projected on run, attempt and the job's counts. */
export interface RunChange {
  readonly job: string;
  readonly run: number;
  readonly attempt: number;
  readonly from: RunState;
  readonly to: RunState;
  /** UTC milliseconds. */
  readonly at: number;
  readonly failure?: Failure | null;
  readonly startedAt?: number;
  readonly place?: AttemptPlace;
  /** What is known at the end of an attempt. */
  readonly end?: {
    readonly exitCode: number | null;
    readonly wallSeconds: number | null;
    readonly peakMemoryBytes: number | null;
    readonly endedAt: number;
    readonly outputs: Record<string, OutputValue>;
    readonly problems: readonly Problem[];
  };
}

interface RawRun {
  run: number;
  state: RunState;
  attempt: number;
  failure_kind: string | null;
  failure_message: string | null;
  exit_code: number | null;
  wall_seconds: number | null;
  inputs: string;
  outputs: string | null;
  problems: string | null;
}

interface RawAttempt extends Omit<RawRun, 'run' | 'inputs' | 'outputs' | 'problems'> {
  peak_memory: number | null;
  started_at: number | null;
  ended_at: number | null;
  token: string | null;
  scheduler_id: string | null;
  node: string | null;
  restarts: number;
}

function toFailure(kind: string | null, message: string | null): Failure | null {
  return kind === null ? null : { kind: kind as Failure['kind'], message: message ?? '' };
}

function toRun(raw: RawRun): RunRow {
  return {
    run: raw.run,
    state: raw.state,
    attempt: raw.attempt,
    failure: toFailure(raw.failure_kind, raw.failure_message),
    exitCode: raw.exit_code,
    wallSeconds: raw.wall_seconds,
    values: JSON.parse(raw.inputs) as string[],
    outputs: raw.outputs === null ? null : (JSON.parse(raw.outputs) as Record<string, OutputValue>),
    problems: raw.problems === null ? [] : (JSON.parse(raw.problems) as Problem[]),
  };
}

function whole(value: number | null | undefined): number | null {
  return value == null ? null : Math.round(value);
}

const RUN_COLUMNS =
  'run, state, attempt, failure_kind, failure_message, exit_code, wall_seconds, inputs, outputs, problems';

/** What a results table can be sorted by; `index` counts variables from 0. */
export type SortKey =
  | { readonly kind: 'run' | 'state' | 'wallSeconds' | 'exitCode' }
  | { readonly kind: 'value'; readonly index: number; readonly numeric: boolean }
  | { readonly kind: 'output'; readonly name: string };

/** The SQL expression of a sort key; names travel as bound JSON paths, never as SQL. */
function keyExpression(sort: SortKey): { key: string; bound: Record<string, string> } {
  switch (sort.kind) {
    case 'run':
    case 'state':
      return { key: sort.kind, bound: {} };
    case 'wallSeconds':
      return { key: 'wall_seconds', bound: {} };
    case 'exitCode':
      return { key: 'exit_code', bound: {} };
    case 'value':
      return {
        key: sort.numeric ? 'CAST(inputs ->> @path AS REAL)' : 'inputs ->> @path',
        bound: { path: `$[${sort.index}]` },
      };
    case 'output':
      return { key: 'outputs ->> @path', bound: { path: `$."${sort.name}"` } };
  }
}

/** Runs, attempts and their journal. Every change goes through `apply`, in batches, one transaction per batch. */
export class RunStore {
  readonly #db: Database;
  readonly #insert;
  readonly #event;
  readonly #setState;
  readonly #setEnd;
  readonly #reset;
  readonly #attempt;
  readonly #counts;
  readonly #get;
  readonly #range;
  readonly #states;
  readonly #inState;
  readonly #attempts;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare(`INSERT INTO run (job_id, run, state, attempt, inputs) VALUES (?, ?, 'planned', 1, ?)`);
    this.#event = db.prepare(
      'INSERT INTO run_event (job_id, run, attempt, state, at, detail) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#setState = db.prepare(
      'UPDATE run SET state = ?, attempt = ?, failure_kind = ?, failure_message = ? WHERE job_id = ? AND run = ?',
    );
    this.#setEnd = db.prepare(
      'UPDATE run SET exit_code = ?, wall_seconds = ?, outputs = ?, problems = ? WHERE job_id = ? AND run = ?',
    );
    this.#reset = db.prepare(
      'UPDATE run SET exit_code = NULL, wall_seconds = NULL, outputs = NULL, problems = NULL WHERE job_id = ? AND run = ?',
    );
    this.#attempt = db.prepare(
      `INSERT INTO attempt (job_id, run, attempt, state, failure_kind, failure_message, exit_code, wall_seconds, peak_memory, started_at, ended_at,
         token, scheduler_id, node, restarts)
       VALUES (@job, @run, @attempt, @state, @failureKind, @failureMessage, @exitCode, @wallSeconds, @peakMemory, @startedAt, @endedAt,
         @token, @schedulerId, @node, coalesce(@restarts, 0))
       ON CONFLICT DO UPDATE SET state = excluded.state, failure_kind = excluded.failure_kind, failure_message = excluded.failure_message,
         exit_code = coalesce(excluded.exit_code, exit_code), wall_seconds = coalesce(excluded.wall_seconds, wall_seconds),
         peak_memory = coalesce(excluded.peak_memory, peak_memory), started_at = coalesce(excluded.started_at, started_at),
         ended_at = coalesce(excluded.ended_at, ended_at), token = coalesce(excluded.token, token),
         scheduler_id = coalesce(excluded.scheduler_id, scheduler_id), node = coalesce(excluded.node, node),
         restarts = coalesce(@restarts, restarts)`,
    );
    this.#counts = db.prepare(
      `UPDATE job SET done = done + @done, failed = failed + @failed, running = running + @running, queued = queued + @queued,
         cancelled = cancelled + @cancelled, unknown = unknown + @unknown, wall_sum = wall_sum + @wallSum,
         wall_count = wall_count + @wallCount WHERE id = @job`,
    );
    this.#get = db.prepare<[string, number], RawRun>(`SELECT ${RUN_COLUMNS} FROM run WHERE job_id = ? AND run = ?`);
    this.#range = db.prepare<[string, number, number], RawRun>(
      `SELECT ${RUN_COLUMNS} FROM run WHERE job_id = ? AND run >= ? ORDER BY run LIMIT ?`,
    );
    this.#states = db
      .prepare<[string], [RunState, number]>('SELECT state, attempt FROM run WHERE job_id = ? ORDER BY run')
      .raw();
    this.#inState = db.prepare<[string, string], { run: number }>(
      'SELECT run FROM run WHERE job_id = ? AND state IN (SELECT value FROM json_each(?)) ORDER BY run',
    );
    this.#attempts = db.prepare<[string, number], RawAttempt>(
      'SELECT * FROM attempt WHERE job_id = ? AND run = ? ORDER BY attempt',
    );
  }

  /** Adds planned runs `first`, `first + 1`, … with their values. */
  insertPlanned(job: string, first: number, rows: readonly (readonly string[])[]): void {
    this.#db.transaction(() => {
      rows.forEach((values, i) => this.#insert.run(job, first + i, JSON.stringify(values)));
    })();
  }

  /** Journals and projects a batch of changes in one transaction. */
  apply(changes: readonly RunChange[]): void {
    if (changes.length === 0) return;
    this.#db.transaction(() => {
      const perJob = new Map<string, Record<CountName | 'wallSum' | 'wallCount', number>>();
      for (const change of changes) {
        const { job, run, attempt, to } = change;
        const failure = change.failure ?? null;
        this.#event.run(job, run, attempt, to, change.at, failure === null ? null : JSON.stringify(failure));
        this.#setState.run(to, attempt, failure?.kind ?? null, failure?.message ?? null, job, run);
        const { end } = change;
        if (end !== undefined) {
          this.#setEnd.run(
            end.exitCode,
            end.wallSeconds,
            JSON.stringify(end.outputs),
            end.problems.length === 0 ? null : JSON.stringify(end.problems),
            job,
            run,
          );
        } else if (to === 'planned') {
          this.#reset.run(job, run);
        }
        if (to !== 'planned' && to !== 'staged') this.#saveAttempt(change);
        let counts = perJob.get(job);
        if (counts === undefined) {
          counts = { done: 0, failed: 0, running: 0, queued: 0, cancelled: 0, unknown: 0, wallSum: 0, wallCount: 0 };
          perJob.set(job, counts);
        }
        counts[countOf(change.from)]--;
        counts[countOf(to)]++;
        if (end?.wallSeconds != null && to === 'done') {
          counts.wallSum += end.wallSeconds;
          counts.wallCount++;
        }
      }
      for (const [job, counts] of perJob) this.#counts.run({ job, ...counts });
    })();
  }

  #saveAttempt(change: RunChange): void {
    this.#attempt.run({
      job: change.job,
      run: change.run,
      attempt: change.attempt,
      state: change.to,
      failureKind: change.failure?.kind ?? null,
      failureMessage: change.failure?.message ?? null,
      exitCode: change.end?.exitCode ?? null,
      wallSeconds: change.end?.wallSeconds ?? null,
      peakMemory: whole(change.end?.peakMemoryBytes),
      startedAt: whole(change.startedAt),
      endedAt: whole(change.end?.endedAt),
      token: change.place?.token ?? null,
      schedulerId: change.place?.schedulerId ?? null,
      node: change.place?.node ?? null,
      restarts: change.place?.restarts ?? null,
    });
  }

  get(job: string, run: number): RunRow | null {
    const raw = this.#get.get(job, run);
    return raw === undefined ? null : toRun(raw);
  }

  /** Up to `limit` runs from number `first` on, in order. */
  range(job: string, first: number, limit: number): RunRow[] {
    return this.#range.all(job, first, limit).map(toRun);
  }

  /** State letters of all runs and their attempt numbers, run 1 first. */
  states(job: string): { letters: string; attempts: number[] } {
    const letters: string[] = [];
    const attempts: number[] = [];
    for (const [state, attempt] of this.#states.iterate(job)) {
      letters.push(stateLetter(state));
      attempts.push(attempt);
    }
    return { letters: letters.join(''), attempts };
  }

  /** Numbers of the runs in any of the states, ascending. */
  inState(job: string, states: readonly RunState[]): number[] {
    return this.#inState.all(job, JSON.stringify(states)).map((row) => row.run);
  }

  attempts(job: string, run: number): AttemptRow[] {
    return this.#attempts.all(job, run).map((raw) => ({
      attempt: raw.attempt,
      state: raw.state,
      failure: toFailure(raw.failure_kind, raw.failure_message),
      exitCode: raw.exit_code,
      wallSeconds: raw.wall_seconds,
      peakMemoryBytes: raw.peak_memory,
      startedAt: raw.started_at,
      endedAt: raw.ended_at,
      token: raw.token,
      schedulerId: raw.scheduler_id,
      node: raw.node,
      restarts: raw.restarts,
    }));
  }

  /** A page of the results table, sorted and filtered by SQL; empty values sort last. */
  page(
    job: string,
    options: { offset: number; limit: number; sort: SortKey; descending: boolean; states: readonly RunState[] | null },
  ): { total: number; rows: RunRow[] } {
    const filter = options.states === null ? '' : 'AND state IN (SELECT value FROM json_each(@states))';
    const parameters = {
      job,
      states: JSON.stringify(options.states ?? []),
      limit: options.limit,
      offset: options.offset,
    };
    const { sort } = options;
    const { key, bound } = keyExpression(sort);
    const direction = options.descending ? 'DESC' : 'ASC';
    const rows = this.#db
      .prepare<unknown[], RawRun>(
        `SELECT ${RUN_COLUMNS} FROM run WHERE job_id = @job ${filter} ORDER BY ${key} IS NULL, ${key} ${direction}, run LIMIT @limit OFFSET @offset`,
      )
      .all({ ...parameters, ...bound });
    const total = this.#db
      .prepare<unknown[], { n: number }>(`SELECT count(*) AS n FROM run WHERE job_id = @job ${filter}`)
      .get(parameters)!.n;
    return { total, rows: rows.map(toRun) };
  }

  /** One column of all runs, run 1 first; what is no number is null. */
  column(job: string, sort: SortKey): (number | null)[] {
    const { key, bound } = keyExpression(sort);
    const rows = this.#db
      .prepare<unknown[], { value: unknown }>(`SELECT ${key} AS value FROM run WHERE job_id = @job ORDER BY run`)
      .all({ job, ...bound });
    return rows.map((row) => (typeof row.value === 'number' && Number.isFinite(row.value) ? row.value : null));
  }
}
