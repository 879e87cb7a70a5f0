import { open } from 'node:fs/promises';
import { pathInside, realPathInside } from './safe-path.ts';

const CHUNK = 64 * 1024;
const POLL_MS = 150;

export interface TailOptions {
  readonly folder: string;
  readonly file: string;
  /** ≥ 0 offset, < 0 from the end. */
  readonly from: number;
  readonly limit: number | null;
  readonly follow: boolean;
  /** While true the file may still grow or appear. */
  readonly mayGrow: () => boolean;
  readonly signal: AbortSignal;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, POLL_MS);
    signal.addEventListener('abort', done, { once: true });
  });
}

/**
 * Bytes of a file, following it while its run may write. The file is opened anew at each look, so that one that is
 * replaced (a re-run) is not followed under its old name; one that became shorter is read from its start.
 * Memory stays flat: one chunk at a time, at the consumer's speed. A file that never appears gives nothing.
 */
export async function* tailFile(options: TailOptions): AsyncGenerator<Uint8Array> {
  pathInside(options.folder, options.file);
  let offset: number | null = options.from >= 0 ? options.from : null;
  let left = options.limit ?? Infinity;
  while (!options.signal.aborted && left > 0) {
    // Asked before reading: what was written until the run ended is still read.
    const growing = options.follow && options.mayGrow();
    const path = await realPathInside(options.folder, options.file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    });
    if (path !== null) {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        if (offset === null) offset = Math.max(0, size + options.from);
        if (size < offset) offset = 0;
        while (offset < size && left > 0 && !options.signal.aborted) {
          const buffer = new Uint8Array(Math.min(CHUNK, left, size - offset));
          const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
          if (bytesRead === 0) break;
          offset += bytesRead;
          left -= bytesRead;
          yield bytesRead === buffer.length ? buffer : buffer.slice(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    }
    if (!growing) return;
    await pause(options.signal);
  }
}
