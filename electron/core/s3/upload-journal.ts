import type { BucketStore, UploadRow } from '../storage/bucket-store.ts';
import { isS3Error } from './s3-error.ts';
import type { S3Uploads } from './s3-uploads.ts';

/** Uploads that nobody has gone on with for so long are ended, in milliseconds: 3 days. */
const ORPHAN_AGE = 3 * 86_400_000;

/**
 * Uploads in parts of one bucket, written down before they are begun: parts of an upload that is forgotten stay in the store unseen, and are paid for. Only
 * uploads that are ours are ever aborted.
 */
export class UploadJournal {
  readonly #store: BucketStore;
  readonly #bucket: string;
  readonly #uploads: S3Uploads;
  readonly #now: () => number;

  constructor(store: BucketStore, bucket: string, uploads: S3Uploads, now: () => number = Date.now) {
    this.#store = store;
    this.#bucket = bucket;
    this.#uploads = uploads;
    this.#now = now;
  }

  /** Begins an upload for a transfer; an earlier one of the same object is aborted. Returns its id. */
  async begin(
    key: string,
    transfer: string,
    metadata: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<string> {
    for (const earlier of this.#of(transfer, key)) await this.#abort(earlier, signal);
    const row = { bucket: this.#bucket, key, transfer, uploadId: null, begunAt: this.#now() };
    this.#store.saveUpload(row);
    const uploadId = await this.#uploads.create(key, metadata, signal);
    this.#store.saveUpload({ ...row, uploadId });
    return uploadId;
  }

  /** It was completed, or is gone. */
  ended(key: string, transfer: string): void {
    this.#store.removeUpload(this.#bucket, key, transfer);
  }

  /** Aborts what a transfer has begun and not completed. */
  async abortAll(transfer: string, signal: AbortSignal): Promise<void> {
    for (const row of this.#of(transfer)) await this.#abort(row, signal);
  }

  /** Aborts uploads that were begun more than three days ago, of whatever transfer; `alive` ones are kept. The number of those that were aborted. */
  async sweep(alive: ReadonlySet<string>, signal: AbortSignal): Promise<number> {
    const before = this.#now() - ORPHAN_AGE;
    let aborted = 0;
    for (const row of this.#store.uploads(this.#bucket)) {
      if (row.begunAt > before || alive.has(row.transfer)) continue;
      await this.#abort(row, signal);
      aborted++;
    }
    return aborted;
  }

  #of(transfer: string, key?: string): UploadRow[] {
    return this.#store
      .uploads(this.#bucket)
      .filter((row) => row.transfer === transfer && (key === undefined || row.key === key));
  }

  async #abort(row: UploadRow, signal: AbortSignal): Promise<void> {
    const ids = row.uploadId === null ? await this.#unknownIds(row, signal) : [row.uploadId];
    for (const id of ids) await this.#uploads.abort(row.key, id, signal);
    this.#store.removeUpload(this.#bucket, row.key, row.transfer);
  }

  /** We were cut off between asking for an upload and hearing its id: it is of exactly this key and not older than our question. */
  async #unknownIds(row: UploadRow, signal: AbortSignal): Promise<string[]> {
    try {
      const open = await this.#uploads.list(row.key, signal);
      // A store that tells no time of beginning, or whose clock is off by more than a minute, keeps it.
      return open
        .filter(({ key, startedAt }) => key === row.key && startedAt !== null && startedAt >= row.begunAt - 60_000)
        .map(({ uploadId }) => uploadId);
    } catch (error) {
      if (isS3Error(error, 'not-supported', 'denied')) return [];
      throw error;
    }
  }
}
