import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What tasks write and the login node reads. */
const SHARED = /^(?:events\/[^/]+|runs\/\d+\/(?:end\.json|start\.json|stdout|stderr|\.slipway\/(?:owner|claim\.\d+)))$/;

/** A network file system that is late: the login node sees what tasks have written as it was at a moment in the past. */
export class StaleFiles {
  readonly #jobs: string;
  readonly #aside: string;
  readonly #seen: ReadonlyMap<string, Buffer>;

  /** Remembers what there is now. `aside`: a folder of the same file system. */
  constructor(jobs: string, aside: string) {
    this.#jobs = jobs;
    this.#aside = aside;
    this.#seen = new Map(sharedFiles(jobs).map((path) => [path, readFileSync(path)]));
  }

  /** Shows the files as they were until the returned function is called. Nothing may write them meanwhile. */
  show(): () => void {
    const undo: (() => void)[] = [];
    mkdirSync(this.#aside, { recursive: true });
    for (const path of new Set([...this.#seen.keys(), ...sharedFiles(this.#jobs)])) {
      const old = this.#seen.get(path);
      const isThere = existsSync(path);
      if (isThere && old !== undefined && readFileSync(path).equals(old)) continue;
      const hidden = join(this.#aside, String(undo.length));
      if (isThere) renameSync(path, hidden);
      if (old !== undefined && existsSync(dirname(path))) writeFileSync(path, old);
      undo.push(() => {
        if (isThere) renameSync(hidden, path);
        else rmSync(path, { force: true });
      });
    }
    return () => {
      for (const back of undo) back();
    };
  }
}

function sharedFiles(jobs: string): string[] {
  const found: string[] = [];
  const list = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);
  for (const job of list(jobs)) {
    for (const token of list(join(jobs, job))) {
      if (!token.startsWith('sw-')) continue;
      const root = join(jobs, job, token);
      const paths = list(join(root, 'events')).map((name) => `events/${name}`);
      for (const run of list(join(root, 'runs'))) {
        for (const name of list(join(root, 'runs', run))) paths.push(`runs/${run}/${name}`);
        for (const name of list(join(root, 'runs', run, '.slipway'))) paths.push(`runs/${run}/.slipway/${name}`);
      }
      found.push(...paths.filter((path) => SHARED.test(path)).map((path) => join(root, path)));
    }
  }
  return found;
}
