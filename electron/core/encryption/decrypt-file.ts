import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import type { Identity } from 'age-encryption';
import type { SealedSource } from './age-reader.ts';
import { AgeReader } from './age-reader.ts';
import type { CipherPool } from './cipher-pool.ts';

/** Read, decrypted and written at once; two of them are in memory. */
const WINDOW_BYTES = 4 * 1024 * 1024;

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
 * @returns size and hash (hex) of the content
 * @throws AgeError, the signal's reason, and errors of the file system
 */
export async function decryptFile(
  request: DecryptRequest,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const { from, to, identities, pool } = request;
  const sealed = await open(from, 'r');
  try {
    const reader = await AgeReader.open(await sealedFile(sealed), identities, pool);
    const target = await open(to, 'wx', 0o600);
    try {
      const sha256 = await copyContent(reader, target, request);
      await target.close();
      return { size: reader.size, sha256 };
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

async function copyContent(
  reader: AgeReader,
  target: FileHandle,
  { signal, onBytes }: DecryptRequest,
): Promise<string> {
  const hash = createHash('sha256');
  const read = (offset: number): Promise<Buffer> | null => {
    if (offset >= reader.size) return null;
    const window = reader.read(offset, WINDOW_BYTES);
    // Told when it is waited for.
    window.catch(() => undefined);
    return window;
  };
  let next = read(0);
  for (let at = 0; next !== null;) {
    signal?.throwIfAborted();
    const window: Buffer = await next;
    next = read(at + window.length);
    hash.update(window);
    // Each goes on where the last one ended, and is written whole.
    await target.writeFile(window);
    at += window.length;
    onBytes?.(window.length);
  }
  return hash.digest('hex');
}
