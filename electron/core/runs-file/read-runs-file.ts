import { open } from 'node:fs/promises';
import { RunDefinitionReader } from '../../../shared/domain/csv/run-definition.ts';
import type { RunRow } from '../../../shared/domain/csv/run-definition-types.ts';
import { readerOptions, type RunsFileOptions, type RunsFileSummary } from './runs-file-options.ts';

const PIECE_BYTES = 262_144;

export interface RunsFileHooks {
  /** Every enabled row that fits the header, before the kinds of the columns are known (see `finishRow`). */
  readonly onRow?: (row: RunRow) => void;
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

/**
 * Reads a run definition file from disk with flat memory. Bad content becomes problems in the summary; throws when the file cannot be read
 * (`ENOENT`, `EACCES`, …) and when `signal` aborts. It keeps its thread busy: beyond a few thousand rows call `readRunsFileInWorker`.
 */
export async function readRunsFile(
  path: string,
  options: RunsFileOptions = {},
  signal?: AbortSignal,
  hooks: RunsFileHooks = {},
): Promise<RunsFileSummary> {
  signal?.throwIfAborted();
  const { reader: readOptions, problems } = readerOptions(path, options);
  const reader = new RunDefinitionReader(readOptions, hooks.onRow);
  await using file = await open(path, 'r');
  const { size, mtimeMs } = await file.stat();
  const buffer = new Uint8Array(PIECE_BYTES);
  let readBytes = 0;
  while (!reader.stopped) {
    signal?.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
    if (bytesRead === 0) break;
    reader.push(buffer.subarray(0, bytesRead));
    readBytes += bytesRead;
    hooks.onProgress?.(readBytes, size);
  }
  const summary = reader.end();
  const named = problems.map((p) => ({ ...p, file: readOptions.file ?? null }));
  return {
    ...summary,
    ok: summary.ok && named.length === 0,
    total: named.length === 0 ? summary.total : 0,
    problems: [...named, ...summary.problems],
    size,
    modifiedAt: mtimeMs,
  };
}
