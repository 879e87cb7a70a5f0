import type { Database } from 'better-sqlite3';

export type TransferFileKind = 'file' | 'folder' | 'link' | 'extra';

/**
 * `todo`: it has to get there. `conflict`: a person decides. `arrived`: it is at the target, whole, aside. `done`: proven and under its name. `skipped`: left as
 * it is by decision. `failed`: it did not get there; a problem tells why.
 */
export type TransferFileState = 'todo' | 'conflict' | 'arrived' | 'done' | 'skipped' | 'failed';

/** One thing that a transfer has to do. */
export interface TransferFile {
  readonly id: number;
  readonly kind: TransferFileKind;
  readonly state: TransferFileState;
  readonly action: 'new' | 'change' | 'delete';
  /** Which of the plan's source roots `sourcePath` is relative to. */
  readonly sourceRoot: number;
  readonly sourcePath: string;
  /** Relative to the plan's target root. */
  readonly targetPath: string;
  /** Bytes at the source. */
  readonly size: number;
  readonly modifiedAt: number | null;
  readonly mode: number | null;
  /** What a local source was when it was planned. */
  readonly mark: string | null;
  readonly linkTarget: string | null;
  /** What is there already. */
  readonly targetSize: number | null;
  readonly targetModifiedAt: number | null;
  /** What the end remembers of a file in pieces. */
  readonly ticket: string | null;
  /** Of a file in pieces that is encrypted on the way. */
  readonly envelope: string | null;
  /** Hex, of what travelled; known once it has arrived. */
  readonly sha256: string | null;
  readonly md5: string | null;
  /** How often it had to begin again. */
  readonly tries: number;
}

export type NewTransferFile = Omit<TransferFile, 'id' | 'ticket' | 'envelope' | 'sha256' | 'md5' | 'tries'>;

const COLUMNS = `id, kind, state, action, source_root AS sourceRoot, source_path AS sourcePath, target_path AS targetPath, size, modified_at AS modifiedAt, mode, mark,
  link_target AS linkTarget, target_size AS targetSize, target_modified_at AS targetModifiedAt, ticket, envelope, sha256, md5, tries`;

