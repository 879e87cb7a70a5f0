import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import type { Identity } from 'age-encryption';
import { runLanes } from '../transfer/run-lanes.ts';
import type { SealedSource } from './age-reader.ts';
import { AgeReader } from './age-reader.ts';
import type { CipherPool } from './cipher-pool.ts';

/** Read, decrypted and written at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** Windows that are in memory at once: some are read or written while others are decrypted. */
const WINDOWS_AT_ONCE = 4;

export interface DecryptRequest {
  /** The age file, on this workstation. */
  readonly from: string;
  /** Where the content goes: a part beside its final name, which must not exist. */
  readonly to: string;
  readonly identities: readonly (string | Identity)[];
  readonly pool: CipherPool;
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Decrypts a file into a new one, readable by its owner only. When anything is wrong with it there is no new file: what was written before is removed.
 * @returns the size of the content, in bytes
 * @throws AgeError, the signal's reason, and errors of the file system
 */
export async function decryptFile(request: DecryptRequest): Promise<{ readonly size: number }> {
  const { from, to, identities, pool } = request;
  const sealed = await open(from, 'r');
  try {
    const reader = await AgeReader.open(await sealedFile(sealed), identities, pool);
    const target = await open(to, 'wx', 0o600);
    try {
      await copyContent(reader, target, request);
      await target.close();
      return { size: reader.size };
    } catch (error) {
      await target.close().catch(() => undefined);
      await rm(to, { force: true });
      throw error;
    }
  } finally {
    await sealed.close();
  }
}

/** An age file of this workstation that is open. */
export async function sealedFile(file: FileHandle): Promise<SealedSource> {
  const { size } = await file.stat();
  return {
    size,
    async read(offset, length) {
      const bytes = Buffer.allocUnsafe(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await file.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
  };
}

/** Every window is written where it belongs as soon as it has been proven, in whatever order. */
async function copyContent(
  reader: AgeReader,
  target: FileHandle,
  { signal = new AbortController().signal, onBytes }: DecryptRequest,
): Promise<void> {
  let next = 0;
  const lane = async (either: AbortSignal): Promise<void> => {
    while (next < reader.size) {
      either.throwIfAborted();
      const at = next;
      next += WINDOW_BYTES;
      const window = await reader.read(at, WINDOW_BYTES);
      for (let done = 0; done < window.length;)
        done += (await target.write(window, done, window.length - done, at + done)).bytesWritten;
      onBytes?.(window.length);
    }
  };
  await runLanes(
    Array.from({ length: WINDOWS_AT_ONCE }, () => lane),
    signal,
  );
}
