import Sqlite from 'better-sqlite3';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { migrate } from '../../electron/core/storage/migrate.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { isAppError } from '../../shared/errors.ts';
import { tempFolder } from '../support/job-folder.ts';

function open(path = join(tempFolder(), 'state.db'), migrations = STATE_MIGRATIONS) {
  const db = openDatabase({ path, migrations, now: () => 1 });
  onTestFinished(() => void db.close());
  return db;
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return isAppError(error) ? error.code : String(error);
  }
  return 'no error';
}

function planOf(db: ReturnType<typeof open>, sql: string): string {
  return (db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all() as { detail: string }[]).map((row) => row.detail).join('; ');
}

describe('migration 1', () => {
  it('makes STRICT tables only: a text in a number column is refused', () => {
    const db = open();
    const tables = db
      .prepare("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite_%'")
      .all() as { name: string; strict: number }[];
    expect(tables.map((t) => t.name)).toEqual(expect.arrayContaining(['job', 'run', 'attempt', 'run_event', 'site']));
    expect(tables.every((t) => t.strict === 1)).toBe(true);
  });

  it('lists and looks up through indexes', () => {
    const db = open();
    expect(
      planOf(db, 'SELECT * FROM job WHERE ready = 1 AND removed_at IS NULL ORDER BY submitted_at DESC LIMIT 10'),
    ).toMatch(/USING INDEX job_by_time/);
    expect(planOf(db, "SELECT run FROM run WHERE job_id = 'x' AND state = 'failed' ORDER BY run")).toMatch(
      /run_by_state/,
    );
    expect(planOf(db, "SELECT state FROM run WHERE job_id = 'x' ORDER BY run")).not.toMatch(/TEMP B-TREE/);
    expect(planOf(db, "SELECT * FROM run_event WHERE job_id = 'x' AND run = 1")).toMatch(/run_event_by_run/);
  });
});

describe('opening a database', () => {
  it('is harmless to repeat', () => {
    const path = join(tempFolder(), 'state.db');
    open(path).prepare("INSERT INTO request VALUES ('a', 1)").run();
    expect(open(path).prepare('SELECT count(*) AS n FROM request').get()).toEqual({ n: 1 });
  });

  it('refuses a shipped migration that was edited, and a newer database', () => {
    const path = join(tempFolder(), 'state.db');
    open(path).close();
    const edited = STATE_MIGRATIONS.map((m) => ({ ...m, sql: `${m.sql}\n-- edited` }));
    expect(codeOf(() => open(path, edited))).toBe('profile/damaged');
    const newer = new Sqlite(path);
    newer.pragma('user_version = 999');
    newer.close();
    expect(codeOf(() => open(path))).toBe('profile/newer');
  });

  it('leaves the data as it was when a step fails, with a copy beside it', () => {
    const path = join(tempFolder(), 'state.db');
    open(path).prepare("INSERT INTO request VALUES ('a', 1)").run();
    const version = STATE_MIGRATIONS.length + 1;
    const broken = [
      ...STATE_MIGRATIONS,
      { version, name: 'broken', sql: 'DELETE FROM request; INSERT INTO nowhere VALUES (1);' },
    ];
    expect(codeOf(() => open(path, broken))).toBe('profile/damaged');
    expect(existsSync(`${path}.before-v${version}`)).toBe(true);
    expect(open(path).prepare('SELECT count(*) AS n FROM request').get()).toEqual({ n: 1 });
  });

  it('reports a damaged file and does not touch it', () => {
    const path = join(tempFolder(), 'state.db');
    writeFileSync(path, 'garbage '.repeat(1000));
    expect(codeOf(() => open(path))).toBe('profile/damaged');
  });

  it('applies nothing twice', () => {
    const db = new Sqlite(':memory:');
    migrate(db, STATE_MIGRATIONS, () => 1, 'memory');
    expect(() => migrate(db, STATE_MIGRATIONS, () => 2, 'memory')).not.toThrow();
    expect(db.prepare('SELECT count(*) AS n FROM migration').get()).toEqual({ n: STATE_MIGRATIONS.length });
  });
});
