import type { Database } from 'better-sqlite3';
import type {
  TransferOptions,
  TransferProblem,
  TransferRequest,
  TransferState,
} from '../../../shared/contract/transfers.ts';

export type TransferDirection = 'up' | 'down' | 'local';
export type TransferPriority = TransferOptions['priority'];

/** What a plan has found, without the files themselves. */
export interface PlanSummary {
  /** The folder (or key prefix) at the target that target paths are relative to, as the end calls it. */
  readonly targetRoot: string;
  /** The folders that source paths are relative to. */
  readonly sourceRoots: readonly string[];
  readonly newFiles: number;
  readonly changedFiles: number;
  readonly sameFiles: number;
  readonly extraFiles: number;
  readonly newFolders: number;
  /** Bytes of new and changed files. */
  readonly bytes: number;
  readonly ways: readonly string[];
}

/** One transfer as it is stored. */
export interface TransferRow {
  readonly id: string;
  readonly request: TransferRequest;
  readonly direction: TransferDirection;
  readonly priority: TransferPriority;
  readonly state: TransferState;
  readonly message: string | null;
  readonly hint: string | null;
  /** Null = not planned yet. */
  readonly plan: PlanSummary | null;
  readonly totalFiles: number;
  readonly totalBytes: number;
  /** Files that are at the target whole, under their names or still aside. */
  readonly arrivedFiles: number;
  readonly arrivedBytes: number;
  readonly reusedBytes: number;
  readonly problemCount: number;
  readonly conflictCount: number;
  /** The folder watch that began it. */
  readonly watch: string | null;
  /** UTC milliseconds. */
  readonly createdAt: number;
  readonly endedAt: number | null;
}

interface Raw {
  id: string;
  request: string;
  direction: TransferDirection;
  priority: TransferPriority;
  state: TransferState;
  message: string | null;
  hint: string | null;
  plan: string | null;
  total_files: number;
  total_bytes: number;
  arrived_files: number;
  arrived_bytes: number;
  reused_bytes: number;
  problem_count: number;
  conflict_count: number;
  watch: string | null;
  created_at: number;
  ended_at: number | null;
}

function toRow(raw: Raw): TransferRow {
  return {
    id: raw.id,
    request: JSON.parse(raw.request) as TransferRequest,
    direction: raw.direction,
    priority: raw.priority,
    state: raw.state,
    message: raw.message,
    hint: raw.hint,
    plan: raw.plan === null ? null : (JSON.parse(raw.plan) as PlanSummary),
    totalFiles: raw.total_files,
    totalBytes: raw.total_bytes,
    arrivedFiles: raw.arrived_files,
    arrivedBytes: raw.arrived_bytes,
    reusedBytes: raw.reused_bytes,
    problemCount: raw.problem_count,
    conflictCount: raw.conflict_count,
    watch: raw.watch,
    createdAt: raw.created_at,
    endedAt: raw.ended_at,
  };
}

/** Where a transfer stands, with what a person is told of it. */
export interface TransferStanding {
  readonly state: TransferState;
  readonly message?: string | null;
  readonly hint?: string | null;
  readonly endedAt?: number | null;
}

