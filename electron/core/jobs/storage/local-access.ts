import { lstatSync, readlinkSync, rmSync } from 'node:fs';
import { lstat, mkdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import type { Clock, Timers } from '../../clock.ts';
import type { Logger } from '../../logging/logger.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import type { JobStorage } from './job-storage.ts';

const RETRY_MS = 30_000;
const GIVE_MS = 120_000;
const BEGIN_MS = 2000;
/** Folder in memory, where there is one. */
const MEMORY = '/dev/shm';

interface LocalAccessDeps {
  /** The job's. */
  readonly folder: string;
  readonly storage: JobStorage;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
}

/** Keeps what the runs of a job of this workstation may do with its bucket: written when it begins, renewed before it expires. */
export class LocalAccess {
  readonly #d: LocalAccessDeps;
  #stopTimer: (() => void) | null = null;
  #disposed = false;

  constructor(deps: LocalAccessDeps) {
    this.#d = deps;
  }

  /** As `keep`, and resolves after two seconds at the latest: a store that does not answer keeps no core from starting. */
  async begin(): Promise<void> {
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const stop = this.#d.timers.after(BEGIN_MS, resolve);
    await Promise.race([this.keep(), patience]);
    stop();
  }

  /** Gives the runs that have not ended access now, and again whenever half of its time is over. Without a way to the store the runs wait for it. */
  async keep(): Promise<void> {
    this.#stopTimer?.();
    let again: number;
    try {
      const { storage, folder, clock } = this.#d;
      const runs = storage.openRuns();
      const grant = await storage.grant(runs, AbortSignal.timeout(GIVE_MS));
      if (this.#disposed) return;
      await writeAccess(folder, grant.text, runs);
      again = grant.renewAt - clock.now();
    } catch (error) {
      this.#d.log.warn(
        { err: error, folder: this.#d.folder },
        'the runs got no access to the bucket; tried again soon',
      );
      again = RETRY_MS;
    }
    if (!this.#disposed) this.#stopTimer = this.#d.timers.after(Math.max(again, RETRY_MS), () => void this.keep());
  }

  /** Lets go; the access stays for the runs that go on. */
  dispose(): void {
    this.#disposed = true;
    this.#stopTimer?.();
  }
}

/** The job's folder `access`, in memory where there is /dev/shm: a link then. */
async function accessFolder(jobFolder: string): Promise<string> {
  const access = join(jobFolder, JOB_FOLDER.access);
  const { uid } = userInfo();
  const memory = join(MEMORY, `slipway-${uid}-${basename(jobFolder)}`);
  const inMemory = await mkdir(memory, { mode: 0o700, recursive: true })
    .then(() => lstat(memory))
    .then((found) => found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0)
    .catch(() => false);
  if (!inMemory) {
    await mkdir(access, { mode: 0o700, recursive: true });
    return access;
  }
  if ((await readlink(access).catch(() => null)) !== memory) {
    await rm(access, { recursive: true, force: true });
    await symlink(memory, access);
  }
  return memory;
}

async function writeAccess(jobFolder: string, grant: string, runs: readonly number[]): Promise<void> {
  const folder = await accessFolder(jobFolder);
  const open = join(folder, 'open');
  await mkdir(open, { recursive: true, mode: 0o700 });
  for (const run of runs) await writeFile(join(open, runFolderName(run)), '', { mode: 0o600 });
  const aside = join(folder, 'grant.new');
  await rm(aside, { force: true });
  await writeFile(aside, grant, { mode: 0o600, flag: 'wx' });
  await rename(aside, join(folder, 'grant'));
}

/** Takes away what the runs of an ended job were given; at once, so that a re-run cannot lose what it is given meanwhile. */
export function removeLocalAccess(jobFolder: string): void {
  const access = join(jobFolder, JOB_FOLDER.access);
  const isLink = lstatSync(access, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const target = isLink ? readlinkSync(access) : null;
  if (target?.startsWith(`${MEMORY}/slipway-`) === true) rmSync(target, { recursive: true, force: true });
  rmSync(access, { recursive: true, force: true });
}
