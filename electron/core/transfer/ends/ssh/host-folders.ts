import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { Limiter } from '../../sftp/limiter.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { OPEN } from '../../sftp/sftp-client.ts';
import type { SftpAttributes } from '../../sftp/sftp-codec.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import type { SftpKind } from '../../sftp/sftp-folders.ts';
import { below, isName, kindOf, lookAt, makeFolders } from '../../sftp/sftp-folders.ts';
import type { EndEntry } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { bytesOfPath, textOfPath } from './path-text.ts';

/** Of one listing. */
const MOST_ENTRIES = 100_000;
const LINKS_AT_ONCE = 256;
const PERMISSION_BITS = 0o7777;

/** A path as SFTP takes it: relative to home, where its sessions begin. */
export function pathBytes(path: string): Buffer {
  const plain = path === '~' ? '.' : path.replace(/^~\/+/, '');
  return bytesOfPath(plain === '' ? '.' : plain);
}

/** Times of SFTP are whole seconds. */
export function entryOf(
  path: string,
  kind: SftpKind,
  { size, modifiedAt, mode }: SftpAttributes,
  linkTarget: string | null = null,
): EndEntry {
  return {
    path,
    kind,
    size: kind === 'folder' ? 0 : (size ?? 0),
    modifiedAt: modifiedAt === undefined ? null : modifiedAt * 1000,
    mode: mode === undefined ? null : mode & PERMISSION_BITS,
    linkTarget,
  };
}

/** The folder as it is really called. @throws SftpError, RemoteError */
export async function resolvePath(client: SftpClient, path: string): Promise<string> {
  const at = pathBytes(path);
  const isThere = (path: Buffer): Promise<boolean> => client.stat(path).then(() => true);
  const [real, isKnown] = await Promise.all([client.realpath(at), isThere(at).catch(() => false)]);
  // What is not there is resolved too by some servers, and not each of them knows it by the name that it was asked for.
  if (!isKnown) await isThere(real);
  return textOfPath(real);
}

/** A folder with what its links lead to. @throws SftpError, RemoteError */
export async function listFolder(
  client: SftpClient,
  path: string,
): Promise<{ readonly entries: EndEntry[]; readonly truncated: boolean }> {
  const folder = await client.realpath(pathBytes(path));
  const found: { readonly name: Buffer; readonly attributes: SftpAttributes }[] = [];
  let told = 0;
  let truncated = false;
  for await (const names of client.readFolder(folder)) {
    truncated = told + names.length > MOST_ENTRIES;
    // What is no name counts, too: a listing of nothing else may have no end.
    found.push(...names.slice(0, MOST_ENTRIES - told).filter(({ name }) => isName(name)));
    told += names.length;
    if (truncated) break;
  }
  const limiter = new Limiter(LINKS_AT_ONCE);
  const entries = await Promise.all(
    found.map(async ({ name, attributes }) => {
      const path = below(folder, name);
      const text = textOfPath(name);
      const kind = kindOf(attributes);
      if (kind !== null && kind !== 'link') return entryOf(text, kind, attributes);
      return await limiter.run(() => lookAtEntry(client, path, text));
    }),
  );
  // What has gone meanwhile is left out.
  return { entries: entries.filter((entry) => entry !== null), truncated };
}

/** One path, links not followed; null = nothing is there. @throws SftpError, RemoteError */
export async function statPath(client: SftpClient, path: string): Promise<EndEntry | null> {
  return await lookAtEntry(client, pathBytes(path), posix.basename(path));
}

async function lookAtEntry(client: SftpClient, path: Buffer, name: string): Promise<EndEntry | null> {
  const own = await lookAt(client, path);
  if (own === null) return null;
  const kind = kindOf(own) ?? 'other';
  if (kind !== 'link') return entryOf(name, kind, own);
  const unknown = (): null => null;
  const [target, led] = await Promise.all([client.readlink(path).catch(unknown), client.stat(path).catch(unknown)]);
  const to = led === null ? null : kindOf(led);
  const entry = entryOf(name, 'link', own, target === null ? null : textOfPath(target));
  return { ...entry, leadsTo: to === 'file' || to === 'folder' ? to : null };
}

/** Bytes of a file, fewer only at its end. @throws SftpError, RemoteError */
export async function readPart(client: SftpClient, path: string, offset: number, length: number): Promise<Buffer> {
  const at = pathBytes(path);
  // Opening a named pipe would wait for whoever writes into it.
  const kind = kindOf(await client.stat(at)) ?? 'file';
  if (kind !== 'file') throw new SftpError('failed', `${path} is ${kind === 'folder' ? 'a folder' : 'no file'}.`);
  const handle = await client.openFile(at, OPEN.READ);
  try {
    const asked: Promise<Buffer>[] = [];
    const chunk = client.limits.readBytes;
    for (let from = 0; from < length; from += chunk)
      asked.push(readWhole(client, handle, offset + from, Math.min(chunk, length - from)));
    return Buffer.concat(await Promise.all(asked));
  } finally {
    client.closeHandle(handle).catch(() => {});
  }
}

/** As many bytes as there are, also from a server that gives fewer at a time than it is asked for. */
async function readWhole(
  client: SftpClient,
  handle: Awaited<ReturnType<SftpClient['openFile']>>,
  offset: number,
  length: number,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let had = 0; had < length;) {
    const bytes = await client.read(handle, offset + had, length - had);
    if (bytes === null) break;
    parts.push(bytes);
    had += bytes.length;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** Makes a folder with its parents. @throws SftpError, RemoteError */
export async function makeFolderAt(client: SftpClient, path: string): Promise<void> {
  const at = pathBytes(path);
  await makeFolders(client, at);
  if (kindOf(await client.stat(at)) === 'file')
    throw new EndError({ kind: 'exists', message: `${path} is there already, and is a file.`, hint: null });
}

/** Never over something that is there. @throws EndError `exists`; SftpError, RemoteError */
export async function renamePath(client: SftpClient, from: string, to: string): Promise<void> {
  const target = pathBytes(to);
  const refuseTaken = async (): Promise<void> => {
    if ((await lookAt(client, target)) === null) return;
    throw new EndError({
      kind: 'exists',
      message: `There is something called ${to} already.`,
      hint: 'Choose another name, or move what is there away first.',
    });
  };
  await refuseTaken();
  try {
    // The rename of version 3 itself refuses a name that is taken, also where somebody was faster.
    await client.rename(pathBytes(from), target);
  } catch (error) {
    if (error instanceof SftpError && error.kind === 'failed') await refuseTaken();
    throw error;
  }
}
