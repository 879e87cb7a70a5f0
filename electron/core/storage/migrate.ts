import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { AppError } from '../../../shared/errors.ts';
import type { Migration } from './migrations/index.ts';

const LEDGER = `CREATE TABLE IF NOT EXISTS migration (
  version INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`;

function hashOf(migration: Migration): string {
  return createHash('sha256').update(migration.sql).digest('hex');
}

/** The version a database is at. */
export function databaseVersion(db: Database): number {
  return db.pragma('user_version', { simple: true }) as number;
}

/**
 * Brings a database to the newest version, one transaction per step.
 * @throws AppError `profile/newer` when a newer app wrote it, `profile/damaged` when a step fails or a shipped migration was edited.
 */
export function migrate(db: Database, migrations: readonly Migration[], now: () => number, name: string): void {
  const newest = migrations.at(-1)?.version ?? 0;
  const current = databaseVersion(db);
  if (current > newest) {
    throw new AppError(
      'profile/newer',
      `${name} was written by a newer Slipway (data version ${current}, this app knows ${newest}). Install the newer version, or choose another profile folder with --home.`,
    );
  }
  db.exec(LEDGER);
  const applied = new Map(
    (db.prepare('SELECT version, hash FROM migration').all() as { version: number; hash: string }[]).map((row) => [
      row.version,
      row.hash,
    ]),
  );
  for (const migration of migrations) {
    const hash = hashOf(migration);
    if (migration.version <= current) {
      if (applied.get(migration.version) !== hash) {
        throw new AppError(
          'profile/damaged',
          `${name}: migration ${migration.version} (${migration.name}) is not the one that was applied.`,
        );
      }
      continue;
    }
    try {
      db.transaction(() => {
        db.exec(migration.sql);
        db.prepare('INSERT INTO migration VALUES (?, ?, ?, ?)').run(migration.version, migration.name, hash, now());
        db.pragma(`user_version = ${migration.version}`);
      })();
    } catch (error) {
      throw new AppError(
        'profile/damaged',
        `${name} could not be brought to version ${migration.version} (${migration.name}): ${(error as Error).message}. Nothing was changed by this step; a copy of the data from before lies beside it.`,
        { cause: error },
      );
    }
  }
}
