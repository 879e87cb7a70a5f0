import type { BigIntStats } from 'node:fs';
import { lstatSync } from 'node:fs';
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { EndEntry } from '../ends/far-end.ts';
import { IGNORE_FILE, IgnoreRules } from './ignore-rules.ts';
import { localProblem } from './local-problem.ts';
import { isOwnName } from './part-names.ts';

/** Something of this workstation, as a walk sees it. */
export interface LocalEntry extends EndEntry {
  readonly modifiedAt: number;
  readonly mode: number;
  /** Changes with the file: inode, size and time of the last change in nanoseconds. */
  readonly mark: string;
  /** It has holes: it takes much less room than its size says. */
  readonly sparse: boolean;
}

/** Something that a walk leaves out. `unreadable`: its content is missed; `special`: pipes, sockets, devices; `link`: it does not lead to a file inside. */
export interface WalkGap {
  readonly path: string;
  readonly kind: 'unreadable' | 'special' | 'link';
  readonly message: string;
}

/** What of a tree is told, and how. */
export interface WalkRules {
  readonly links: 'keep' | 'follow' | 'skip';
  /** gitignore patterns. */
  readonly ignore?: readonly string[];
  /** Whether `.slipwayignore` files are obeyed. */
  readonly ignoreFiles?: boolean;
}

export interface WalkOptions extends WalkRules {
  readonly signal: AbortSignal;
  readonly onGap?: (gap: WalkGap) => void;
}

/**
 * Everything below a folder, in batches, folders before what is in them. Memory does not grow with the number of files. Slipway's own files are left out.
 * What cannot be read is told as a gap, and the walk goes on. Nothing when there is no such folder.
 */
export type WalkLocal = (root: string, options: WalkOptions) => AsyncIterable<readonly LocalEntry[]>;

const BATCH = 1000;
const LOOKS_AT_ONCE = 32;
/** So long takes no look at a disk of this machine, on average; a busy one may seem so for once. */
const SLOW_LOOK_MS = 0.5;
const MOST_SLOW_LOOKS = 3;
const LARGEST_IGNORE_FILE = 1_000_000;
const SMALLEST_SPARSE = 1_048_576;

/** The mark of a file, as `LocalEntry.mark`. */
export function markOf(stats: BigIntStats): string {
  return `${stats.ino}:${stats.size}:${stats.mtimeNs}`;
}

/** Bytes of the file that a mark is of. */
export function sizeOfMark(mark: string): number {
  return Number(mark.split(':')[1]);
}

function entryOf(path: string, stats: BigIntStats, linkTarget: string | null): LocalEntry {
  const kind = stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : stats.isFile() ? 'file' : 'other';
  const size = kind === 'file' ? Number(stats.size) : 0;
  return {
    path,
    kind,
    size,
    modifiedAt: Number(stats.mtimeNs) / 1e6,
    mode: Number(stats.mode) & 0o7777,
    linkTarget,
    mark: markOf(stats),
    // Windows tells no blocks.
    sparse: size >= SMALLEST_SPARSE && process.platform !== 'win32' && Number(stats.blocks) * 512 < size * 0.9,
  };
}

