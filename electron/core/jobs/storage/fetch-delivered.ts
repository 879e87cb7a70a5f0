import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../../../shared/errors.ts';
import type { CipherPool } from '../../encryption/cipher-pool.ts';
import { decryptFile } from '../../encryption/decrypt-file.ts';
import { globMatcher } from '../../files/globs.ts';
import { pathInside } from '../../files/safe-path.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import type { JobBucket } from './job-bucket.ts';
import type { DeliveredFile, JobStorage } from './job-storage.ts';
import { SEALED_ENDING } from './storage-plan.ts';

export interface FetchDeliveredOptions {
  readonly storage: JobStorage;
  readonly to: string;
  /** Globs over paths inside a run folder; empty = everything. */
  readonly only: readonly string[];
  readonly runs: readonly number[];
  /** Decrypts files of jobs whose files are encrypted. */
  readonly pool: CipherPool;
  readonly signal: AbortSignal;
}

/**
 * Gets what runs have put into the bucket to `to/0001/…`. A file appears by rename once it has the size and, where it is known, the MD5 that it had on the node;
 * one that is there with both is left. Encrypted files become what was encrypted, without `.age`.
 */
export async function fetchDelivered(options: FetchDeliveredOptions): Promise<{ files: number; bytes: number }> {
  const { storage, to, only, runs, pool, signal } = options;
  const matches = only.length === 0 ? () => true : globMatcher(only);
  const identities = await storage.identities();
  let bucket: JobBucket | null = null;
  let files = 0;
  let bytes = 0;
  for (const run of runs) {
    const folder = join(to, runFolderName(run));
    for (const file of (await storage.delivered(run)) ?? []) {
      signal.throwIfAborted();
      const sealed = identities.length > 0 && file.path.endsWith(SEALED_ENDING);
      const path = sealed ? file.path.slice(0, -SEALED_ENDING.length) : file.path;
      if (!matches(path)) continue;
      const target = pathInside(folder, path);
      if (sealed || !(await isThere(target, file))) {
        bucket ??= await storage.openBucket(signal);
        const part = `${target}.part`;
        await getFile(bucket, file, part, signal);
        await rename(sealed ? await opened(part, identities, pool, signal) : part, target);
      }
      files++;
      bytes += file.size;
    }
  }
  return { files, bytes };
}

async function isThere(target: string, { size, md5 }: DeliveredFile): Promise<boolean> {
  const found = await stat(target).catch(() => null);
  if (found === null || !found.isFile() || found.size !== size || md5 === null) return false;
  const hash = createHash('md5');
  for await (const chunk of createReadStream(target)) hash.update(chunk as Uint8Array);
  return hash.digest('hex') === md5;
}

/** What is in an age file, as a new file beside it; the age file goes. */
async function opened(
  sealed: string,
  identities: readonly string[],
  pool: CipherPool,
  signal: AbortSignal,
): Promise<string> {
  const plain = `${sealed}.plain`;
  await rm(plain, { force: true });
  try {
    await decryptFile({ from: sealed, to: plain, identities, pool, signal });
    return plain;
  } finally {
    await rm(sealed, { force: true });
  }
}

async function getFile(bucket: JobBucket, file: DeliveredFile, part: string, signal: AbortSignal): Promise<void> {
  await mkdir(dirname(part), { recursive: true });
  const hash = createHash('md5');
  let size = 0;
  const written = await open(part, 'w');
  try {
    for await (const chunk of await bucket.read({ key: file.key, etag: '' }, signal)) {
      hash.update(chunk);
      size += chunk.length;
      await written.write(chunk);
    }
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    await written.close();
  }
  if (size !== file.size || (file.md5 !== null && hash.digest('hex') !== file.md5)) {
    await rm(part, { force: true });
    throw new AppError(
      'bucket/unsafe',
      `${file.key} in the bucket ${bucket.name} is not what the run has put there; somebody has replaced it.`,
    );
  }
}
