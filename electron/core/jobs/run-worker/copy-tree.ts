import {
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { join } from 'node:path';

/** A file or folder of a tree that is copied into run folders; `path` is relative to the tree. */
export interface TreeEntry {
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly size: number;
  /** Milliseconds; kept on the copy, so that an unchanged copy can be told later. */
  readonly modifiedAt: number;
}

/** Larger files are hard-linked: copying gigabytes into every run folder would take longer than the run. Their snapshot is read-only. */
export const LINK_ABOVE_BYTES = 50 * 1024 * 1024;

/** All entries below `root`, folders before what they hold; empty when `root` is not there. */
export function listTree(root: string, below = ''): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let names;
  try {
    names = readdirSync(join(root, below), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  for (const name of names) {
    const path = below === '' ? name.name : `${below}/${name.name}`;
    const stat = lstatSync(join(root, path));
    const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : 'file';
    entries.push({ path, kind, size: kind === 'file' ? stat.size : 0, modifiedAt: Math.floor(stat.mtimeMs) });
    if (kind === 'folder') entries.push(...listTree(root, path));
  }
  return entries;
}

/** Copies a listed tree into `target` (which exists). Copy-on-write where the file system can. */
export function copyTree(root: string, entries: readonly TreeEntry[], target: string): void {
  for (const entry of entries) {
    const from = join(root, entry.path);
    const to = join(target, entry.path);
    if (entry.kind === 'folder') mkdirSync(to, { recursive: true });
    else if (entry.kind === 'link') symlinkSync(readlinkSync(from), to);
    else if (entry.size > LINK_ABOVE_BYTES) linkOrCopy(from, to, entry);
    else copyFile(from, to, entry);
  }
}

function copyFile(from: string, to: string, entry: TreeEntry): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  utimesSync(to, new Date(), new Date(entry.modifiedAt));
}

function linkOrCopy(from: string, to: string, entry: TreeEntry): void {
  try {
    linkSync(from, to);
  } catch {
    copyFile(from, to, entry);
  }
}

/** True when the copy at `path` is still what was copied: same size and time. */
export function isUnchanged(path: string, entry: TreeEntry): boolean {
  try {
    const stat = lstatSync(path);
    if (entry.kind === 'link') return stat.isSymbolicLink();
    return (
      entry.kind === 'file' &&
      stat.isFile() &&
      stat.size === entry.size &&
      Math.floor(stat.mtimeMs) === entry.modifiedAt
    );
  } catch {
    return false;
  }
}