/** Transfers that were asked for, and what went wrong with them. Their files are in `TransferFileStore`. Those of jobs are in `JobMoveStore`. */
export class TransferStore {
  readonly #db: Database;
  readonly #insert;
  readonly #get;
  readonly #byRequest;
  readonly #list;
  readonly #idsGoingOn;
  readonly #stand;
  readonly #savePlan;
  readonly #setPriority;
  readonly #addReused;
  readonly #remove;
  readonly #addProblem;
  readonly #problems;
  readonly #clearProblems;
  readonly #count;
  readonly #errors;
  readonly #limit;
  readonly #setLimit;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO transfer (id, request_id, request, direction, priority, state, watch, created_at)
       VALUES (@id, @requestId, @request, @direction, @priority, 'queued', @watch, @createdAt)`,
    );
    this.#get = db.prepare<[string], Raw>('SELECT * FROM transfer WHERE id = ? AND job IS NULL');
    this.#byRequest = db.prepare<[string], Raw>('SELECT * FROM transfer WHERE request_id = ?');
    this.#list = db.prepare<[], Raw>('SELECT * FROM transfer WHERE job IS NULL ORDER BY created_at DESC, rowid DESC');
    this.#idsGoingOn = db
      .prepare<[], string>(`SELECT id FROM transfer WHERE state NOT IN ('done', 'cancelled')`)
      .pluck();
    this.#stand = db.prepare(
      'UPDATE transfer SET state = @state, message = @message, hint = @hint, ended_at = @endedAt WHERE id = @id',
    );
    this.#savePlan = db.prepare('UPDATE transfer SET plan = ? WHERE id = ?');
    this.#setPriority = db.prepare('UPDATE transfer SET priority = ? WHERE id = ?');
    this.#addReused = db.prepare('UPDATE transfer SET reused_bytes = reused_bytes + ? WHERE id = ?');
    this.#remove = db.prepare('DELETE FROM transfer WHERE id = ?');
    this.#addProblem = db.prepare(
      'INSERT INTO transfer_problem (transfer_id, path, severity, message, hint) VALUES (?, ?, ?, ?, ?)',
    );
    this.#problems = db.prepare<[string, number, number], TransferProblem>(
      'SELECT path, severity, message, hint FROM transfer_problem WHERE transfer_id = ? ORDER BY severity, id LIMIT ? OFFSET ?',
    );
    this.#clearProblems = db.prepare('DELETE FROM transfer_problem WHERE transfer_id = ?');
    this.#errors = db
      .prepare<[string], number>("SELECT count(*) FROM transfer_problem WHERE transfer_id = ? AND severity = 'error'")
      .pluck();
    this.#limit = db.prepare<[], number | null>('SELECT bytes_per_second FROM transfer_limit').pluck();
    this.#setLimit = db.prepare('INSERT OR REPLACE INTO transfer_limit (id, bytes_per_second) VALUES (1, ?)');
    this.#count = db.prepare(
      `UPDATE transfer SET problem_count = (SELECT count(*) FROM transfer_problem WHERE transfer_id = transfer.id) WHERE id = ?`,
    );
  }

  insert(transfer: {
    readonly id: string;
    readonly requestId: string;
    readonly request: TransferRequest;
    readonly direction: TransferDirection;
    readonly watch: string | null;
    readonly createdAt: number;
  }): void {
    const { request } = transfer;
    this.#insert.run({ ...transfer, request: JSON.stringify(request), priority: request.options.priority });
  }

  /** Ids of those that go on by themselves or can be tried again. */
  idsGoingOn(): ReadonlySet<string> {
    return new Set(this.#idsGoingOn.all());
  }

  get(id: string): TransferRow | null {
    const raw = this.#get.get(id);
    return raw === undefined ? null : toRow(raw);
  }

  byRequest(requestId: string): TransferRow | null {
    const raw = this.#byRequest.get(requestId);
    return raw === undefined ? null : toRow(raw);
  }

  /** All, newest first. */
  list(): TransferRow[] {
    return this.#list.all().map(toRow);
  }

  /** Writes down where a transfer stands; what is not given becomes null. */
  stand(id: string, { state, message = null, hint = null, endedAt = null }: TransferStanding): void {
    this.#stand.run({ id, state, message, hint, endedAt });
  }

  savePlan(id: string, plan: PlanSummary | null): void {
    this.#savePlan.run(plan === null ? null : JSON.stringify(plan), id);
  }

  setPriority(id: string, priority: TransferPriority): void {
    this.#setPriority.run(priority, id);
  }

  /** Bytes that need not travel, because the target has their contents. */
  addReused(id: string, bytes: number): void {
    this.#addReused.run(bytes, id);
  }

  remove(id: string): void {
    this.#remove.run(id);
  }

  addProblems(id: string, problems: readonly TransferProblem[]): void {
    if (problems.length === 0) return;
    this.#db.transaction(() => {
      for (const { path, severity, message, hint } of problems) this.#addProblem.run(id, path, severity, message, hint);
      this.#count.run(id);
    })();
  }

  /** Errors before warnings, in the order in which they happened. */
  problems(id: string, offset: number, limit: number): TransferProblem[] {
    return this.#problems.all(id, limit, offset);
  }

  /** How much did not get there. */
  errorCount(id: string): number {
    return this.#errors.get(id)!;
  }

  clearProblems(id: string): void {
    this.#db.transaction(() => {
      this.#clearProblems.run(id);
      this.#count.run(id);
    })();
  }

  /** Bytes per second of all transfers together; null = none. */
  get limit(): number | null {
    return this.#limit.get() ?? null;
  }

  setLimit(bytesPerSecond: number | null): void {
    this.#setLimit.run(bytesPerSecond);
  }
}
