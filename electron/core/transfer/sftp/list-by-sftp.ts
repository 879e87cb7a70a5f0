import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import { isInside } from '../list-remote.ts';
import type { ListRequest, RemoteEntry } from '../list-remote.ts';
import { SftpClient } from './sftp-client.ts';
import type { SftpAttributes } from './sftp-codec.ts';
import { SftpError } from './sftp-error.ts';
import { FolderLook, kindOf, lookAt } from './sftp-folders.ts';

/** Lists folders as `listRemote` does, by SFTP alone. @throws RemoteError, SftpError */
export async function listBySftp(host: RemoteHost, request: ListRequest): Promise<RemoteEntry[]> {
  const client = await SftpClient.open(host, request.signal);
  try {
    const look = new FolderLook(client);
    const entries: RemoteEntry[] = [];
    const add = (path: string, kind: RemoteEntry['kind'], attributes: SftpAttributes): void => {
      const size = kind === 'folder' ? 0 : (attributes.size ?? 0);
      const mode = attributes.mode === undefined ? {} : { mode: attributes.mode & 0o777 };
      entries.push({ path, kind, size, modifiedAt: attributes.modifiedAt ?? 0, ...mode });
    };
    const walk = async (path: string, bytes: Buffer): Promise<void> => {
      const items = await look.namesIn(bytes).catch((error: unknown) => {
        // What has gone meanwhile, and what nobody may look into, is left out, as `find` does.
        if (error instanceof SftpError && (error.kind === 'not-found' || error.kind === 'permission')) return [];
        throw error;
      });
      const deeper: Promise<void>[] = [];
      for (const item of items) {
        const name = item.name.toString('utf8');
        // A name that is no UTF-8 cannot be asked for again.
        const isText = Buffer.from(name).equals(item.name);
        add(`${path}/${name}`, isText ? item.kind : 'other', item.attributes);
        if (isText && item.kind === 'folder') deeper.push(walk(`${path}/${name}`, item.path));
      }
      await Promise.all(deeper);
    };
    await Promise.all(
      request.folders.filter(isInside).map(async (folder) => {
        const path = posix.join(request.root, folder);
        const there = await lookAt(client, path);
        if (there === null) return;
        const kind = kindOf(there) ?? 'other';
        add(folder, kind, there);
        if (kind === 'folder') await walk(folder, Buffer.from(path));
      }),
    );
    return entries;
  } finally {
    client.close();
  }
}
