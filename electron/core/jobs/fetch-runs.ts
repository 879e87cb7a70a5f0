import { constants } from 'node:fs';
import { access, copyFile, mkdir, readdir, rename, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AppError } from '../../../shared/errors.ts';
import type { CipherPool } from '../encryption/cipher-pool.ts';
import { globMatcher } from '../files/globs.ts';
import { listBelow } from '../files/list-folder.ts';
import { JOB_FOLDER } from './job-folder.ts';
import { runFolderName } from '../../../shared/domain/run-files.ts';
import { fetchDelivered } from './storage/fetch-delivered.ts';
import type { JobStorage } from './storage/job-storage.ts';

export interface FetchOptions {
  readonly jobFolder: string;
  readonly to: string;
  /** Globs over paths inside a run folder; empty = everything. */
  readonly only: readonly string[];
  readonly runs: readonly number[] | null;
  /** Where files of the runs are that are not in their folders; null = nowhere. */
  readonly storage: JobStorage | null;
  readonly pool: CipherPool;
  readonly signal: AbortSignal;
}

/** Copies run folders, and what runs have put into a bucket, to `to/0001/…`. A file appears by rename when it is complete; one that is there and equal in size and time is left. */
export async function fetchRuns(options: FetchOptions): Promise<{ to: string; files: number; bytes: number }> {
  const source = join(options.jobFolder, JOB_FOLDER.runs);
  const names =
    options.runs === null
      ? (await readdir(source)).filter((n) => !n.startsWith('.')).sort()
      : options.runs.map(runFolderName);
  const matches = options.only.length === 0 ? () => true : globMatcher(options.only);
  try {
    await mkdir(options.to, { recursive: true });
    await access(options.to, constants.W_OK);
  } catch (error) {
    throw new AppError(
      'bad_input',
      `${options.to} cannot be written (${(error as NodeJS.ErrnoException).code}). Choose another folder with --to.`,
    );
  }
  let files = 0;
  let bytes = 0;
  for (const name of names) {
    const { entries } = await listBelow(join(source, name), 1_000_000, (n) => n === '.slipway');
    for (const entry of entries) {
      options.signal.throwIfAborted();
      if (entry.kind !== 'file' || !matches(entry.path)) continue;
      const to = join(options.to, name, entry.path);
      const there = await stat(to).catch(() => null);
      if (there === null || there.size !== entry.size || Math.floor(there.mtimeMs) !== entry.modifiedAt) {
        await mkdir(dirname(to), { recursive: true });
        await copyFile(join(source, name, entry.path), `${to}.part`, constants.COPYFILE_FICLONE);
        await utimes(`${to}.part`, new Date(), new Date(entry.modifiedAt));
        await rename(`${to}.part`, to);
      }
      files++;
      bytes += entry.size;
    }
  }
  if (options.storage !== null) {
    const runs = names.map(Number);
    const found = await fetchDelivered({ ...options, storage: options.storage, runs });
    files += found.files;
    bytes += found.bytes;
  }
  if (files === 0 && options.only.length > 0) {
    throw new AppError('not_found', `No file of the job matches ${options.only.join(', ')}.`);
  }
  return { to: options.to, files, bytes };
}
