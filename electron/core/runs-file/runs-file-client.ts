import { Worker } from 'node:worker_threads';
import type { RunsFileOptions, RunsFileSummary } from './runs-file-options.ts';
import type { RunsFileJob, RunsFileMessage } from './runs-file-protocol.ts';

export interface RunsFileRequest {
  /** The worker's entry: `runs-file-worker.ts`, or what it was bundled to. */
  readonly workerUrl: URL;
  readonly path: string;
  readonly options?: RunsFileOptions;
  readonly signal?: AbortSignal;
  readonly onProgress?: (readBytes: number, totalBytes: number) => void;
}

/**
 * Reads a run definition file in a worker thread of its own, so that a million rows do not stall the caller's event loop. Rejects with the
 * signal's reason on abort (the thread is ended at once), with Node's error when the file cannot be read, and when the thread dies.
 */
export async function readRunsFileInWorker(request: RunsFileRequest): Promise<RunsFileSummary> {
  const { workerUrl, path, options = {}, signal, onProgress } = request;
  signal?.throwIfAborted();
  const job: RunsFileJob = { path, options };
  const worker = new Worker(workerUrl, { workerData: job, name: 'runs-file' });
  const { promise, resolve, reject } = Promise.withResolvers<RunsFileSummary>();
  const abort = (): void => reject(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  worker.on('message', (message: RunsFileMessage) => {
    if (message.kind === 'progress') onProgress?.(message.readBytes, message.totalBytes);
    else if (message.kind === 'done') resolve(message.summary);
    else reject(Object.assign(new Error(message.message), { code: message.code ?? undefined }));
  });
  worker.on('error', (error) =>
    reject(new Error(`The reader of ${path} broke off: ${String(error)}`, { cause: error })),
  );
  worker.on('exit', (code) => reject(new Error(`The reader of ${path} ended without an answer (exit code ${code}).`)));
  try {
    return await promise;
  } finally {
    signal?.removeEventListener('abort', abort);
    await worker.terminate();
  }
}
