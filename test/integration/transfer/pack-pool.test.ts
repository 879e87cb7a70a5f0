import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { entryUrl } from '../../../electron/entry/entry-url.ts';
import { asideName } from '../../../electron/core/transfer/ends/ssh/aside-folder.ts';
import type { EndProblem, OutgoingFile } from '../../../electron/core/transfer/ends/far-end.ts';
import { OutgoingSource } from '../../../electron/core/transfer/engine/outgoing-source.ts';
import { lookAtLocal } from '../../../electron/core/transfer/local/walk-local.ts';
import { PackPool } from '../../../electron/core/transfer/pack-worker/pack-pool.ts';
import type { Compression } from '../../../electron/core/transfer/tar-pack.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { outgoing, sha256, soon } from './ssh-end-lab.ts';
import { failure } from './transfer-lab.ts';

function newPool(): PackPool {
  const pool = new PackPool(entryUrl('pack-worker'));
  onTestFinished(() => pool.dispose());
  return pool;
}

async function sourceOf(root: string, path: string, throttle: (n: number) => Promise<void> = async () => {}) {
  const entry = (await lookAtLocal(join(root, path), path))!;
  if (entry.kind !== 'file') throw new Error(`${path} is no file`);
  return new OutgoingSource({ ...entry, absolute: join(root, path), throttle }, { sealed: null, md5: false });
}

async function unpacked(
  pool: PackPool,
  files: readonly OutgoingFile[],
  offered: readonly Compression[] = ['none'],
): Promise<{ folder: string; problems: Map<string, EndProblem>; bytes: number; compression: Compression }> {
  const problems = new Map<string, EndProblem>();
  const options = { offered: new Set(offered), list: 'the-list', problems, signal: soon() };
  const { chunks, compression } = await pool.pack(files, options);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const { packed, contentBytes } of chunks) {
    parts.push(packed);
    bytes += contentBytes;
  }
  const folder = tempFolder();
  const packer = compression === 'zstd' ? ['--zstd'] : [];
  execFileSync('tar', [...packer, '-xf', '-', '-C', folder], { input: Buffer.concat(parts) });
  return { folder, problems, bytes, compression };
}

test('a bundle that is packed in another thread holds what the files hold, and tells their hashes', async () => {
  const contents = { text: 'same '.repeat(30_000), empty: '', 'sub/noise': '' };
  const root = writeFiles(contents);
  writeFileSync(join(root, 'sub/noise'), randomBytes(5_000_000));
  const paths = Object.keys(contents);
  let allowed = 0;
  const throttle = (bytes: number): Promise<void> => {
    allowed += bytes;
    return Promise.resolve();
  };
  const files = await Promise.all(paths.map((path) => sourceOf(root, path, throttle)));
  const pool = newPool();
  const { folder, problems, bytes } = await unpacked(pool, files);
  const size = files.reduce((sum, file) => sum + file.size, 0);
  expect([problems.size, bytes, allowed]).toEqual([0, size, size]);
  expect(readdirSync(folder).toSorted()).toEqual([...paths.map(asideName), 'the-list'].toSorted());
  expect(readFileSync(join(folder, 'the-list'), 'utf8')).toBe(paths.map((path) => `./${asideName(path)}\0`).join(''));
  for (const file of files) {
    const there = readFileSync(join(root, file.path));
    expect(readFileSync(join(folder, asideName(file.path))).equals(there)).toBe(true);
    expect(file.hashes()).toEqual({ sha256: sha256(there), md5: null });
  }
  // It is packed as it is worth it.
  expect((await unpacked(pool, [files[0]!], ['zstd', 'none'])).compression).toBe('zstd');
  expect((await unpacked(pool, [files[2]!], ['zstd', 'none'])).compression).toBe('none');
});

test('a file that is not what was planned is told, and the others are packed', async () => {
  const root = writeFiles({ good: 'good', grown: 'x', gone: 'x', emptied: '' });
  const files = await Promise.all(['good', 'grown', 'gone', 'emptied'].map((path) => sourceOf(root, path)));
  appendFileSync(join(root, 'grown'), 'more');
  appendFileSync(join(root, 'emptied'), 'not empty any more');
  rmSync(join(root, 'gone'));
  const { folder, problems } = await unpacked(newPool(), files);
  expect(Object.fromEntries([...problems].map(([path, { kind }]) => [path, kind]))).toEqual({
    grown: 'changed',
    gone: 'not-found',
    emptied: 'changed',
  });
  expect(readFileSync(join(folder, asideName('good')), 'utf8')).toBe('good');
});

test('files that do not simply lie here are packed by whoever asks; a bundle that is given up ends', async () => {
  const pool = newPool();
  const { folder } = await unpacked(pool, [outgoing('a', 'made up')]);
  expect(readFileSync(join(folder, asideName('a')), 'utf8')).toBe('made up');
  const root = writeFiles({ large: randomBytes(30_000_000).toString('latin1') });
  const abort = new AbortController();
  const options = { offered: new Set<Compression>(['none']), list: 'l', problems: new Map(), signal: abort.signal };
  const { chunks } = await pool.pack([await sourceOf(root, 'large')], options);
  const all = failure(
    (async () => {
      for await (const _ of chunks) abort.abort();
    })(),
  );
  expect((await all).name).toBe('AbortError');
  // The thread goes on with others.
  expect((await unpacked(pool, [await sourceOf(root, 'large')])).bytes).toBeGreaterThan(30_000_000);
});
