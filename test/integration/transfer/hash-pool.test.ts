import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { HashPool } from '../../../electron/core/transfer/hash-worker/hash-pool.ts';
import { entryUrl } from '../../../electron/entry/entry-url.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { soon } from './ssh-end-lab.ts';
import { failure } from './transfer-lab.ts';

function newPool(): HashPool {
  const pool = new HashPool(entryUrl('hash-worker'));
  onTestFinished(() => pool.dispose());
  return pool;
}

test.each([1, 30])(
  '%i times files of all sizes, asked for together, get the hashes of their contents',
  async (times) => {
    const root = tempFolder();
    const pool = newPool();
    const sizes = [0, 1, 256 * 1024 - 1, 256 * 1024, 256 * 1024 + 1, 3_000_000];
    const contents = sizes.map((size) => randomBytes(size));
    for (const [i, bytes] of contents.entries()) writeFileSync(join(root, `f${i}`), bytes);
    const found = await Promise.all(
      Array.from({ length: times }, () =>
        contents.map((_, i) => pool.hash(join(root, `f${i}`), { md5: i % 2 === 0, signal: soon() })),
      ).flat(),
    );
    const hex = (algorithm: string, bytes: Buffer): string => createHash(algorithm).update(bytes).digest('hex');
    for (const [i, { sha256, md5 }] of found.entries()) {
      const at = i % sizes.length;
      expect(sha256, `${sizes[at]} bytes`).toBe(hex('sha256', contents[at]!));
      expect(md5, `${sizes[at]} bytes`).toBe(at % 2 === 0 ? hex('md5', contents[at]!) : null);
    }
  },
);

test('a file that is not there, or that nobody waits for any more, is told among many others', async () => {
  const root = tempFolder();
  const pool = newPool();
  const paths = Array.from({ length: 40 }, (_, i) => join(root, `f${i}`));
  for (const path of paths) writeFileSync(path, path);
  const stop = new AbortController();
  const stopped = failure(pool.hash(paths[0]!, { md5: false, signal: stop.signal }));
  const gone = failure(pool.hash(join(root, 'none'), { md5: false, signal: soon() }));
  const folder = failure(pool.hash(root, { md5: false, signal: soon() }));
  const others = Promise.all(paths.slice(1).map((path) => pool.hash(path, { md5: false, signal: soon() })));
  stop.abort();
  expect((await stopped).name).toBe('AbortError');
  expect(await gone).toMatchObject({ code: 'ENOENT' });
  expect(await folder).toMatchObject({ code: 'EISDIR' });
  expect((await others).map(({ sha256 }) => sha256)).toEqual(
    paths.slice(1).map((path) => createHash('sha256').update(path).digest('hex')),
  );
});

test('a file that arrives in pieces, in any order, has the hash of its content when the last one is there', async () => {
  const pool = newPool();
  const root = tempFolder();
  const piece = 700_001;
  for (const [at, order] of [
    [0, 1, 2, 3],
    [2, 0, 3, 1],
    [3, 2, 1, 0],
    // Of some nothing is told: they were there before.
    [1, 3],
    [],
  ].entries()) {
    const content = randomBytes(3 * piece + 5);
    const path = join(root, `f${at}`);
    writeFileSync(path, Buffer.alloc(content.length));
    const hashing = pool.follow(path);
    const file = await open(path, 'r+');
    for (const index of order) {
      const bytes = content.subarray(index * piece, (index + 1) * piece);
      await file.write(bytes, 0, bytes.length, index * piece);
      hashing.came(index * piece, bytes.length);
    }
    for (let i = 0; i < 4; i++)
      if (!order.includes(i)) await file.write(content.subarray(i * piece, (i + 1) * piece), 0, null, i * piece);
    await file.close();
    const { sha256 } = await hashing.whole(content.length, soon());
    expect(sha256, `order ${order.join(' ')}`).toBe(createHash('sha256').update(content).digest('hex'));
    hashing.stop();
  }
});

test('a file that arrives is told of when it is shorter or not there, and is left when it is told to', async () => {
  const pool = newPool();
  const path = join(tempFolder(), 'short');
  writeFileSync(path, randomBytes(1000));
  const short = pool.follow(path);
  short.came(0, 1001);
  expect((await failure(short.whole(2000, soon()))).message).toMatch(/shorter/);
  expect(await failure(pool.follow(`${path}-not`).whole(1, soon()))).toMatchObject({ code: 'ENOENT' });
  const stopped = pool.follow(path);
  expect((await failure(stopped.whole(1000, AbortSignal.abort(new Error('enough'))))).message).toBe('enough');
  // Others are not disturbed.
  expect((await pool.hash(path, { md5: false, signal: soon() })).sha256).toHaveLength(64);
});
