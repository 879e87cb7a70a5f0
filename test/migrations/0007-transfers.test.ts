import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { STATE_MIGRATIONS } from '../../electron/core/storage/migrations/index.ts';
import { openDatabase } from '../../electron/core/storage/open-database.ts';
import { LeftoverStore } from '../../electron/core/storage/leftover-store.ts';
import { TransferFileStore } from '../../electron/core/storage/transfer-file-store.ts';
import { TransferStore } from '../../electron/core/storage/transfer-store.ts';
import { tempFolder } from '../support/job-folder.ts';

const FILE = {
  kind: 'file',
  state: 'todo',
  action: 'new',
  sourceRoot: 0,
  sourcePath: 'a',
  targetPath: 'a',
  size: 20,
  modifiedAt: 1_700_000_000_000.25,
  mode: 0o644,
  mark: '1:20:3',
  linkTarget: null,
  targetSize: null,
  targetModifiedAt: null,
} as const;

it('migrations 6 to 9 add transfers to a database that has none, and what is journaled is read back', () => {
  const path = join(tempFolder(), 'state.db');
  openDatabase({ path, migrations: STATE_MIGRATIONS.slice(0, 5), now: () => 1 }).close();
  const db = openDatabase({ path, migrations: STATE_MIGRATIONS, now: () => 1 });
  onTestFinished(() => void db.close());
  const transfers = new TransferStore(db);
  const files = new TransferFileStore(db);
  expect(transfers.list()).toEqual([]);
  expect(transfers.limit).toBe(null);
  const request = {
    from: [{ kind: 'local' as const, path: '/a' }],
    to: { kind: 'site' as const, site: 'hpc', path: 'b' },
    into: false,
    options: {
      conflicts: 'ask' as const,
      checksum: false,
      deleteExtra: false,
      ignore: [],
      links: 'keep' as const,
      key: null,
      priority: 'normal' as const,
    },
  };
  transfers.insert({ id: 't', requestId: 'r', request, direction: 'up', watch: null, createdAt: 5 });
  expect(transfers.byRequest('r')).toMatchObject({ id: 't', state: 'queued', request, priority: 'normal' });
  files.insert('t', [FILE, { ...FILE, targetPath: 'b' }]);
  files.count('t');
  const [a, b] = files.page('t', 'todo', 'file', 0, 10);
  expect(a).toMatchObject({ ...FILE, ticket: null, tries: 0 });
  files.begin(a!.id, 'ticket', 'envelope');
  files.addPiece(a!.id, 3, 'receipt');
  files.arrived([{ id: b!.id, sha256: 'ff', md5: null }]);
  expect(files.pieces(a!.id)).toEqual(new Map([[3, 'receipt']]));
  files.count('t');
  expect(transfers.get('t')).toMatchObject({ totalFiles: 2, totalBytes: 40, arrivedFiles: 1, arrivedBytes: 20 });
  // A file that begins again has none of its pieces.
  files.restart({ ...a!, size: 7 });
  expect(files.pieces(a!.id).size).toBe(0);
  const leftovers = new LeftoverStore(db);
  leftovers.note({ transfer: 't', forget: true });
  leftovers.note({ transfer: 't', forget: false });
  expect(leftovers.all()).toEqual([{ transfer: 't', forget: true }]);
  transfers.remove('t');
  expect(files.page('t', 'todo', 'file', 0, 10)).toEqual([]);
  expect(leftovers.all()).toEqual([]);
});
