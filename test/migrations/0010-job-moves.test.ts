import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { JobMoveStore } from '../../electron/core/storage/job-move-store.ts';
import { JobStore } from '../../electron/core/storage/job-store.ts';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { TransferFileStore } from '../../electron/core/storage/transfer-file-store.ts';
import { TransferStore } from '../../electron/core/storage/transfer-store.ts';
import { tempFolder } from '../support/job-folder.ts';

const FILE = {
  ...({ kind: 'file', state: 'todo', action: 'new', sourceRoot: 0 } as const),
  ...{ sourcePath: 'a', targetPath: 'a', size: 20 },
  ...{ modifiedAt: 1, mode: 0o444, mark: 'm', linkTarget: null, targetSize: null, targetModifiedAt: null },
} as const;

it('migration 10 lets transfers belong to jobs: they are hidden from people, keep the others, and go with their job', () => {
  const path = join(tempFolder(), 'state.db');
  const before = openDatabase({ path, migrations: STATE_MIGRATIONS.slice(0, 9), now: () => 1 });
  before.exec(`INSERT INTO transfer (id, request_id, request, direction, priority, state, created_at)
    VALUES ('t', 'r', '{"from":[]}', 'up', 'normal', 'done', 5)`);
  before.exec(`INSERT INTO job (id, request_id, name, type, site, folder, source, spec_text, plan, outputs, submitted_at, total)
    VALUES ('j', 'q', 'Job', 'basic', 'hpc', '/j', '/s', '', '{}', '[]', 5, 1)`);
  before.close();
  const db = openDatabase({ path, migrations: STATE_MIGRATIONS, now: () => 1 });
  onTestFinished(() => void db.close());
  const [moves, transfers, files] = [new JobMoveStore(db), new TransferStore(db), new TransferFileStore(db)];
  expect(moves.find('j', 'inputs')).toBe(null);
  moves.begin({ id: 'm', job: 'j', name: 'inputs', direction: 'up', createdAt: 6 });
  moves.begin({ id: 'n', job: 'j', name: 'runs sw-1', direction: 'down', createdAt: 7 });
  files.insert('m', [FILE, { ...FILE, targetPath: 'b' }]);
  const [a, b] = files.first('m', 10);
  files.addPiece(a!.id, 0, '');
  files.remove([b!]);
  expect(files.first('m', 10).map(({ targetPath }) => targetPath)).toEqual(['a']);
  expect(moves.find('j', 'inputs')).toBe('m');
  expect(transfers.list().map(({ id }) => id)).toEqual(['t']);
  expect(transfers.get('m')).toBe(null);
  moves.remove('j', 'runs sw-1');
  moves.remove('j', 'runs sw-1');
  expect(moves.find('j', 'runs sw-1')).toBe(null);
  new JobStore(db).erase('j');
  expect([moves.find('j', 'inputs'), files.first('m', 10), files.pieces(a!.id).size]).toEqual([null, [], 0]);
  expect(transfers.get('t')).toMatchObject({ state: 'done' });
});
