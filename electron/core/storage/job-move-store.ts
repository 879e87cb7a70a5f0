import type { Database } from 'better-sqlite3';
import type { TransferDirection } from './transfer-store.ts';

/**
 * The moves of jobs: rows of `transfer` that belong to a job, so that `TransferFileStore` keeps their files and pieces. `TransferStore` does not show them. A move has
 * no state of its own: it is there as long as the job has something to gain from it, and goes with the job.
 */
export class JobMoveStore {
  readonly #find;
  readonly #insert;
  readonly #remove;

  constructor(db: Database) {
    this.#find = db
      .prepare<[string, string], string>('SELECT id FROM transfer WHERE job = ? AND request_id = ?')
      .pluck();
    this.#insert = db.prepare(
      `INSERT INTO transfer (id, job, request_id, request, direction, priority, state, created_at)
       VALUES (@id, @job, @requestId, 'null', @direction, 'normal', 'moving', @createdAt)`,
    );
    this.#remove = db.prepare('DELETE FROM transfer WHERE job = ? AND request_id = ?');
  }

  /** The id of a job's move of that name; null = it has not been begun, or is over. */
  find(job: string, name: string): string | null {
    return this.#find.get(job, requestOf(job, name)) ?? null;
  }

  begin(move: {
    readonly id: string;
    readonly job: string;
    readonly name: string;
    readonly direction: TransferDirection;
    readonly createdAt: number;
  }): void {
    const { id, job, name, direction, createdAt } = move;
    this.#insert.run({ id, job, requestId: requestOf(job, name), direction, createdAt });
  }

  /** Removes it with its files and pieces; harmless when there is none. */
  remove(job: string, name: string): void {
    this.#remove.run(job, requestOf(job, name));
  }
}

function requestOf(job: string, name: string): string {
  return `job ${job} ${name}`;
}
