import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { BucketStore } from '../../electron/core/storage/bucket-store.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { tempFolder } from '../support/job-folder.ts';

function open(path: string, migrations = STATE_MIGRATIONS) {
  const db = openDatabase({ path, migrations, now: () => 1 });
  onTestFinished(() => void db.close());
  return db;
}

it('migration 5 keeps sites, and knows buckets and their uploads from then on', () => {
  const path = join(tempFolder(), 'state.db');
  const old = open(path, STATE_MIGRATIONS.slice(0, 4));
  old.exec(
    `INSERT INTO site (name, kind, settings, probe, created_at, probed_at) VALUES ('hpc', 'slurm', '{}', '{}', 1, 2)`,
  );
  old.close();

  const db = open(path);
  expect(db.prepare('SELECT name FROM site').all()).toEqual([{ name: 'hpc' }]);
  const store = new BucketStore(db);
  const bucket = { name: 'data', target: '{}', credentials: '{}', capabilities: null, checkedAt: null, createdAt: 5 };
  store.save(bucket);
  store.save({ ...bucket, capabilities: '{}', checkedAt: 9 });
  expect(store.all()).toEqual([{ ...bucket, capabilities: '{}', checkedAt: 9 }]);

  const upload = { bucket: 'data', key: 'a/b', transfer: 't1', uploadId: null, begunAt: 7 };
  store.saveUpload(upload);
  store.saveUpload({ ...upload, uploadId: 'u1' });
  store.saveUpload({ ...upload, transfer: 't0', begunAt: 6 });
  expect(store.uploads('data').map((row) => [row.transfer, row.uploadId])).toEqual([
    ['t0', null],
    ['t1', 'u1'],
  ]);
  store.removeUpload('data', 'a/b', 't0');
  store.remove('data');
  expect(store.uploads('data')).toEqual([]);
});
