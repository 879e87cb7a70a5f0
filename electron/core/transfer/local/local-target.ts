import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { lstat, mkdir, open, readdir, readlink, realpath, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { linkStaysInside, targetPathProblem } from '../../../../shared/domain/transfer/names.ts';
import { EndError } from '../ends/far-end.ts';
import { localError, onLocal } from './local-problem.ts';
import { PartFile, settle } from './part-file.ts';
import { isPartOf, partName } from './part-names.ts';
import type { Throttle } from './source-file.ts';

const { O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;
/** Files at least this large are brought to the disk before they get their names. */
const SYNC_ABOVE = 8 * 1024 * 1024;
/** Smaller files are not worth their holes. */
const SIZED_ABOVE = 1024 * 1024;

export interface LocalTargetOptions {
  readonly root: string;
  /** Marks the parts. */
  readonly transfer: string;
  readonly throttle?: Throttle;
}

/**
 * The folder of this workstation that a transfer writes into. Paths may come from a far side that lies: nothing is written outside the folder, through a link,
 * or over something unseen; nothing is visible under its own name before `publish`.
 */
export class LocalTarget {
  readonly #options: LocalTargetOptions;
  readonly #throttle: Throttle;
  readonly #folders = new Map<string, Promise<string>>();
  /** Paths whose parts have their time and mode, and are closed. */
  readonly #settled = new Set<string>();

  constructor(options: LocalTargetOptions) {
    this.#options = options;
    this.#throttle = options.throttle ?? (() => Promise.resolve());
  }

  /** Where a file stands aside. Makes the folders above it. @throws EndError */
  async partPath(path: string): Promise<string> {
    const [folder, name] = await this.#place(path);
    return join(folder, partName(name, this.#options.transfer));
  }

  /** Opens the part of a file anew, at its full size. @throws EndError */
  async newPart(path: string, size: number): Promise<PartFile> {
    const part = await this.partPath(path);
    this.#settled.delete(path);
    const file = await onLocal(part, openNew(part));
    const isFull = size >= SIZED_ABOVE;
    try {
      if (isFull) await file.truncate(size);
    } catch (error) {
      await file.close();
      throw localError(part, error);
    }
    return new PartFile(path, size, file, this.#throttle, isFull);
  }

  /** Opens the part that an earlier session has begun; null when it is not there, or is another. @throws EndError */
  async earlierPart(path: string, size: number): Promise<PartFile | null> {
    const part = await this.partPath(path);
    try {
      const file = await open(part, O_RDWR | O_NOFOLLOW);
      const stats = await file.stat();
      if (stats.isFile() && stats.size === size) return new PartFile(path, size, file, this.#throttle, true);
      await file.close();
      return null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw localError(part, error);
    }
  }

  /** Makes a folder with its parents; harmless when it is there. @throws EndError */
  async makeFolder(path: string, mode: number): Promise<void> {
    await this.#folder(path, mode);
  }

  /** Makes a link; harmless when it is there with this target. @throws EndError `name` for one that leads out of the folder */
  async makeLink(path: string, target: string): Promise<void> {
    if (!linkStaysInside(path, target)) {
      throw new EndError({
        kind: 'name',
        message: `${path} is a link that leads out of the folder (to ${target}); it was not made.`,
        hint: 'Make it by hand if it is right.',
      });
    }
    const [folder, name] = await this.#place(path);
    const link = join(folder, name);
    const aside = join(folder, partName(name, this.#options.transfer));
    try {
      const there = await lstat(link).catch(() => null);
      if (there?.isSymbolicLink() === true && (await readlink(link)) === target) return;
      if (there?.isDirectory() === true) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
      await rm(aside, { force: true });
      await symlink(target, aside);
      await rename(aside, link);
    } catch (error) {
      throw localError(path, error);
    }
  }

  /** Ends the part of a small file while it is open: to be published by a mere rename. @throws EndError */
  async settle(
    part: PartFile,
    file: { readonly modifiedAt: number | null; readonly mode: number | null },
  ): Promise<void> {
    await part.settle(file);
    this.#settled.add(part.path);
  }

  /** Gives a proven part its name, time and mode (never setuid or setgid). @throws EndError */
  async publish(file: {
    readonly path: string;
    readonly size: number;
    readonly modifiedAt: number | null;
    readonly mode: number | null;
  }): Promise<void> {
    const [folder, name] = await this.#place(file.path);
    const part = join(folder, partName(name, this.#options.transfer));
    const target = join(folder, name);
    try {
      if (!this.#settled.has(file.path)) await settlePart(part, file);
      await rename(part, target);
    } catch (error) {
      // A publication that was repeated finds its work done.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && (await isPublished(target, file))) return;
      throw localError(file.path, error);
    }
  }

  /** Removes the part of a file; harmless when there is none. */
  async discard(path: string): Promise<void> {
    if (targetPathProblem(path, { windowsNames: false }) !== null) return;
    const name = path.slice(path.lastIndexOf('/') + 1);
    const part = join(this.#options.root, dirname(path), partName(name, this.#options.transfer));
    await rm(part, { force: true }).catch(() => undefined);
  }

  /** Removes all parts of the transfer, also those of an earlier session. */
  async discardAll(signal: AbortSignal): Promise<void> {
    const folders = [this.#options.root];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      signal.throwIfAborted();
      for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) folders.push(path);
        else if (isPartOf(entry.name, this.#options.transfer)) await rm(path, { force: true });
      }
    }
  }

  /** The real folder of a path and its name. @throws EndError for a path that does not stay inside */
  async #place(path: string): Promise<[string, string]> {
    const problem = targetPathProblem(path, { windowsNames: process.platform === 'win32' });
    if (problem !== null) {
      throw new EndError({ kind: 'name', message: `${JSON.stringify(path)} ${problem}.`, hint: 'Rename it.' });
    }
    const slash = path.lastIndexOf('/');
    return [await this.#folder(slash < 0 ? '' : path.slice(0, slash), 0o777), path.slice(slash + 1)];
  }

  #folder(path: string, mode: number): Promise<string> {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const made = path === '' ? this.#root() : this.#subfolder(path, mode);
    this.#folders.set(path, made);
    // What failed is looked at again: it may have been mended.
    made.catch(() => this.#folders.delete(path));
    return made;
  }

  async #root(): Promise<string> {
    const { root } = this.#options;
    await onLocal(root, mkdir(root, { recursive: true }));
    return onLocal(root, realpath(root));
  }

  async #subfolder(path: string, mode: number): Promise<string> {
    const [parent, name] = await this.#place(path);
    const folder = join(parent, name);
    try {
      // Its owner must be able to put files into it.
      await mkdir(folder, { mode: (mode & 0o777) | 0o700 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw localError(path, error);
      const there = await onLocal(path, lstat(folder));
      if (there.isSymbolicLink()) {
        const message = `${path} is a link at the target; nothing is written through it.`;
        throw new EndError({ kind: 'name', message, hint: 'Replace it by a folder, or send to where it leads.' });
      }
      if (!there.isDirectory()) {
        const message = `${path} is a folder here and a file at the target.`;
        throw new EndError({ kind: 'exists', message, hint: 'Rename one of the two.' });
      }
    }
    return folder;
  }
}

/** A new file, in place of what an earlier try has left. */
async function openNew(part: string): Promise<FileHandle> {
  const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW;
  try {
    return await open(part, flags, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(part, { force: true });
    return open(part, flags, 0o600);
  }
}

async function settlePart(
  part: string,
  file: { readonly size: number; readonly modifiedAt: number | null; readonly mode: number | null },
): Promise<void> {
  const handle = await open(part, O_RDWR | O_NOFOLLOW);
  try {
    await settle(handle, file.modifiedAt, file.mode);
    if (file.size >= SYNC_ABOVE) await handle.sync();
  } finally {
    await handle.close();
  }
}

async function isPublished(
  target: string,
  file: { readonly size: number; readonly modifiedAt: number | null },
): Promise<boolean> {
  const there = await lstat(target).catch(() => null);
  if (there === null || !there.isFile() || there.size !== file.size) return false;
  return file.modifiedAt === null || Math.abs(there.mtimeMs - file.modifiedAt) <= 1;
}
