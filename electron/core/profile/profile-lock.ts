import Sqlite from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';

/** Held by the one core of a profile. */
export interface ProfileLock {
  release(): void;
}

/**
 * Takes the profile's lock, or returns null when another process has it. The lock is an open exclusive transaction on a
 * file of its own: the system releases it when the process ends, however it ends, so a lock is never stale.
 */
export function takeProfileLock(path: string): ProfileLock | null {
  let db;
  try {
    db = new Sqlite(path, { timeout: 0 });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db?.close();
    const { code } = error as { code?: string };
    if (code?.startsWith('SQLITE_BUSY') === true) return null;
    throw new AppError(
      'bad_input',
      `The profile's lock ${path} cannot be opened (${(error as Error).message}). Is the folder writable?`,
      { cause: error },
    );
  }
  const open = db;
  return {
    release() {
      open.exec('ROLLBACK');
      open.close();
    },
  };
}
