import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileEntry } from '../../../shared/contract/common.ts';

async function entryOf(folder: string, path: string): Promise<FileEntry | null> {
  try {
    const stat = await lstat(join(folder, path));
    const kind = stat.isDirectory() ? 'folder' : stat.isSymbolicLink() ? 'link' : stat.isFile() ? 'file' : 'other';
    return { path, kind, size: kind === 'file' ? stat.size : 0, modifiedAt: Math.floor(stat.mtimeMs) };
  } catch {
    return null; // deleted between listing and looking
  }
}

/** The entries of one folder, folders first, then by name. */
export async function listFolder(folder: string): Promise<FileEntry[]> {
  const names = await readdir(folder);
  const entries = (await Promise.all(names.map((name) => entryOf(folder, name)))).filter((e) => e !== null);
  return entries.sort(
    (a, b) => Number(b.kind === 'folder') - Number(a.kind === 'folder') || a.path.localeCompare(b.path),
  );
}

/** All files below a folder by path, at most `limit`; `skip` leaves out names at any depth. */
export async function listBelow(
  folder: string,
  limit: number,
  skip: (name: string) => boolean = () => false,
): Promise<{ entries: FileEntry[]; truncated: boolean }> {
  const entries: FileEntry[] = [];
  const queue = [''];
  while (queue.length > 0) {
    const below = queue.shift()!;
    const names = await readdir(join(folder, below)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'EACCES') return [];
      throw error;
    });
    for (const name of names.sort()) {
      if (skip(name)) continue;
      const entry = await entryOf(folder, below === '' ? name : `${below}/${name}`);
      if (entry === null) continue;
      if (entries.length >= limit) return { entries, truncated: true };
      entries.push(entry);
      if (entry.kind === 'folder') queue.push(entry.path);
    }
  }
  return { entries, truncated: false };
}
