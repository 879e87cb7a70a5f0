import type { Database } from 'better-sqlite3';

/** A transfer whose parts at the far end are still to be removed. */
export interface Leftover {
  readonly transfer: string;
  /** The transfer goes off the list after that. */
  readonly forget: boolean;
}

/** What ended transfers have laid aside and nobody has removed yet. */
export class LeftoverStore {
  readonly #note;
  readonly #all;
  readonly #clear;

  constructor(db: Database) {
    this.#note = db.prepare<[string, number]>(
      `INSERT INTO transfer_leftover (transfer_id, forget) VALUES (?, ?)
       ON CONFLICT (transfer_id) DO UPDATE SET forget = max(forget, excluded.forget)`,
    );
    this.#all = db.prepare<[], { transfer_id: string; forget: number }>('SELECT * FROM transfer_leftover');
    this.#clear = db.prepare<[string]>('DELETE FROM transfer_leftover WHERE transfer_id = ?');
  }

  /** Once noted as to be forgotten it stays so. */
  note({ transfer, forget }: Leftover): void {
    this.#note.run(transfer, forget ? 1 : 0);
  }

  all(): Leftover[] {
    return this.#all.all().map((raw) => ({ transfer: raw.transfer_id, forget: raw.forget === 1 }));
  }

  clear(transfer: string): void {
    this.#clear.run(transfer);
  }
}
