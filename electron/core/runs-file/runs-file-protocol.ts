import type { RunsFileOptions, RunsFileSummary } from './runs-file-options.ts';

/** What the worker is started with (`workerData`). */
export interface RunsFileJob {
  readonly path: string;
  readonly options: RunsFileOptions;
}

/** What the worker says: any number of `progress`, then one `done` or `failed`, then it exits. */
export type RunsFileMessage =
  | { readonly kind: 'progress'; readonly readBytes: number; readonly totalBytes: number }
  | { readonly kind: 'done'; readonly summary: RunsFileSummary }
  /** The file could not be read; `code` as Node gives it (`ENOENT`). */
  | { readonly kind: 'failed'; readonly message: string; readonly code: string | null };
