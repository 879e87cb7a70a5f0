import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as tar from 'tar';
import { describe, expect, test } from 'vitest';
import { compress, headerOf, packEntries, packLocalTree, TAR_END } from '../../../electron/core/transfer/tar-pack.ts';
import type { PackEntry } from '../../../electron/core/transfer/tar-pack.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';

/** Names as users give them, and worse; none is `.`, `..` or longer than file systems take. */
const name = fc
  .oneof(
    fc.stringMatching(/^[A-Za-z0-9_.-]{1,20}$/),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
    fc.string({ unit: fc.constantFrom(...'ab -\'"$`\\\n\t\u001b*?ü日😀'), minLength: 1, maxLength: 30 }),
    fc.stringMatching(/^[a-z]{90,200}$/),
  )
  .map((text) => text.replaceAll(/[/\0]/g, '_'))
  .filter((text) => text !== '.' && text !== '..' && Buffer.byteLength(text) <= 240);

const file = fc.record({
  path: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.integer({ min: 0, max: 3 }).map((n) => new Uint8Array(n * 512)),
  ),
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o444),
  seconds: fc.integer({ min: 0, max: 1_700_000_000 }),
});

/** Files of which none is the folder of another. */
const trees = fc
  .uniqueArray(file, { minLength: 1, maxLength: 12, selector: (f) => f.path })
  .filter((files) => !files.some((a) => files.some((b) => b.path.startsWith(`${a.path}/`))));

function toEntries(files: readonly { path: string; bytes: Uint8Array; mode: number; seconds: number }[]): PackEntry[] {
  return files.map(({ path, bytes, mode, seconds }) => ({
    kind: 'file',
    path,
    bytes,
    mode,
    modifiedAt: seconds * 1000,
  }));
}

/** Paths of the files below a folder. */
function filesBelow(root: string): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries.filter((e) => !e.isDirectory()).map((e) => join(e.parentPath, e.name).slice(root.length + 1));
}

const UNPACKERS = [
  { program: 'tar', args: ['-xpf', '-'], longest: Infinity },
  // It knows neither extended headers nor, therefore, a path that does not fit into the plain one.
  { program: 'busybox', args: ['tar', '-xpf', '-'], longest: 99 },
] as const;

test('a header is the one of the library, whatever the file', () => {
  const paths = fc.oneof(fc.stringMatching(/^[\w.-]{1,120}$/), fc.constantFrom('sub/file', 'ä', 'a'.repeat(99)));
  const sizes = fc.oneof(fc.integer({ min: 0, max: 100_000 }), fc.constantFrom(2 ** 30, 8 ** 11 - 1, 8 ** 11));
  const times = fc.oneof(fc.integer({ min: -1e12, max: 2e12 }), fc.double({ min: 0, max: 2e12, noNaN: true }));
  fc.assert(
    fc.property(paths, sizes, fc.integer({ min: 0, max: 0o7777 }), times, (path, size, mode, modifiedAt) => {
      const block = Buffer.alloc(512);
      const mtime = new Date(Math.floor(modifiedAt / 1000) * 1000);
      const header = new tar.Header({ path, type: 'File', size, mode, mtime, uid: 0, gid: 0 });
      header.encode(block);
      // An extended header comes before it where one is needed.
      expect(headerOf({ path, type: 'File', size, mode, modifiedAt }).subarray(-512).equals(block)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

describe('a packed tree', () => {
  test.each(UNPACKERS)('is unpacked by $program as it was', ({ program, args, longest }) => {
    expect(existsSync(`/usr/bin/${program}`)).toBe(true);
    const parent = tempFolder();
    let round = 0;
    fc.assert(
      fc.property(trees, fc.constantFrom('zstd', 'gzip', 'none'), (all, compression) => {
        const files = all.filter((f) => Buffer.byteLength(f.path) <= longest);
        // Every entry is a chunk of its own: a stream of frames must be one stream.
        const packed = Buffer.concat([
          ...toEntries(files).map((entry) => compress(packEntries([entry]), compression)),
          compress(TAR_END, compression),
        ]);
        const plain =
          compression === 'none' ? packed : execFileSync(compression, ['-dcq'], { input: packed, maxBuffer: 1e8 });
        expect(plain.length % 512).toBe(0);
        const root = join(parent, String(round++));
        mkdirSync(root);
        execFileSync(program, args, { cwd: root, input: plain, env: { ...process.env, LC_ALL: 'C' } });
        expect(new Set(filesBelow(root))).toEqual(new Set(files.map((f) => f.path)));
        for (const { path, bytes, mode, seconds } of files) {
          const stat = lstatSync(join(root, path));
          expect(readFileSync(join(root, path)).equals(bytes)).toBe(true);
          expect([stat.mode & 0o7777, Math.floor(stat.mtimeMs / 1000)]).toEqual([mode, seconds]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('is whole only with all its bytes', async () => {
    const packed = Buffer.concat([
      packEntries([{ kind: 'file', path: 'a', bytes: Buffer.alloc(2000, 1), mode: 0o644, modifiedAt: 0 }]),
      TAR_END,
    ]);
    const root = tempFolder();
    expect(() =>
      execFileSync('tar', ['-xf', '-'], {
        cwd: root,
        input: packed.subarray(0, 1500),
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    ).toThrow();
  });

  test('streams large files of this workstation in small chunks', async () => {
    const source = writeFiles({ big: Buffer.alloc(20_000_001, 'abc') });
    const entry = { kind: 'local-file', path: 'sub/big', source: join(source, 'big'), size: 20_000_001 } as const;
    const chunks: Uint8Array[] = [];
    for await (const chunk of packLocalTree([{ ...entry, modifiedAt: 0, mode: 0o644 }], 'none')) chunks.push(chunk);
    expect(Math.max(...chunks.map((c) => c.length))).toBeLessThan(3 * 1024 * 1024);
    const sizes: number[] = [];
    const list = new tar.Parser({ strict: true, onReadEntry: (e) => void (sizes.push(e.size), e.resume()) });
    list.end(Buffer.concat([...chunks, TAR_END]));
    expect(sizes).toEqual([20_000_001]);
  });
});
