import type { Database } from 'better-sqlite3';
import type { RunCounts } from '../../../shared/domain/run-state.ts';

/** A job as stored. Times are UTC milliseconds. `plan` is the frozen JobPlan as JSON text. */
export interface JobRow {
  readonly id: string;
  readonly requestId: string;
  readonly name: string;
  readonly type: 'basic' | 'doe';
  readonly site: string;
  readonly folder: string;
  readonly source: string;
  readonly specText: string;
  readonly plan: string;
  /** Columns of outputs as JSON text; grows when runs define outputs of their own (`name<TAB>value` lines). */
  readonly outputs: string;
  readonly cancelling: boolean;
  readonly submittedAt: number;
  readonly finishedAt: number | null;
  readonly counts: RunCounts;
  /** Sum and number of the wall seconds of ended runs. */
  readonly wallSum: number;
  readonly wallCount: number;
}

export type NewJob = Omit<JobRow, 'cancelling' | 'finishedAt' | 'counts' | 'wallSum' | 'wallCount'> & {
  readonly total: number;
};

interface Raw extends RunCounts {
  id: string;
  request_id: string;
  name: string;
  type: 'basic' | 'doe';
  site: string;
  folder: string;
  source: string;
  spec_text: string;
  plan: string;
  outputs: string;
  cancelling: number;
  submitted_at: number;
  finished_at: number | null;
  wall_sum: number;
  wall_count: number;
}

function toRow(raw: Raw): JobRow {
  const { total, done, failed, running, queued, cancelled, unknown } = raw;
  return {
    id: raw.id,
    requestId: raw.request_id,
    name: raw.name,
    type: raw.type,
    site: raw.site,
    folder: raw.folder,
    source: raw.source,
    specText: raw.spec_text,
    plan: raw.plan,
    outputs: raw.outputs,
    cancelling: raw.cancelling === 1,
    submittedAt: raw.submitted_at,
    finishedAt: raw.finished_at,
    counts: { total, done, failed, running, queued, cancelled, unknown },
    wallSum: raw.wall_sum,
    wallCount: raw.wall_count,
  };
}

const LIVE = 'ready = 1 AND removed_at IS NULL';

/** Jobs. A job is visible once it is `ready`: its folder and all its runs are there. */
export class JobStore {
  readonly #insert;
  readonly #setReady;
  readonly #deleteUnready;
  readonly #get;
  readonly #byRequest;
  readonly #byPrefix;
  readonly #last;
  readonly #list;
  readonly #unfinished;
  readonly #setCancelling;
  readonly #setFinished;
  readonly #setOutputs;
  readonly #markRemoved;
  readonly #removed;
  readonly #erase;
  readonly #requestSeen;
  readonly #requestAdd;

  constructor(db: Database) {
    this.#insert = db.prepare(
      `INSERT INTO job (id, request_id, name, type, site, folder, source, spec_text, plan, outputs, submitted_at, total, queued)
       VALUES (@id, @requestId, @name, @type, @site, @folder, @source, @specText, @plan, @outputs, @submittedAt, @total, @total)`,
    );
    this.#setReady = db.prepare('UPDATE job SET ready = 1 WHERE id = ?');
    this.#deleteUnready = db.prepare<[], { folder: string }>('DELETE FROM job WHERE ready = 0 RETURNING folder');
    this.#get = db.prepare<[string], Raw>(`SELECT * FROM job WHERE id = ? AND ${LIVE}`);
    this.#byRequest = db.prepare<[string], Raw>('SELECT * FROM job WHERE request_id = ? AND ready = 1');
    this.#byPrefix = db.prepare<[string, string], Raw>(
      `SELECT * FROM job WHERE id >= ? AND id < ? AND ${LIVE} LIMIT 2`,
    );
    this.#last = db.prepare<[], Raw>(`SELECT * FROM job WHERE ${LIVE} ORDER BY submitted_at DESC, rowid DESC LIMIT 1`);
    this.#list = db.prepare<[number], Raw>(
      `SELECT * FROM job WHERE ${LIVE} ORDER BY submitted_at DESC, rowid DESC LIMIT ?`,
    );
    this.#unfinished = db.prepare<[], Raw>(
      `SELECT * FROM job WHERE ${LIVE} AND finished_at IS NULL ORDER BY submitted_at, rowid`,
    );
    this.#setCancelling = db.prepare('UPDATE job SET cancelling = ? WHERE id = ?');
    this.#setFinished = db.prepare('UPDATE job SET finished_at = ?, cancelling = 0 WHERE id = ?');
    this.#setOutputs = db.prepare('UPDATE job SET outputs = ? WHERE id = ?');
    this.#markRemoved = db.prepare('UPDATE job SET removed_at = ? WHERE id = ?');
    this.#removed = db.prepare<[], { id: string; folder: string }>(
      'SELECT id, folder FROM job WHERE removed_at IS NOT NULL',
    );
    this.#erase = db.prepare('DELETE FROM job WHERE id = ?');
    this.#requestSeen = db.prepare<[string], { id: string }>('SELECT id FROM request WHERE id = ?');
    this.#requestAdd = db.prepare('INSERT INTO request VALUES (?, ?)');
  }

  insert(job: NewJob): void {
    this.#insert.run(job);
  }

  setReady(id: string): void {
    this.#setReady.run(id);
  }

  /** Drops jobs whose submission was interrupted; returns their folders. */
  deleteUnready(): string[] {
    return this.#deleteUnready.all().map((row) => row.folder);
  }

  get(id: string): JobRow | null {
    const raw = this.#get.get(id);
    return raw === undefined ? null : toRow(raw);
  }

  byRequest(requestId: string): JobRow | null {
    const raw = this.#byRequest.get(requestId);
    return raw === undefined ? null : toRow(raw);
  }

  /** At most two jobs whose id begins with `prefix`: two mean that it is ambiguous. */
  byPrefix(prefix: string): JobRow[] {
    return this.#byPrefix.all(prefix, `${prefix}\u{10ffff}`).map(toRow);
  }

  last(): JobRow | null {
    const raw = this.#last.get();
    return raw === undefined ? null : toRow(raw);
  }

  /** Newest first. */
  list(limit: number): JobRow[] {
    return this.#list.all(limit).map(toRow);
  }

  /** Oldest first. */
  unfinished(): JobRow[] {
    return this.#unfinished.all().map(toRow);
  }

  setCancelling(id: string, cancelling: boolean): void {
    this.#setCancelling.run(cancelling ? 1 : 0, id);
  }

  setFinished(id: string, at: number | null): void {
    this.#setFinished.run(at, id);
  }

  setOutputs(id: string, outputs: string): void {
    this.#setOutputs.run(outputs, id);
  }

  markRemoved(id: string, at: number): void {
    this.#markRemoved.run(at, id);
  }

  /** Jobs marked as removed whose folders may still be there. */
  removed(): { id: string; folder: string }[] {
    return this.#removed.all();
  }

  erase(id: string): void {
    this.#erase.run(id);
  }

  /** True the first time a request id is seen; commands with effects use it so that a repeat is harmless. */
  firstTime(requestId: string, now: number): boolean {
    if (this.#requestSeen.get(requestId) !== undefined) return false;
    this.#requestAdd.run(requestId, now);
    return true;
  }
}
