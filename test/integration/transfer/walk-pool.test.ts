import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { LocalEntry, WalkGap, WalkLocal } from '../../../electron/core/transfer/local/walk-local.ts';
import { walkHere } from '../../../electron/core/transfer/local/walk-local.ts';
import { WalkPool } from '../../../electron/core/transfer/walk-worker/walk-pool.ts';
import { entryUrl } from '../../../electron/entry/entry-url.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { soon } from './ssh-end-lab.ts';
import { failure } from './transfer-lab.ts';

function newPool(): WalkPool {
  const pool = new WalkPool(entryUrl('walk-worker'));
  onTestFinished(() => pool.dispose());
  return pool;
}

async function walked(walk: WalkLocal, root: string): Promise<{ entries: LocalEntry[]; gaps: WalkGap[] }> {
  const [entries, gaps]: [LocalEntry[], WalkGap[]] = [[], []];
  const options = { links: 'keep', ignore: ['*.tmp'], ignoreFiles: true, signal: soon() } as const;
  for await (const batch of walk(root, { ...options, onGap: (gap) => gaps.push(gap) })) entries.push(...batch);
  return { entries, gaps };
}

/** More files than one batch holds, and what is told as a gap or left out. */
function wideTree(): string {
  const root = writeFiles({ '.slipwayignore': 'left-out/', 'left-out/a': 'x', 'sub/b.tmp': 'x', 'sub/c': 'x' });
  mkdirSync(join(root, 'many'));
  for (let i = 0; i < 6500; i++) writeFileSync(join(root, 'many', `f${i}`), '');
  symlinkSync('sub/c', join(root, 'link'));
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.of(0xe9)]), 'no UTF-8');
  return root;
}

test('a walk in another thread tells what a walk here tells', async () => {
  const root = wideTree();
  const there = await walked(newPool().walk, root);
  expect(there).toEqual(await walked(walkHere, root));
  expect(there.entries.filter(({ path }) => path.startsWith('many/')).length).toBe(6500);
  expect(there.entries.map(({ path }) => path)).not.toContain('sub/b.tmp');
  expect(there.gaps).toMatchObject([{ kind: 'unreadable' }]);
  expect(await walked(newPool().walk, join(tempFolder(), 'none'))).toEqual({ entries: [], gaps: [] });
});

test('it can be left, and told to stop, and the thread walks on for others', async () => {
  const root = wideTree();
  const pool = newPool();
  for (let i = 0; i < 3; i++)
    for await (const batch of pool.walk(root, { links: 'keep', signal: soon() })) {
      expect(batch.length).toBeGreaterThan(0);
      break;
    }
  const stop = new AbortController();
  const stopped = (async () => {
    for await (const _ of pool.walk(root, { links: 'keep', signal: stop.signal })) stop.abort();
  })();
  expect((await failure(stopped)).name).toBe('AbortError');
  expect((await walked(pool.walk, root)).entries.length).toBeGreaterThan(6500);
});
