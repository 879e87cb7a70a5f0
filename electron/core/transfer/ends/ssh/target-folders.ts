import { posix } from 'node:path';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import { kindOf, lookAt } from '../../sftp/sftp-folders.ts';
import { isInside } from '../../list-remote.ts';
import type { EndProblem } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { bytesOfPath, textOfPath } from './path-text.ts';
import { leadsOut, notAFolder } from './publish-problems.ts';

/** The folders below a target root. Each is looked at or made once, and none is entered through a link that leads out of the root. */
export class TargetFolders {
  readonly #root: string;
  readonly #known = new Map<string, Promise<void>>();
  #realRoot: Promise<string> | null = null;

  constructor(root: string) {
    this.#root = root;
    this.#known.set('.', Promise.resolve());
  }

  /** Why a path is none of the tree; null = it is one. */
  problemOf(path: string): EndProblem | null {
    return isInside(path) ? null : { kind: 'name', message: `${path} leads out of the target folder.`, hint: null };
  }

  /** Where a path of the tree lies. @throws EndError `name` for one that is none */
  at(path: string): Buffer {
    const problem = this.problemOf(path);
    if (problem !== null) throw new EndError(problem);
    return bytesOfPath(posix.join(this.#root, path));
  }

  /** Makes the folder that something is to lie in. @throws EndError, SftpError, RemoteError */
  above(client: SftpClient, path: string): Promise<void> {
    return this.folder(client, posix.dirname(path), 0o777);
  }

  /** Makes a folder with those above it; one that is there is left as it is. @throws EndError, SftpError, RemoteError */
  folder(client: SftpClient, path: string, mode: number): Promise<void> {
    const known = this.#known.get(path);
    if (known !== undefined) return known;
    const made = this.folder(client, posix.dirname(path), 0o777).then(() => this.#make(client, path, mode));
    this.#known.set(path, made);
    // Another try looks again.
    made.catch(() => this.#known.delete(path));
    return made;
  }

  async #make(client: SftpClient, path: string, mode: number): Promise<void> {
    const at = this.at(path);
    try {
      // Whoever fills a folder must be able to write into it.
      return await client.mkdir(at, (mode & 0o777) | 0o700);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      const there = await lookAt(client, at);
      if (there === null) throw error;
      const kind = kindOf(there) ?? 'folder';
      if (kind === 'folder') return;
      if (kind === 'link') return await this.#followInside(client, path, at);
      throw new EndError(notAFolder(path));
    }
  }

  async #followInside(client: SftpClient, path: string, at: Buffer): Promise<void> {
    this.#realRoot ??= client.realpath(bytesOfPath(this.#root)).then(textOfPath);
    const [root, real] = [await this.#realRoot, textOfPath(await client.realpath(at))];
    if (real.startsWith(root === '/' ? '/' : `${root}/`) && kindOf(await client.stat(at)) === 'folder') return;
    throw new EndError(leadsOut(path, real));
  }
}
