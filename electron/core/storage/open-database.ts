import { copyFileSync, existsSync, statSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import { databaseVersion, migrate } from './migrate.ts';
import type { Migration } from './migrations/index.ts';

export interface OpenOptions {
  readonly path: string;
  readonly migrations: readonly Migration[];
  readonly now: () => number;
}

/**
 * Opens a precious database: WAL, foreign keys on, migrated, with a backup copy before a migration.
 * A damaged file is reported, never replaced by an empty one.
 * @throws AppError `profile/damaged` | `profile/newer`
 */
export function openDatabase({ path, migrations, now }: OpenOptions): Database {
  const isNew = !existsSync(path) || statSync(path).size === 0;
  let db: Database | null = null;
  try {
    db = new Sqlite(path, { timeout: 5000 });
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('foreign_keys = ON');
    if (!isNew) {
      const verdict = db.pragma('quick_check(1)', { simple: true });
      if (verdict !== 'ok') throw new AppError('profile/damaged', damaged(path, String(verdict)));
    }
    const newest = migrations.at(-1)?.version ?? 0;
    const version = databaseVersion(db);
    if (!isNew && version > 0 && version < newest) {
      db.pragma('wal_checkpoint(TRUNCATE)');
      copyFileSync(path, `${path}.before-v${newest}`);
    }
    migrate(db, migrations, now, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof AppError) throw error;
    throw new AppError('profile/damaged', damaged(path, (error as Error).message), { cause: error });
  }
}

function damaged(path: string, why: string): string {
  return `${path} cannot be read as a Slipway database (${why}). Put back a copy of it (${path}.before-v…, or your own backup), or start with another profile folder (--home).`;
}
