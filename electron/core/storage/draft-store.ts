import type { Database } from 'better-sqlite3';

export interface DraftRow {
  readonly id: string;
  readonly requestId: string;
  readonly folder: string;
  readonly owned: boolean;
  readonly createdAt: number;
  readonly specText: string;
  /** False while nobody has changed the spec in the app: the file in the folder counts then. */
  readonly edited: boolean;
}

interface Raw {
  id: string;
  request_id: string;
  folder: string;
  owned: number;
  created_at: number;
  spec_text: string;
  edited: number;
}

function toRow(raw: Raw): DraftRow {
  return {
    id: raw.id,
    requestId: raw.request_id,
    folder: raw.folder,
    owned: raw.owned === 1,
    createdAt: raw.created_at,
    specText: raw.spec_text,
    edited: raw.edited === 1,
  };
}

/** Drafts: jobs being composed. */
export class DraftStore {
  readonly #insert;
  readonly #all;
  readonly #get;
  readonly #byRequest;
  readonly #setSpec;
  readonly #remove;

  constructor(db: Database) {
    this.#insert = db.prepare(
      'INSERT INTO draft VALUES (@id, @requestId, @folder, @owned, @createdAt, @specText, @edited)',
    );
    this.#all = db.prepare<[], Raw>('SELECT * FROM draft ORDER BY created_at DESC');
    this.#get = db.prepare<[string], Raw>('SELECT * FROM draft WHERE id = ?');
    this.#byRequest = db.prepare<[string], Raw>('SELECT * FROM draft WHERE request_id = ?');
    this.#setSpec = db.prepare('UPDATE draft SET spec_text = ?, edited = ? WHERE id = ?');
    this.#remove = db.prepare('DELETE FROM draft WHERE id = ?');
  }

  insert(row: DraftRow): void {
    this.#insert.run({ ...row, owned: row.owned ? 1 : 0, edited: row.edited ? 1 : 0 });
  }

  all(): DraftRow[] {
    return this.#all.all().map(toRow);
  }

  get(id: string): DraftRow | null {
    const raw = this.#get.get(id);
    return raw === undefined ? null : toRow(raw);
  }

  byRequest(requestId: string): DraftRow | null {
    const raw = this.#byRequest.get(requestId);
    return raw === undefined ? null : toRow(raw);
  }

  setSpec(id: string, specText: string, edited: boolean): void {
    this.#setSpec.run(specText, edited ? 1 : 0, id);
  }

  remove(id: string): void {
    this.#remove.run(id);
  }
}
