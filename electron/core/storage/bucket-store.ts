import type { Database } from 'better-sqlite3';

/** A stored bucket. `target`, `credentials` and `capabilities` are JSON texts whose shapes are in s3/stored-bucket.ts. No secrets are in them. */
export interface BucketRow {
  readonly name: string;
  readonly target: string;
  readonly credentials: string;
  readonly capabilities: string | null;
  /** UTC milliseconds. */
  readonly checkedAt: number | null;
  readonly createdAt: number;
}

/** An upload in parts that was begun and is not known to have ended. */
export interface UploadRow {
  readonly bucket: string;
  readonly key: string;
  readonly transfer: string;
  /** Null: about to be begun; whether the store has it is not known. */
  readonly uploadId: string | null;
  /** UTC milliseconds. */
  readonly begunAt: number;
}

/** Buckets, and the uploads that are open in them. */
export class BucketStore {
  readonly #all;
  readonly #save;
  readonly #remove;
  readonly #uploads;
  readonly #saveUpload;
  readonly #removeUpload;

  constructor(db: Database) {
    this.#all = db.prepare<[], BucketRow>(
      'SELECT name, target, credentials, capabilities, checked_at AS checkedAt, created_at AS createdAt FROM bucket ORDER BY name',
    );
    this.#save = db.prepare(
      `INSERT INTO bucket (name, target, credentials, capabilities, checked_at, created_at)
       VALUES (@name, @target, @credentials, @capabilities, @checkedAt, @createdAt)
       ON CONFLICT DO UPDATE SET target = excluded.target, credentials = excluded.credentials, capabilities = excluded.capabilities,
       checked_at = excluded.checked_at`,
    );
    this.#remove = db.prepare('DELETE FROM bucket WHERE name = ?');
    this.#uploads = db.prepare<[string], UploadRow>(
      `SELECT bucket, key, transfer, upload_id AS uploadId, begun_at AS begunAt FROM bucket_upload WHERE bucket = ? ORDER BY begun_at`,
    );
    this.#saveUpload = db.prepare(
      `INSERT INTO bucket_upload (bucket, key, transfer, upload_id, begun_at) VALUES (@bucket, @key, @transfer, @uploadId, @begunAt)
       ON CONFLICT DO UPDATE SET upload_id = excluded.upload_id, begun_at = excluded.begun_at`,
    );
    this.#removeUpload = db.prepare('DELETE FROM bucket_upload WHERE bucket = ? AND key = ? AND transfer = ?');
  }

  all(): BucketRow[] {
    return this.#all.all();
  }

  save(bucket: BucketRow): void {
    this.#save.run(bucket);
  }

  /** With what is known of its uploads. */
  remove(name: string): void {
    this.#remove.run(name);
  }

  /** Oldest first. */
  uploads(bucket: string): UploadRow[] {
    return this.#uploads.all(bucket);
  }

  saveUpload(upload: UploadRow): void {
    this.#saveUpload.run(upload);
  }

  removeUpload(bucket: string, key: string, transfer: string): void {
    this.#removeUpload.run(bucket, key, transfer);
  }
}
