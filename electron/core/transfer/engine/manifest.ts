import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { collisionKey } from '../../../../shared/domain/transfer/names.ts';
import type { EndEntryKind } from '../ends/far-end.ts';

/** Something at the source, and what it is to be called at the target. */
export interface SourceItem {
  /** Which of the source roots `sourcePath` is relative to. */
  readonly root: number;
  readonly sourcePath: string;
  readonly targetPath: string;
  readonly kind: EndEntryKind;
  readonly size: number;
  readonly modifiedAt: number | null;
  readonly mode: number | null;
  readonly mark: string | null;
  readonly linkTarget: string | null;
  readonly sha256: string | null;
  readonly md5: string | null;
}

/** Something at the target; its path is relative to the target root. */
export interface TargetItem {
  readonly path: string;
  readonly kind: EndEntryKind;
  readonly size: number;
  readonly modifiedAt: number | null;
  readonly linkTarget: string | null;
  readonly sha256: string | null;
  readonly md5: string | null;
}

export interface Pair {
  readonly source: SourceItem;
  readonly target: TargetItem | null;
}

interface RawPair extends SourceItem {
  id: number;
  tPath: string | null;
  tKind: EndEntryKind;
  tSize: number;
  tModifiedAt: number | null;
  tLinkTarget: string | null;
  tSha256: string | null;
  tMd5: string | null;
}

const PAGE = 500;

/** Both sides of a transfer, looked at: in a temporary database that SQLite removes by itself, so that memory does not grow with the trees. */
export class Manifest {
  readonly #db: Database;
  readonly #names: { readonly caseSensitive: boolean };
  readonly #addSource;
  readonly #sourceAt;
  readonly #addTarget;
  readonly #targetAt;
  readonly #pairs;
  readonly #extras;
  readonly #keep;

  constructor(names: { readonly caseSensitive: boolean }) {
    this.#names = names;
    this.#db = new Sqlite('');
    this.#db.pragma('journal_mode = OFF');
    this.#db.pragma('synchronous = OFF');
    this.#db.exec(`
      CREATE TABLE source (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, root INTEGER, sourcePath TEXT, targetPath TEXT, kind TEXT, size INTEGER,
        modifiedAt REAL, mode INTEGER, mark TEXT, linkTarget TEXT, sha256 TEXT, md5 TEXT) STRICT;
      CREATE TABLE target (key TEXT PRIMARY KEY, path TEXT, kind TEXT, size INTEGER, modifiedAt REAL, linkTarget TEXT, sha256 TEXT, md5 TEXT, keep INTEGER NOT NULL DEFAULT 0)
        STRICT, WITHOUT ROWID;
    `);
    this.#addSource = this.#db.prepare(
      `INSERT INTO source (key, root, sourcePath, targetPath, kind, size, modifiedAt, mode, mark, linkTarget, sha256, md5)
       VALUES (@key, @root, @sourcePath, @targetPath, @kind, @size, @modifiedAt, @mode, @mark, @linkTarget, @sha256, @md5) ON CONFLICT DO NOTHING`,
    );
    this.#sourceAt = this.#db.prepare<[string], SourceItem>('SELECT * FROM source WHERE key = ?');
    this.#addTarget = this.#db.prepare(
      `INSERT OR REPLACE INTO target (key, path, kind, size, modifiedAt, linkTarget, sha256, md5)
       VALUES (@key, @path, @kind, @size, @modifiedAt, @linkTarget, @sha256, @md5)`,
    );
    this.#targetAt = this.#db.prepare<[string], TargetItem>('SELECT * FROM target WHERE key = ?');
    this.#pairs = this.#db.prepare<[number, number], RawPair>(
      `SELECT source.*, target.path AS tPath, target.kind AS tKind, target.size AS tSize, target.modifiedAt AS tModifiedAt,
         target.linkTarget AS tLinkTarget, target.sha256 AS tSha256, target.md5 AS tMd5
       FROM source LEFT JOIN target ON target.key = source.key WHERE source.id > ? ORDER BY source.id LIMIT ?`,
    );
    this.#extras = this.#db.prepare<[string, number], TargetItem & { key: string; keep: number }>(
      `SELECT target.* FROM target WHERE key > ? AND NOT EXISTS (SELECT 1 FROM source WHERE source.key = target.key) ORDER BY key LIMIT ?`,
    );
    this.#keep = this.#db.prepare('UPDATE target SET keep = 1 WHERE key = ?');
  }

  /** @returns target paths that two sources would get: the one that is added, and the one that has it. */
  addSources(items: readonly SourceItem[]): { readonly path: string; readonly other: string }[] {
    const collisions: { path: string; other: string }[] = [];
    this.#db.transaction(() => {
      for (const item of items) {
        const key = this.#key(item.targetPath);
        if (this.#addSource.run({ ...item, key }).changes > 0) continue;
        const other = this.#sourceAt.get(key)!;
        // Two folders of the same name become one.
        if (item.kind !== 'folder' || other.kind !== 'folder' || other.targetPath !== item.targetPath)
          collisions.push({ path: item.targetPath, other: other.targetPath });
      }
    })();
    return collisions;
  }

  addTargets(items: readonly TargetItem[]): void {
    this.#db.transaction(() => {
      for (const item of items) this.#addTarget.run({ ...item, key: this.#key(item.path) });
    })();
  }

  /** Everything at the source with what is at its place at the target, in pages, in the order in which it was added. */
  *pairs(): Generator<Pair[]> {
    let after = 0;
    for (;;) {
      const raws = this.#pairs.all(after, PAGE);
      if (raws.length === 0) return;
      after = raws.at(-1)!.id;
      yield raws.map(toPair);
    }
  }

  /** What is at the target and not at the source, in pages, folders before what is in them. */
  *extras(): Generator<(TargetItem & { readonly keep: boolean })[]> {
    let after = '';
    for (;;) {
      const raws = this.#extras.all(after, PAGE);
      if (raws.length === 0) return;
      after = raws.at(-1)!.key;
      yield raws.map((raw) => ({ ...raw, keep: raw.keep === 1 }));
    }
  }

  /** Something at the target has to stay, and so have the folders above it. */
  keep(path: string): void {
    for (let at = path; at !== ''; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '')
      this.#keep.run(this.#key(at));
  }

  /** Whether a path is taken at the target, or will be. */
  isTaken(path: string): boolean {
    const key = this.#key(path);
    return this.#sourceAt.get(key) !== undefined || this.#targetAt.get(key) !== undefined;
  }

  close(): void {
    this.#db.close();
  }

  #key(path: string): string {
    return collisionKey(path, this.#names);
  }
}

function toPair(raw: RawPair): Pair {
  const { root, sourcePath, targetPath, kind, size, modifiedAt, mode, mark, linkTarget, sha256, md5 } = raw;
  const target =
    raw.tPath === null
      ? null
      : {
          path: raw.tPath,
          kind: raw.tKind,
          size: raw.tSize,
          modifiedAt: raw.tModifiedAt,
          linkTarget: raw.tLinkTarget,
          sha256: raw.tSha256,
          md5: raw.tMd5,
        };
  return {
    source: { root, sourcePath, targetPath, kind, size, modifiedAt, mode, mark, linkTarget, sha256, md5 },
    target,
  };
}
