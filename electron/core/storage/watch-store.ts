import type { Database } from 'better-sqlite3';
import type { Place } from '../../../shared/domain/transfer/place.ts';
import type { TransferOptions } from '../../../shared/contract/transfers.ts';

/** A folder that is kept in step with another. */
export interface WatchRow {
  readonly id: string;
  readonly from: Place;
  readonly to: Place;
  readonly options: TransferOptions;
  readonly enabled: boolean;
  /** UTC milliseconds; when both sides were last seen to be the same. */
  readonly inStepAt: number | null;
}

interface Raw {
  id: string;
  request: string;
  enabled: number;
  in_step_at: number | null;
}

function toRow({ id, request, enabled, in_step_at: inStepAt }: Raw): WatchRow {
  return {
    id,
    ...(JSON.parse(request) as Pick<WatchRow, 'from' | 'to' | 'options'>),
    enabled: enabled === 1,
    inStepAt,
  };
}

/** Folder watches. */
export class WatchStore {
  readonly #insert;
  readonly #byRequest;
  readonly #get;
  readonly #list;
  readonly #enable;
  readonly #inStep;
  readonly #remove;

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO folder_watch (id, request_id, request, enabled, created_at) VALUES (@id, @requestId, @request, 1, @createdAt)',
    );
    this.#byRequest = db.prepare<[string], Raw>('SELECT * FROM folder_watch WHERE request_id = ?');
    this.#get = db.prepare<[string], Raw>('SELECT * FROM folder_watch WHERE id = ?');
    this.#list = db.prepare<[], Raw>('SELECT * FROM folder_watch ORDER BY created_at, rowid');
    this.#enable = db.prepare('UPDATE folder_watch SET enabled = ? WHERE id = ?');
    this.#inStep = db.prepare('UPDATE folder_watch SET in_step_at = ? WHERE id = ?');
    this.#remove = db.prepare('DELETE FROM folder_watch WHERE id = ?');
  }

  insert(watch: {
    readonly id: string;
    readonly requestId: string;
    readonly from: Place;
    readonly to: Place;
    readonly options: TransferOptions;
    readonly createdAt: number;
  }): void {
    const { id, requestId, createdAt, from, to, options } = watch;
    this.#insert.run({ id, requestId, createdAt, request: JSON.stringify({ from, to, options }) });
  }

  byRequest(requestId: string): WatchRow | null {
    const raw = this.#byRequest.get(requestId);
    return raw === undefined ? null : toRow(raw);
  }

  get(id: string): WatchRow | null {
    const raw = this.#get.get(id);
    return raw === undefined ? null : toRow(raw);
  }

  list(): WatchRow[] {
    return this.#list.all().map(toRow);
  }

  enable(id: string, enabled: boolean): void {
    this.#enable.run(enabled ? 1 : 0, id);
  }

  inStep(id: string, at: number): void {
    this.#inStep.run(at, id);
  }

  remove(id: string): void {
    this.#remove.run(id);
  }
}
