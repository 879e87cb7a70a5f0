import type { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { OPEN } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import { kindOf, lookAt, makeFolders, removeTree } from '../../sftp/sftp-folders.ts';
import { EndError } from '../far-end.ts';
import { bytesOfPath, folderWord } from './path-text.ts';

/** Folders in a target root whose names begin so hold what is not yet published. */
export const ASIDE_PREFIX = '.slipway-part-';
/** In such a folder, where the root was made for the transfer and goes with it when it is given up. */
const MADE_ROOT = 'made-root';
/** A transfer's own name, when nothing in it means anything to a file system or shell. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,64}$/;
const NAME_LENGTH = 24;
const REMOVE_TRIES = 3;

/**
 * Where a transfer keeps what is not yet published: a folder in the target root itself, so that a file gets its name by a rename, whatever file system the root is
 * on. What lies in it has short and plain names that follow from the paths the files will have: a later session finds them again, and no odd name is in a script.
 */
export class AsideFolder {
  readonly root: string;
  readonly path: string;
  #made: Promise<void> | null = null;
  #marked: Promise<void> = Promise.resolve();

  /** `root`: absolute. */
  constructor(root: string, transfer: string) {
    this.root = root;
    this.path = posix.join(root, `${ASIDE_PREFIX}${PLAIN_ID.test(transfer) ? transfer : hashOf(transfer)}`);
  }

  /** Where a file lies until it is published. */
  fileOf(path: string): Buffer {
    return bytesOfPath(posix.join(this.path, asideName(path)));
  }

  /** Makes it once, with the root; harmless when it is there. @throws SftpError, RemoteError, EndError */
  make(client: SftpClient): Promise<void> {
    this.#made ??= this.#make(client).catch((error: unknown) => {
      // Another try looks again.
      this.#made = null;
      throw error;
    });
    return this.#made;
  }

  async #make(client: SftpClient): Promise<void> {
    const [at, root] = [bytesOfPath(this.path), bytesOfPath(this.root)];
    // Asked together: nearly always the root is there or only its own name is missing, and one round trip is enough.
    let [isRootMade, isAsideMade] = await Promise.all([isMade(client, root, 0o777), isMade(client, at, 0o700)]);
    if (!isAsideMade) {
      if (kindOf((await lookAt(client, at)) ?? {}) === 'folder') return;
      isRootMade ||= (await lookAt(client, root)) === null;
      await makeFolders(client, root);
      if (kindOf(await client.stat(root)) === 'file')
        throw new EndError({ kind: 'exists', message: `${this.root} is a file, not a folder.`, hint: null });
      await client.mkdir(at, 0o700).catch(async (error: unknown) => {
        // The script of a bundle may have been faster.
        if (!(error instanceof SftpError) || kindOf((await lookAt(client, at)) ?? {}) !== 'folder') throw error;
      });
    }
    // Nobody has to wait for it: without it an empty root stays when the transfer is given up.
    if (isRootMade) this.#marked = this.#mark(client).catch(() => {});
  }

  async #mark(client: SftpClient): Promise<void> {
    const mark = await client.openFile(this.#madeRoot, OPEN.WRITE | OPEN.CREATE, 0o600);
    await client.closeHandle(mark);
  }

  get #madeRoot(): Buffer {
    return bytesOfPath(posix.join(this.path, MADE_ROOT));
  }

  /** The same in POSIX sh, for a script that goes on in it. */
  makingScript(): string {
    const [root, at] = [folderWord(this.root), folderWord(this.path)];
    return `made=; [ -d ${root} ] || made=1
mkdir -p ${root} && { [ -d ${at} ] || mkdir -m 700 ${at} || [ -d ${at} ]; } && cd ${at} || exit 71
[ -z "$made" ] || : >${MADE_ROOT}`;
  }

  /** Removes it when nothing is in it any more, in one round trip. @returns whether it is gone @throws RemoteError */
  async removeEmpty(client: SftpClient): Promise<boolean> {
    this.#made = null;
    await this.#marked;
    const mark = client.remove(this.#madeRoot);
    const folder = client.rmdir(bytesOfPath(this.path));
    const [, removed] = await Promise.allSettled([mark, folder]);
    if (removed.status === 'fulfilled') return true;
    if (!(removed.reason instanceof SftpError)) throw removed.reason;
    return removed.reason.kind === 'not-found';
  }

  /** Removes it with everything in it, and the root where it was made for this transfer and is empty. @throws SftpError, RemoteError */
  async remove(client: SftpClient): Promise<void> {
    await this.#marked;
    const [mark, isGone] = await Promise.all([lookAt(client, this.#madeRoot), this.removeEmpty(client)]);
    if (!isGone) await this.#removeAll(client);
    // A root that holds something stays.
    if (mark !== null) await client.rmdir(bytesOfPath(this.root)).catch(() => {});
  }

  async #removeAll(client: SftpClient): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await removeTree(client, this.path);
        return;
      } catch (error) {
        // What was on its way when it was cancelled may have arrived meanwhile.
        if (!(error instanceof SftpError) || tries === REMOVE_TRIES) throw error;
      }
    }
  }
}

function isMade(client: SftpClient, at: Buffer, mode: number): Promise<boolean> {
  return isDone(client.mkdir(at, mode));
}

/** Whether the server did it, or refused. */
async function isDone(asked: Promise<void>): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (error) {
    if (error instanceof SftpError) return false;
    throw error;
  }
}

/** The name of a file while it lies aside. */
export function asideName(path: string): string {
  return hashOf(path);
}

function hashOf(text: string): string {
  // Lone surrogates stand for bytes and must not become the same.
  return createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, NAME_LENGTH);
}
