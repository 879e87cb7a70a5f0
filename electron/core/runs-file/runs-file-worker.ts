import { parentPort, workerData } from 'node:worker_threads';
import { readRunsFile } from './read-runs-file.ts';
import type { RunsFileJob, RunsFileMessage } from './runs-file-protocol.ts';

/** Worker thread entry: reads one run definition file and exits. Start it through `readRunsFileInWorker`. */

const MILLISECONDS_BETWEEN_REPORTS = 100;

function say(message: RunsFileMessage): void {
  parentPort?.postMessage(message);
}

async function work({ path, options }: RunsFileJob): Promise<void> {
  let reportedAt = -Infinity;
  const onProgress = (readBytes: number, totalBytes: number): void => {
    const now = performance.now();
    if (now - reportedAt < MILLISECONDS_BETWEEN_REPORTS) return;
    reportedAt = now;
    say({ kind: 'progress', readBytes, totalBytes });
  };
  try {
    say({ kind: 'done', summary: await readRunsFile(path, options, undefined, { onProgress }) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
    say({ kind: 'failed', message: error instanceof Error ? error.message : String(error), code });
  }
}

// Not awaited at the top: a thread that is ended while its module waits takes the whole process down with it.
void work(workerData as RunsFileJob);