/** One thing of this workstation under the path that it is to be called by; null when nothing is there. Links are not followed. @throws NodeJS.ErrnoException */
export async function lookAtLocal(absolute: string, path: string): Promise<LocalEntry | null> {
  try {
    const stats = await lstat(absolute, { bigint: true });
    return entryOf(path, stats, stats.isSymbolicLink() ? await readlink(absolute) : null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
}

interface Folder {
  readonly path: string;
  readonly rules: IgnoreRules;
  /** Real paths of the folders above, by which loops of links are seen. */
  readonly above: readonly string[];
}

/** In the thread that asks. `mayBlock`: it may wait for the disk, as a thread may that has nothing else to do. */
export async function* walkHere(
  root: string,
  options: WalkOptions & { readonly mayBlock?: boolean },
): AsyncGenerator<LocalEntry[]> {
  const walk = new LocalWalk(root, options);
  yield* walk.batches();
}

class LocalWalk {
  readonly #root: string;
  readonly #options: WalkOptions;
  readonly #open: Folder[];
  /** A disk of this machine answers at once; a drive of the network is better asked for many at a time. */
  #blocks: boolean;
  #slowLooks = 0;
  #realRoot = '';

  constructor(root: string, options: WalkOptions & { readonly mayBlock?: boolean }) {
    this.#root = root;
    this.#options = options;
    this.#blocks = options.mayBlock === true;
    this.#open = [{ path: '', rules: IgnoreRules.of(options.ignore ?? []), above: [] }];
  }

  async *batches(): AsyncGenerator<LocalEntry[]> {
    try {
      this.#realRoot = await realpath(this.#root);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    let batch: LocalEntry[] = [];
    for (let folder = this.#open.pop(); folder !== undefined; folder = this.#open.pop()) {
      for await (const entries of this.#read(folder)) {
        batch.push(...entries);
        if (batch.length < BATCH) continue;
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0) yield batch;
  }

  #gap(path: string, kind: WalkGap['kind'], message: string): void {
    this.#options.onGap?.({ path, kind, message });
  }

  async *#read(folder: Folder): AsyncGenerator<LocalEntry[]> {
    const absolute = join(this.#root, folder.path);
    let names: string[];
    try {
      names = await readdir(absolute);
    } catch (error) {
      this.#gap(folder.path, 'unreadable', localProblem(absolute, error).message);
      return;
    }
    let { rules } = folder;
    if (this.#options.ignoreFiles === true && names.includes(IGNORE_FILE)) {
      const file = join(absolute, IGNORE_FILE);
      const { size } = await stat(file);
      if (size <= LARGEST_IGNORE_FILE) rules = rules.below(folder.path, await readFile(file, 'utf8'));
      else this.#gap(`${folder.path}/${IGNORE_FILE}`, 'special', `${file} is too large for a list of patterns.`);
    }
    for (let at = 0; at < names.length; at += LOOKS_AT_ONCE) {
      this.#options.signal.throwIfAborted();
      const began = performance.now();
      const looked = names.slice(at, at + LOOKS_AT_ONCE).map((name) => this.#look(name, { ...folder, rules }));
      this.#slowLooks = performance.now() - began > looked.length * SLOW_LOOK_MS ? this.#slowLooks + 1 : 0;
      if (this.#slowLooks === MOST_SLOW_LOOKS) this.#blocks = false;
      yield (await Promise.all(looked)).filter((entry) => entry !== null);
    }
  }

  #stats(absolute: string): BigIntStats | Promise<BigIntStats> {
    return this.#blocks ? lstatSync(absolute, { bigint: true }) : lstat(absolute, { bigint: true });
  }

  async #look(name: string, folder: Folder): Promise<LocalEntry | null> {
    if (isOwnName(name)) return null;
    const path = folder.path === '' ? name : `${folder.path}/${name}`;
    const absolute = join(this.#root, path);
    if (name.includes('\ufffd')) {
      this.#gap(path, 'unreadable', `${path} has a name that is no UTF-8. Rename it.`);
      return null;
    }
    try {
      const stats = await this.#stats(absolute);
      if (folder.rules.ignores(path, stats.isDirectory())) return null;
      if (stats.isSymbolicLink()) return await this.#link(path, absolute, stats, folder);
      const entry = entryOf(path, stats, null);
      if (entry.kind === 'other') {
        this.#gap(path, 'special', `${path} is a pipe, a socket or a device; it has no content of its own.`);
        return null;
      }
      if (entry.kind === 'folder') this.#enter(path, absolute, folder);
      return entry;
    } catch (error) {
      // What vanishes during the walk was not there.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
        this.#gap(path, 'unreadable', localProblem(path, error).message);
      return null;
    }
  }

  #enter(path: string, real: string, { rules, above }: Folder): void {
    this.#open.push({ path, rules, above: this.#options.links === 'follow' ? [...above, real] : above });
  }

  async #link(path: string, absolute: string, stats: BigIntStats, folder: Folder): Promise<LocalEntry | null> {
    if (this.#options.links === 'skip') return null;
    if (this.#options.links === 'keep') return entryOf(path, stats, await readlink(absolute));
    const real = await realpath(absolute).catch(() => null);
    if (real === null) {
      this.#gap(path, 'link', `${path} is a link that leads nowhere.`);
      return null;
    }
    const inside = relative(this.#realRoot, real);
    if (inside === '..' || inside.startsWith(`..${sep}`)) {
      this.#gap(path, 'link', `${path} is a link that leads out of the folder.`);
      return null;
    }
    const target = await stat(real, { bigint: true });
    if (!target.isDirectory()) return entryOf(path, target, null);
    if (
      real === this.#realRoot ||
      folder.above.includes(real) ||
      join(this.#realRoot, path).startsWith(`${real}${sep}`)
    ) {
      this.#gap(path, 'link', `${path} is a link to a folder that it lies in.`);
      return null;
    }
    this.#enter(path, real, folder);
    return entryOf(path, target, null);
  }
}
