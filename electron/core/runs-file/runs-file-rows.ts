import { open, type FileHandle } from 'node:fs/promises';
import { checkpointBefore, decodeRows, readRowsAgain } from '../../../shared/domain/csv/row-window.ts';
import type { RowCheckpoint, RunRow } from '../../../shared/domain/csv/run-definition-types.ts';
import type { RunsFileOptions, RunsFileSummary } from './runs-file-options.ts';

/**
 * Random access to the rows of a run definition file that was read without errors. Nothing is kept in memory: about a thousand rows are read
 * and tokenised for each question, a few milliseconds. Every method throws when the file has changed since it was read.
 */
export class RunsFileRows {
  readonly #path: string;
  readonly #summary: RunsFileSummary;
  readonly #options: RunsFileOptions;

  /** `summary` and `options` of the reading that found no error. */
  constructor(path: string, summary: RunsFileSummary, options: RunsFileOptions = {}) {
    this.#path = path;
    this.#summary = summary;
    this.#options = options;
  }

  /** The row with this ordinal; null when there is none, or it is disabled. */
  async row(ordinal: number): Promise<RunRow | null> {
    return (await this.rows(ordinal, 1))[0] ?? null;
  }

  /** The enabled rows among the `count` ordinals from `from` on. */
  async rows(from: number, count: number): Promise<RunRow[]> {
    const to = Math.min(from + count, this.#summary.dataRows + 1);
    const rows: RunRow[] = [];
    for await (const part of this.#parts(from, to)) rows.push(...part);
    return rows;
  }

  /** All enabled rows in order, in batches of at most a thousand. */
  async *all(): AsyncGenerator<RunRow[], void, undefined> {
    yield* this.#parts(1, this.#summary.dataRows + 1);
  }

  async *#parts(from: number, to: number): AsyncGenerator<RunRow[], void, undefined> {
    const { checkpoints } = this.#summary;
    // Rows before the first checkpoint are all disabled: only enabled rows set checkpoints.
    const first = checkpointBefore(checkpoints, from) ?? checkpoints[0];
    if (!first || to <= first.ordinal) return;
    await using file = await open(this.#path, 'r');
    await this.#refuseChanged(file);
    for (let at = checkpoints.indexOf(first); at < checkpoints.length && checkpoints[at]!.ordinal < to; at++) {
      const rows = await this.#part(file, checkpoints[at]!, checkpoints[at + 1], from, to);
      if (rows.length > 0) yield rows;
    }
  }

  async #part(
    file: FileHandle,
    start: RowCheckpoint,
    next: RowCheckpoint | undefined,
    from: number,
    to: number,
  ): Promise<RunRow[]> {
    const end = next?.byteOffset ?? this.#summary.size;
    const bytes = new Uint8Array(end - start.byteOffset);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start.byteOffset + filled);
      if (bytesRead === 0) throw this.#changed();
      filled += bytesRead;
    }
    const text = decodeRows(bytes, start.byteOffset, this.#summary.dialect);
    return readRowsAgain(text, start, from, Math.min(to, next?.ordinal ?? to), this.#summary, this.#options.variables);
  }

  async #refuseChanged(file: FileHandle): Promise<void> {
    const { size, mtimeMs } = await file.stat();
    if (size !== this.#summary.size || mtimeMs !== this.#summary.modifiedAt) throw this.#changed();
  }

  #changed(): Error {
    return new Error(`${this.#path} has changed since it was checked. Check the job again.`);
  }
}
