import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { SubmissionStore } from '../../electron/core/storage/submission-store.ts';
import { tempFolder } from '../support/job-folder.ts';

function open(path: string, migrations = STATE_MIGRATIONS) {
  const db = openDatabase({ path, migrations, now: () => 1 });
  onTestFinished(() => void db.close());
  return db;
}

it('migration 3 keeps submissions, of which nobody wanted a run to end, and remembers who does from then on', () => {
  const path = join(tempFolder(), 'state.db');
  const old = open(path, STATE_MIGRATIONS.slice(0, 2));
  old.exec(`
    INSERT INTO job (id, request_id, name, type, site, folder, source, spec_text, plan, outputs, submitted_at, total)
      VALUES ('j1', 'r1', 'Job', 'doe', 'hpc', '/f', '/s', '', '{}', '[]', 5, 1);
    INSERT INTO submission (token, job_id, site, number, state, try, runs, attempts, first, walltime_seconds, ids, created_at)
      VALUES ('t', 'j1', 'hpc', 1, 'submitted', 1, '[1,2]', '[1,1]', 1, 60, '["7"]', 5);
  `);
  old.close();

  const store = new SubmissionStore(open(path));
  const [submission] = store.ofJob('j1');
  expect(submission).toMatchObject({ token: 't', runs: [1, 2], ids: ['7'], cancels: [] });
  store.save({ ...submission!, cancels: [2] });
  expect(store.ofJob('j1')[0]?.cancels).toEqual([2]);
});
