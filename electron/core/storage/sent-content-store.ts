import type { Database } from 'better-sqlite3';

/** More than these are forgotten, the oldest first. */
const KEPT = 100_000;

/** Which contents were sent where: hashes of files that have not changed since are known without reading them. */
export class SentContentStore {
  readonly #db: Database;
  readonly #find;
  readonly #remember;
  readonly #forget;

  constructor(db: Database) {
    this.#db = db;
    this.#find = db
      .prepare<[string, string, string], string>(
        'SELECT sha256 FROM sent_content WHERE end_name = ? AND source = ? AND mark = ?',
      )
      .pluck();
    this.#remember = db.prepare(
      'INSERT OR REPLACE INTO sent_content (end_name, source, mark, sha256, sent_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#forget = db.prepare(
      `DELETE FROM sent_content WHERE sent_at < (SELECT sent_at FROM sent_content ORDER BY sent_at DESC LIMIT 1 OFFSET ${KEPT})`,
    );
  }

  /** SHA-256 of a file, in hex, when it was sent to that end as it is now; else null. */
  find(end: string, source: string, mark: string): string | null {
    return this.#find.get(end, source, mark) ?? null;
  }

  /** Files were sent, proven and published. */
  remember(
    end: string,
    files: readonly { readonly source: string; readonly mark: string; readonly sha256: string }[],
    now: number,
  ): void {
    if (files.length === 0) return;
    this.#db.transaction(() => {
      for (const { source, mark, sha256 } of files) this.#remember.run(end, source, mark, sha256, now);
      this.#forget.run();
    })();
  }
}
