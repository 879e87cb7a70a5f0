import { lstat, mkdir, open, readdir, readlink, realpath, rename, stat, statfs } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { hashHere } from '../local/hash-file.ts';
import type { HashFile } from '../local/hash-file.ts';
import { localError, localProblem, onLocal } from '../local/local-problem.ts';
import { TRASH_FOLDER, isOwnName } from '../local/part-names.ts';
import { lookAtLocal, walkHere } from '../local/walk-local.ts';
import { EndError } from './far-end.ts';
import type { EndEntry, EndTraits, FarEnd, FetchSession, FileOutcome, SendSession } from './far-end.ts';
import { FolderFetchSession } from './folder-fetch.ts';
import { FolderSendSession } from './folder-send.ts';

const MEBIBYTE = 1024 * 1024;
const LISTED_AT_MOST = 100_000;
const LOOKS_AT_ONCE = 64;

/** Folders of this workstation, such as a network drive, as a far end. */
export class FolderEnd implements FarEnd {
  readonly name = 'this workstation';
  readonly #hash: HashFile;

  constructor(hash: HashFile = hashHere) {
    this.#hash = hash;
  }

  traits(): Promise<EndTraits> {
    const windows = process.platform === 'win32';
    return Promise.resolve({
      bundles: true,
      pieces: () => ({ bytes: 8 * MEBIBYTE, inFlight: 2 }),
      piecesAbove: 8 * MEBIBYTE,
      keepsLinks: !windows,
      keepsModes: !windows,
      timeGrain: 0,
      caseSensitive: process.platform === 'linux',
      windowsNames: windows,
      folders: true,
      proof: 'sha256',
    });
  }

  resolve(path: string): Promise<string> {
    return onLocal(path, realpath(fromHome(path)));
  }

  async list(path: string, signal: AbortSignal): Promise<{ entries: EndEntry[]; truncated: boolean }> {
    const folder = fromHome(path);
    const names = (await onLocal(path, readdir(folder))).filter((name) => !isOwnName(name) || name === TRASH_FOLDER);
    const entries: EndEntry[] = [];
    for (let at = 0; at < Math.min(names.length, LISTED_AT_MOST); at += LOOKS_AT_ONCE) {
      signal.throwIfAborted();
      const some = names.slice(at, Math.min(at + LOOKS_AT_ONCE, LISTED_AT_MOST));
      entries.push(...(await Promise.all(some.map((name) => listed(folder, name)))).filter((entry) => entry !== null));
    }
    return { entries, truncated: names.length > LISTED_AT_MOST };
  }

  async stat(path: string): Promise<EndEntry | null> {
    return onLocal(path, lookAtLocal(fromHome(path), basename(path)));
  }

  async read(path: string, offset: number, length: number): Promise<Buffer> {
    const file = await onLocal(path, open(fromHome(path), 'r'));
    try {
      const buffer = Buffer.alloc(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await onLocal(path, file.read(buffer, filled, length - filled, offset + filled));
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    } finally {
      await file.close();
    }
  }

  async makeFolder(path: string): Promise<void> {
    await onLocal(path, mkdir(fromHome(path), { recursive: true }));
  }

  async rename(from: string, to: string): Promise<void> {
    if ((await lstat(fromHome(to)).catch(() => null)) !== null) {
      throw new EndError({ kind: 'exists', message: `${to} is there already.`, hint: 'Choose another name.' });
    }
    await onLocal(from, rename(fromHome(from), fromHome(to)));
  }

  /** Into a folder of their own below `.slipway-trash` in the home, or, on another file system, beside what is deleted. */
  async trash(
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ trashedTo: string | null; outcomes: FileOutcome[] }> {
    const stamp = new Date().toISOString().replaceAll(/[:.]/g, '-');
    let trashedTo: string | null = null;
    const outcomes: FileOutcome[] = [];
    for (const path of paths) {
      signal.throwIfAborted();
      const from = fromHome(path);
      try {
        const to = await intoTrash(from, stamp);
        trashedTo ??= to;
        outcomes.push({ path, problem: null });
      } catch (error) {
        outcomes.push({ path, problem: localProblem(path, error) });
      }
    }
    return { trashedTo, outcomes };
  }

  async space(path: string): Promise<{ freeBytes: number | null; freeFiles: number | null }> {
    for (let folder = fromHome(path); ; folder = dirname(folder)) {
      try {
        const { bavail, bsize, files, ffree } = await statfs(folder);
        // File systems without a table of files tell zero.
        return { freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree };
      } catch (error) {
        // A folder that is still to be made has the room of the one above.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || folder === dirname(folder))
          throw localError(path, error);
      }
    }
  }

  async *walk(root: string, { hash }: { readonly hash: boolean }, signal: AbortSignal): AsyncGenerator<EndEntry[]> {
    const folder = fromHome(root);
    for await (const batch of walkHere(folder, { links: 'keep', signal })) {
      if (!hash) {
        yield batch;
        continue;
      }
      const hashed: EndEntry[] = [];
      for (const entry of batch) {
        if (entry.kind !== 'file') hashed.push(entry);
        else
          hashed.push({
            ...entry,
            sha256: (await this.#hash(join(folder, entry.path), { md5: false, signal })).sha256,
          });
      }
      yield hashed;
    }
  }

  send({ root, transfer }: { readonly root: string; readonly transfer: string }): Promise<SendSession> {
    return Promise.resolve(new FolderSendSession({ root: fromHome(root), transfer, hash: this.#hash }));
  }

  fetch({ root }: { readonly root: string; readonly transfer: string }): Promise<FetchSession> {
    return Promise.resolve(new FolderFetchSession(fromHome(root), this.#hash));
  }
}

function fromHome(path: string): string {
  return resolve(homedir(), path);
}

async function listed(folder: string, name: string): Promise<EndEntry | null> {
  const absolute = join(folder, name);
  const entry = await lookAtLocal(absolute, name).catch(() => null);
  if (entry === null || entry.kind !== 'link') return entry;
  const target = await stat(absolute).catch(() => null);
  const leadsTo = target === null ? null : target.isDirectory() ? 'folder' : 'file';
  return { ...entry, linkTarget: await readlink(absolute), leadsTo };
}

async function intoTrash(path: string, stamp: string): Promise<string> {
  const move = async (trash: string): Promise<string> => {
    const folder = join(trash, stamp);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for (let number = 1; ; number++) {
      const to = join(folder, number === 1 ? basename(path) : `${basename(path)} (${number})`);
      if ((await lstat(to).catch(() => null)) !== null) continue;
      await rename(path, to);
      return folder;
    }
  };
  await lstat(path);
  try {
    return await move(join(homedir(), TRASH_FOLDER));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EACCES' && code !== 'EROFS') throw error;
    return move(join(dirname(path), TRASH_FOLDER));
  }
}
