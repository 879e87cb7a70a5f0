import Sqlite from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { SiteStore } from '../../electron/core/storage/site-store.ts';
import { tempFolder } from '../support/job-folder.ts';

function open(path: string, migrations = STATE_MIGRATIONS) {
  const db = openDatabase({ path, migrations, now: () => 1 });
  onTestFinished(() => void db.close());
  return db;
}

const site = { name: 'hpc', kind: 'slurm', settings: '{"a":1}', probe: '{"b":2}', createdAt: 1000, probedAt: 2000 };

describe('migration 2', () => {
  it('keeps the jobs of a profile that had none of it, with a copy of the database from before', () => {
    const path = join(tempFolder(), 'state.db');
    const old = open(path, STATE_MIGRATIONS.slice(0, 1));
    old.exec(`
      INSERT INTO job (id, request_id, name, type, site, folder, source, spec_text, plan, outputs, ready, submitted_at, total, done)
        VALUES ('j1', 'r1', 'Old', 'doe', 'local', '/f', '/s', '', '{}', '[]', 1, 5, 1, 1);
      INSERT INTO run (job_id, run, state, attempt, inputs) VALUES ('j1', 1, 'done', 1, '[]');
      INSERT INTO attempt (job_id, run, attempt, state, exit_code) VALUES ('j1', 1, 1, 'done', 0);
    `);
    old.close();

    const db = open(path, STATE_MIGRATIONS.slice(0, 2));
    expect(db.prepare('SELECT id, name, done FROM job').all()).toEqual([{ id: 'j1', name: 'Old', done: 1 }]);
    expect(db.prepare('SELECT state, exit_code, token, scheduler_id, node, restarts FROM attempt').all()).toEqual([
      { state: 'done', exit_code: 0, token: null, scheduler_id: null, node: null, restarts: 0 },
    ]);
    const copy = `${path}.before-v2`;
    expect(existsSync(copy)).toBe(true);
    const before = new Sqlite(copy, { readonly: true });
    onTestFinished(() => void before.close());
    expect(before.pragma('user_version', { simple: true })).toBe(1);
  });

  it('drops the submissions of a job with it', () => {
    const db = open(join(tempFolder(), 'state.db'));
    db.exec(`
      INSERT INTO job (id, request_id, name, type, site, folder, source, spec_text, plan, outputs, submitted_at, total)
        VALUES ('j1', 'r1', 'Job', 'doe', 'hpc', '/f', '/s', '', '{}', '[]', 5, 1);
      INSERT INTO submission (token, job_id, site, number, state, try, runs, attempts, first, walltime_seconds, ids, created_at)
        VALUES ('t', 'j1', 'hpc', 1, 'planned', 0, '1', '1', 1, 60, '[]', 5);
      DELETE FROM job;
    `);
    expect(db.prepare('SELECT count(*) AS n FROM submission').get()).toEqual({ n: 0 });
  });

  it('stores sites, changes them without losing when they were made, and removes them', () => {
    const path = join(tempFolder(), 'state.db');
    const db = open(path);
    const store = new SiteStore(db);
    store.save(site);
    store.save({ ...site, name: 'box', kind: 'ssh' });
    store.save({ ...site, settings: '{"a":2}', createdAt: 9999, probedAt: 3000 });
    db.close();

    const again = new SiteStore(open(path));
    expect(again.all()).toEqual([
      { ...site, name: 'box', kind: 'ssh' },
      { ...site, settings: '{"a":2}', probedAt: 3000 },
    ]);
    again.remove('hpc');
    again.remove('not there');
    expect(again.all().map((s) => s.name)).toEqual(['box']);
  });
});
