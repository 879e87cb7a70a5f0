import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Puts a file in the place of an earlier one, whole or not at all, also when the machine loses power. Only its owner can read it. */
export async function replacePrivateFile(path: string, content: string | Uint8Array): Promise<void> {
  await withPart(path, content, (part) => rename(part, path));
}

/** Puts a file where none is, whole or not at all. Only its owner can read it. Resolves to false when there is one already, which stays. */
export async function createPrivateFile(path: string, content: string | Uint8Array): Promise<boolean> {
  try {
    await withPart(path, content, (part) => giveName(part, path));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** A second name, which is never given to two files. File systems without such (exFAT, some shares) take a copy. */
async function giveName(part: string, path: string): Promise<void> {
  try {
    await link(part, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    await copyFile(part, path, constants.COPYFILE_EXCL);
  }
}

async function withPart(
  path: string,
  content: string | Uint8Array,
  publish: (part: string) => Promise<void>,
): Promise<void> {
  const part = `${path}.${randomUUID()}.part`;
  try {
    const file = await open(part, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await publish(part);
  } finally {
    await rm(part, { force: true });
  }
  await syncFolder(dirname(path));
}

/** A new name lasts when its folder is on the disk. Windows has no such call, and needs none. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
