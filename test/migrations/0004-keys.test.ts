import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { KeyStore } from '../../electron/core/storage/key-store.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { tempFolder } from '../support/job-folder.ts';

function open(path: string, migrations = STATE_MIGRATIONS) {
  const db = openDatabase({ path, migrations, now: () => 1 });
  onTestFinished(() => void db.close());
  return db;
}

it('the migration of keys keeps what is there, and generations stay with their key', () => {
  const path = join(tempFolder(), 'state.db');
  const before = STATE_MIGRATIONS.findIndex((m) => m.name === 'keys');
  const old = open(path, STATE_MIGRATIONS.slice(0, before));
  old.exec(
    `INSERT INTO site (name, kind, settings, probe, created_at, probed_at) VALUES ('hpc', 'slurm', '{}', '{}', 1, 1)`,
  );
  old.close();

  const db = open(path);
  expect(db.prepare('SELECT name FROM site').all()).toEqual([{ name: 'hpc' }]);
  const store = new KeyStore(db);
  expect(store.all()).toEqual([]);
  const generation = (number: number) => ({
    generation: number,
    requestId: `r${number}`,
    publicKey: `age1${number}`,
    sealed: 'sealed',
    device: 'age1d',
    confirmedAt: null,
    createdAt: number,
  });
  const recipients = [{ text: 'age1x', label: 'Ada', addedAt: 5 }];
  store.save({ name: 'a', recipients, generations: [generation(1)], createdAt: 1 });
  store.save({ name: 'b', recipients: [], generations: [generation(1)], createdAt: 1 });
  const key = {
    name: 'a',
    recipients: [],
    generations: [generation(0), { ...generation(1), confirmedAt: 9 }],
    createdAt: 1,
  };
  store.save(key);
  expect(store.find('a')).toEqual(key);
  expect(store.all().map((k) => k.name)).toEqual(['a', 'b']);
  db.prepare('DELETE FROM project_key WHERE name = ?').run('a');
  expect(db.prepare('SELECT key FROM project_key_generation').all()).toEqual([{ key: 'b' }]);
});
