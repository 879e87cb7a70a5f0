import { posix } from 'node:path';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import { lookAt, makeFolders } from '../../sftp/sftp-folders.ts';
import { TRASH_FOLDER } from '../../local/part-names.ts';
import type { FileOutcome } from '../far-end.ts';
import { problemOfOne } from './end-problem.ts';
import { pathBytes } from './host-folders.ts';
import { bytesOfPath, textOfPath } from './path-text.ts';

const AT_HOME = '.local/share/slipway/trash';
/** Of one second. */
const MOST_TRIES = 1000;

/**
 * Moves files and folders to a trash folder, each under the path that it had, so that it can be taken back by hand: `TRASH/2026-11-26T10-14-05/home/me/old.dat`.
 * It is at home, or beside the files where home is on another file system, for a rename never copies. @throws EndError, RemoteError when nothing can go on
 */
export async function moveToTrash(
  client: SftpClient,
  paths: readonly string[],
  now: Date,
): Promise<{ readonly trashedTo: string | null; readonly outcomes: FileOutcome[] }> {
  const home = textOfPath(await client.realpath('.'));
  const items = paths.map((path) => ({ path, at: posix.resolve(home, textOfPath(pathBytes(path))) }));
  const beside = posix.join(commonFolder(items.map(({ at }) => at)), TRASH_FOLDER);
  const trashes = [new Trash(client, posix.join(home, AT_HOME), now), new Trash(client, beside, now)];
  const outcomes: FileOutcome[] = [];
  for (const { path, at } of items) {
    try {
      await take(client, trashes, at);
      outcomes.push({ path, problem: null });
    } catch (error) {
      outcomes.push({ path, problem: problemOfOne(error) });
    }
  }
  return { trashedTo: trashes.find((trash) => trash.folder !== null)?.folder ?? null, outcomes };
}

async function take(client: SftpClient, trashes: readonly Trash[], at: string): Promise<void> {
  // Told as what it is, not as a rename that failed.
  await client.lstat(bytesOfPath(at));
  let failure: unknown = null;
  for (const trash of trashes) {
    try {
      return await trash.take(at);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      failure ??= error;
    }
  }
  throw failure;
}

class Trash {
  readonly #client: SftpClient;
  readonly #root: string;
  readonly #name: string;
  /** What goes into it now; null = nothing yet. */
  folder: string | null = null;

  constructor(client: SftpClient, root: string, now: Date) {
    this.#client = client;
    this.#root = root;
    this.#name = now.toISOString().slice(0, 19).replaceAll(':', '-');
  }

  async take(at: string): Promise<void> {
    const isFirst = this.folder === null;
    const folder = (this.folder ??= await this.#newFolder());
    const target = posix.join(folder, at);
    try {
      await makeFolders(this.#client, bytesOfPath(posix.dirname(target)));
      await this.#client.rename(bytesOfPath(at), bytesOfPath(target));
    } catch (error) {
      if (isFirst) await this.#removeEmpty(target);
      throw error;
    }
  }

  async #newFolder(): Promise<string> {
    await makeFolders(this.#client, bytesOfPath(this.#root));
    for (let n = 1; ; n++) {
      const folder = posix.join(this.#root, n === 1 ? this.#name : `${this.#name}-${n}`);
      try {
        await this.#client.mkdir(bytesOfPath(folder), 0o700);
        return folder;
      } catch (error) {
        const isTaken = error instanceof SftpError && (await lookAt(this.#client, bytesOfPath(folder))) !== null;
        if (!isTaken || n >= MOST_TRIES) throw error;
      }
    }
  }

  /** Takes back the folders that were made in vain. */
  async #removeEmpty(target: string): Promise<void> {
    const top = this.folder!;
    this.folder = null;
    try {
      for (let at = posix.dirname(target); at.startsWith(top); at = posix.dirname(at))
        await this.#client.rmdir(bytesOfPath(at));
      await this.#client.rmdir(bytesOfPath(this.#root));
    } catch {
      // It holds something: older trash.
    }
  }
}

/** The deepest folder that holds all of them. */
function commonFolder(paths: readonly string[]): string {
  let common = posix.dirname(paths[0] ?? '/');
  for (const path of paths) while (common !== '/' && !path.startsWith(`${common}/`)) common = posix.dirname(common);
  return common;
}
