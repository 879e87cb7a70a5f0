import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/** Hashes of a file in hex. */
export interface FileHashes {
  readonly sha256: string;
  readonly md5: string | null;
}

/** Reads and hashes a whole file. @throws NodeJS.ErrnoException */
export type HashFile = (
  path: string,
  options: { readonly md5: boolean; readonly signal: AbortSignal },
) => Promise<FileHashes>;

/** Hashes a file while it still arrives in pieces, so that hardly anything is left to do when the last one is there. */
export type FollowFile = (path: string) => {
  /** A piece is there and will not change. */
  readonly came: (offset: number, length: number) => void;
  /** All of it is there, also what `came` was not told of; to be asked once. @throws Error when it cannot be read or is shorter; the signal's reason */
  readonly whole: (size: number, signal: AbortSignal) => Promise<FileHashes>;
  /** Closes the file, at any time. */
  readonly stop: () => void;
};

const CHUNK = 512 * 1024;

/** Hashes in the thread that asks, in pieces that take less than a millisecond. For small files; large ones belong into a worker. */
export const hashHere: HashFile = async (path, { md5, signal }) => {
  const file = await open(path, 'r');
  try {
    const sha256 = createHash('sha256');
    const other = md5 ? createHash('md5') : null;
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, CHUNK, null);
      if (bytesRead === 0) return { sha256: sha256.digest('hex'), md5: other?.digest('hex') ?? null };
      const bytes = buffer.subarray(0, bytesRead);
      sha256.update(bytes);
      other?.update(bytes);
    }
  } finally {
    await file.close();
  }
};