/** The files of transfers. Lists of more than a thousand belong into several calls: each is one transaction. */
export class TransferFileStore {
  readonly #db: Database;
  readonly #insert;
  readonly #page;
  readonly #first;
  readonly #sized;
  readonly #setState;
  readonly #arrive;
  readonly #restart;
  readonly #ticket;
  readonly #addPiece;
  readonly #pieces;
  readonly #clearPieces;
  readonly #rename;
  readonly #count;
  readonly #published;
  readonly #removeSome;
  readonly #retry;
  readonly #remove;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO transfer_file (transfer_id, kind, state, action, source_root, source_path, target_path, size, modified_at, mode, mark, link_target, target_size, target_modified_at)
       VALUES (@transfer, @kind, @state, @action, @sourceRoot, @sourcePath, @targetPath, @size, @modifiedAt, @mode, @mark, @linkTarget, @targetSize, @targetModifiedAt)`,
    );
    this.#page = db.prepare<[string, string, string, number, number], TransferFile>(
      `SELECT ${COLUMNS} FROM transfer_file WHERE transfer_id = ? AND state = ? AND kind = ? AND id > ? ORDER BY id LIMIT ?`,
    );
    this.#first = db.prepare<[string, number], TransferFile>(
      `SELECT ${COLUMNS} FROM transfer_file WHERE transfer_id = ? ORDER BY id LIMIT ?`,
    );
    this.#sized = db.prepare<[string, number, number, number, number], TransferFile>(
      `SELECT ${COLUMNS} FROM transfer_file WHERE transfer_id = ? AND state = 'todo' AND kind = 'file' AND id > ? AND size >= ? AND size < ? ORDER BY id LIMIT ?`,
    );
    this.#setState = db.prepare('UPDATE transfer_file SET state = ? WHERE id = ?');
    this.#arrive = db.prepare("UPDATE transfer_file SET state = 'arrived', sha256 = ?, md5 = ? WHERE id = ?");
    this.#restart = db.prepare(
      `UPDATE transfer_file SET state = 'todo', ticket = NULL, envelope = NULL, sha256 = NULL, md5 = NULL, tries = tries + 1,
       size = @size, modified_at = @modifiedAt, mode = @mode, mark = @mark WHERE id = @id`,
    );
    this.#ticket = db.prepare('UPDATE transfer_file SET ticket = ?, envelope = ? WHERE id = ?');
    this.#addPiece = db.prepare('INSERT OR REPLACE INTO transfer_piece (file_id, number, receipt) VALUES (?, ?, ?)');
    this.#pieces = db.prepare<[number], { number: number; receipt: string }>(
      'SELECT number, receipt FROM transfer_piece WHERE file_id = ? ORDER BY number',
    );
    this.#clearPieces = db.prepare('DELETE FROM transfer_piece WHERE file_id = ?');
    this.#rename = db.prepare('UPDATE transfer_file SET state = ?, target_path = ? WHERE id = ?');
    this.#count = db.prepare(
      `UPDATE transfer SET
         total_files = (SELECT count(*) FROM transfer_file f WHERE f.transfer_id = transfer.id AND f.kind = 'file' AND f.state <> 'skipped'),
         total_bytes = (SELECT coalesce(sum(size), 0) FROM transfer_file f WHERE f.transfer_id = transfer.id AND f.kind = 'file' AND f.state <> 'skipped'),
         arrived_files = (SELECT count(*) FROM transfer_file f WHERE f.transfer_id = transfer.id AND f.kind = 'file' AND f.state IN ('arrived', 'done')),
         arrived_bytes = (SELECT coalesce(sum(size), 0) FROM transfer_file f WHERE f.transfer_id = transfer.id AND f.kind = 'file' AND f.state IN ('arrived', 'done')),
         conflict_count = (SELECT count(*) FROM transfer_file f WHERE f.transfer_id = transfer.id AND f.state = 'conflict')
       WHERE id = ?`,
    );
    this.#published = db
      .prepare<[string], number>(
        "SELECT count(*) FROM transfer_file WHERE transfer_id = ? AND state = 'done' AND kind = 'file'",
      )
      .pluck();
    this.#removeSome = db.prepare(
      'DELETE FROM transfer_file WHERE id IN (SELECT id FROM transfer_file WHERE transfer_id = ? LIMIT ?)',
    );
    this.#remove = db.prepare('DELETE FROM transfer_file WHERE id = ?');
    this.#retry = db.prepare(
      "UPDATE transfer_file SET state = CASE WHEN sha256 IS NULL THEN 'todo' ELSE 'arrived' END, tries = 0 WHERE transfer_id = ? AND state = 'failed'",
    );
  }

  /** Adds what a plan has found; `count` afterwards. */
  insert(transfer: string, files: readonly NewTransferFile[]): void {
    this.#inOne(files, (file) => {
      this.#insert.run({ transfer, ...file, size: Math.round(file.size), targetSize: file.targetSize });
    });
  }

  /** Files in a state, by id after `after`. */
  page(
    transfer: string,
    state: TransferFileState,
    kind: TransferFileKind,
    after: number,
    limit: number,
  ): TransferFile[] {
    return this.#page.all(transfer, state, kind, after, limit);
  }

  /** The first files of a plan, whatever has become of them. */
  first(transfer: string, limit: number): TransferFile[] {
    return this.#first.all(transfer, limit);
  }

  /** Files that have to get there, of at least `from` and less than `below` bytes, by id after `after`. */
  todo(transfer: string, after: number, from: number, below: number, limit: number): TransferFile[] {
    return this.#sized.all(transfer, after, from, below, limit);
  }

  setState(files: readonly { readonly id: number }[], state: TransferFileState): void {
    this.#inOne(files, ({ id }) => this.#setState.run(state, id));
  }

  /** Files have arrived whole; their hashes are those of what travelled. */
  arrived(files: readonly { readonly id: number; readonly sha256: string; readonly md5: string | null }[]): void {
    this.#inOne(files, ({ id, sha256, md5 }) => {
      this.#arrive.run(sha256, md5, id);
      this.#clearPieces.run(id);
    });
  }

  /** A file has to begin again, as it is now. */
  restart(file: Pick<TransferFile, 'id' | 'size' | 'modifiedAt' | 'mode' | 'mark'>): void {
    const { id, size, modifiedAt, mode, mark } = file;
    this.#db.transaction(() => {
      this.#restart.run({ id, size, modifiedAt, mode, mark });
      this.#clearPieces.run(id);
    })();
  }

  /** A file in pieces has begun under a new ticket; pieces that went under an earlier one are void. */
  begin(id: number, ticket: string, envelope: string | null): void {
    this.#db.transaction(() => {
      this.#ticket.run(ticket, envelope, id);
      this.#clearPieces.run(id);
    })();
  }

  /** A piece was acknowledged. */
  addPiece(id: number, number: number, receipt: string): void {
    this.#addPiece.run(id, number, receipt);
  }

  /** Pieces that were acknowledged: number → receipt. */
  pieces(id: number): Map<number, string> {
    return new Map(this.#pieces.all(id).map(({ number, receipt }) => [number, receipt]));
  }

  /** What becomes of a conflict; under another path where both files are kept. */
  decide(id: number, state: 'todo' | 'skipped', targetPath: string): void {
    this.#rename.run(state, targetPath, id);
  }

  /** Files that are proven and have their names. */
  published(transfer: string): number {
    return this.#published.get(transfer)!;
  }

  /** Brings the counts of the transfer into line with its files. */
  count(transfer: string): void {
    this.#count.run(transfer);
  }

  /** What failed is to be tried again. */
  retry(transfer: string): void {
    this.#retry.run(transfer);
    this.#count.run(transfer);
  }

  /** What was planned of these files is not wanted any more. */
  remove(files: readonly { readonly id: number }[]): void {
    this.#inOne(files, ({ id }) => this.#remove.run(id));
  }

  /** Removes at most `limit` files of a transfer. @returns whether there may be more */
  removeSome(transfer: string, limit: number): boolean {
    return this.#removeSome.run(transfer, limit).changes === limit;
  }

  #inOne<T>(items: readonly T[], act: (item: T) => void): void {
    this.#db.transaction(() => {
      for (const item of items) act(item);
    })();
  }
}
