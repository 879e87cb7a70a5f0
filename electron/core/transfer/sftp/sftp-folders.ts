import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { RemoteError } from '../../ssh/remote-host.ts';
import { Limiter } from './limiter.ts';
import type { SftpClient, SftpPath } from './sftp-client.ts';
import type { SftpAttributes, SftpName } from './sftp-codec.ts';
import { SftpError } from './sftp-error.ts';

const TYPE_BITS = 0o170000;
const AT_ONCE = 32;
/** All names of one look together. */
const MOST_NAME_BYTES = 64 * 1024 * 1024;
const SLASH = 0x2f;

export type SftpKind = 'file' | 'folder' | 'link' | 'other';

/** What a mode tells of the kind; null = the server does not tell. */
export function kindOf({ mode }: SftpAttributes): SftpKind | null {
  switch ((mode ?? 0) & TYPE_BITS) {
    case 0o100000:
      return 'file';
    case 0o040000:
      return 'folder';
    case 0o120000:
      return 'link';
    case 0:
      return null;
    default:
      return 'other';
  }
}

/** A path below a folder, from bytes. */
export function below(folder: Uint8Array, name: Uint8Array): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}

/** Whether something is there, links not followed; null = no. */
export async function lookAt(client: SftpClient, path: string | Uint8Array): Promise<SftpAttributes | null> {
  try {
    return await client.lstat(path);
  } catch (error) {
    if (error instanceof SftpError && error.kind === 'not-found') return null;
    throw error;
  }
}

/** Makes a folder with all those above it; harmless when they are there. @throws SftpError, RemoteError */
export async function makeFolders(client: SftpClient, path: SftpPath): Promise<void> {
  const known = await client.stat(path).catch((error: unknown) => {
    if (error instanceof SftpError && error.kind === 'not-found') return null;
    throw error;
  });
  if (known !== null) return;
  // Each byte a character: names need not be UTF-8.
  const plain = Buffer.from(path).toString('latin1');
  const parent = posix.dirname(plain);
  if (parent !== plain) await makeFolders(client, Buffer.from(parent, 'latin1'));
  try {
    await client.mkdir(path);
  } catch (error) {
    // Somebody else may have been faster.
    if (!(error instanceof SftpError) || (await lookAt(client, path)) === null) throw error;
  }
}

/** Removes what is at a path with everything in it, and follows no link; harmless when nothing is there. @throws SftpError, RemoteError */
export async function removeTree(client: SftpClient, path: string | Uint8Array): Promise<void> {
  const at = typeof path === 'string' ? Buffer.from(path) : path;
  const there = await lookAt(client, at);
  if (there === null) return;
  const look = new FolderLook(client);
  const remove = async (item: Uint8Array, kind: SftpKind): Promise<void> => {
    if (kind !== 'folder') return await look.limiter.run(() => client.remove(item));
    const names = await look.namesIn(item);
    await Promise.all(names.map(({ path: child, kind: its }) => remove(child, its)));
    await look.limiter.run(() => client.rmdir(item));
  };
  await remove(at, kindOf(there) ?? 'other');
}

/** A name in a folder. `path` is that of the folder with the name; the attributes are those of the name itself, links not followed. */
export interface FolderItem {
  readonly path: Buffer;
  readonly name: Buffer;
  readonly kind: SftpKind;
  readonly attributes: SftpAttributes;
}

/** What a host tells is more than any tree holds. */
export function tooManyNames(): RemoteError {
  return new RemoteError('too-large', 'The folders on the host hold more names than can be listed.', {
    hint: 'Choose a folder further down.',
  });
}

/** Reads folders, several at once. What a server tells without end is refused. */
export class FolderLook {
  readonly #client: SftpClient;
  readonly #mostBytes: number;
  readonly limiter: Limiter;
  #bytes = 0;

  /** `mostBytes`: of all paths that it may tell together. */
  constructor(client: SftpClient, mostBytes = MOST_NAME_BYTES) {
    this.#client = client;
    this.#mostBytes = mostBytes;
    this.limiter = new Limiter(Math.max(1, Math.min(AT_ONCE, Math.floor(client.limits.handles / 2))));
  }

  /** What a folder holds. Names that are no names (with a slash, or empty) are dropped: they would lead elsewhere. @throws SftpError, RemoteError `too-large` */
  async namesIn(folder: Uint8Array): Promise<FolderItem[]> {
    const items: FolderItem[] = [];
    for await (const some of this.pieces(folder)) for (const item of some) items.push(item);
    return items;
  }

  /** The same piece by piece, as the server tells it; the folder stays open meanwhile. @throws SftpError, RemoteError `too-large` */
  async *pieces(folder: Uint8Array): AsyncGenerator<FolderItem[]> {
    const leave = await this.limiter.enter();
    try {
      for await (const names of this.#client.readFolder(folder)) {
        const items: FolderItem[] = [];
        for (const entry of names) {
          this.#bytes += folder.length + entry.name.length + 1;
          if (this.#bytes > this.#mostBytes) throw tooManyNames();
          if (isName(entry.name)) items.push(await this.#item(folder, entry));
        }
        yield items;
      }
    } finally {
      leave();
    }
  }

  async #item(folder: Uint8Array, { name, attributes }: SftpName): Promise<FolderItem> {
    const path = below(folder, name);
    const kind = kindOf(attributes);
    if (kind !== null) return { path, name, kind, attributes };
    const own = (await lookAt(this.#client, path)) ?? {};
    return { path, name, kind: kindOf(own) ?? 'other', attributes: { ...attributes, ...own } };
  }
}

/** Whether it is one name: with a slash, or empty, it would lead elsewhere. */
export function isName(name: Buffer): boolean {
  return name.length > 0 && !name.includes(SLASH) && !name.includes(0);
}
