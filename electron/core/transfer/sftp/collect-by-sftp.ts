import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import type { CollectRequest } from '../collect-tree.ts';
import { GROWTH, UnreadableError } from '../collect-tree.ts';
import type { RemoteEntry } from '../list-remote.ts';
import { isInside } from '../list-remote.ts';
import { Limiter } from './limiter.ts';
import { SftpClient } from './sftp-client.ts';
import { SftpLanes } from './sftp-lanes.ts';
import { downloadFile } from './sftp-download.ts';
import { SftpError } from './sftp-error.ts';

const FILES_AT_ONCE = 256;
const BYTES_AT_ONCE = 16 * 1024 * 1024;
/** What a file holds of the bytes at once at the most: those that it asks ahead. */
const OF_A_FILE = 4 * 1024 * 1024;

/**
 * Copies listed files into a folder of this workstation as `collectFiles` does, by SFTP alone. Only files that were asked for are written, below the folder.
 * @throws RemoteError, UnreadableError, Error
 */
export async function collectBySftp(host: RemoteHost, request: CollectRequest): Promise<void> {
  const { root, target, signal, onProgress } = request;
  const files = new Map(request.files.map((file) => [file.path, file]));
  const client = await SftpClient.open(host, signal);
  const lanes = new SftpLanes(host, signal);
  const limiter = new Limiter(
    Math.max(1, Math.min(FILES_AT_ONCE, Math.floor(client.limits.handles / 2))),
    BYTES_AT_ONCE,
  );
  const folders = new Map<string, Promise<unknown>>();
  const folderOf = (path: string): Promise<unknown> => {
    const folder = dirname(join(target, path));
    let made = folders.get(folder);
    if (made === undefined) folders.set(folder, (made = mkdir(folder, { recursive: true })));
    return made;
  };
  let bytes = 0;
  let failed = false;
  const fetch = async (file: RemoteEntry): Promise<void> => {
    if (failed) return;
    if (!isInside(file.path)) throw new Error(`A name from the site leads out of its folder: ${file.path}`);
    await folderOf(file.path);
    const size = await downloadFile(client, {
      path: posix.join(root, file.path),
      target: join(target, file.path),
      most: file.size + GROWTH,
      lanes,
      onBytes: (n) => {
        bytes += n;
        onProgress?.(bytes);
      },
    }).catch((error: unknown) => {
      throw inWords(error, file);
    });
    const got = await lstat(join(target, file.path)).catch(() => null);
    if (got === null || !got.isFile() || got.size !== size)
      throw new UnreadableError(`${file.path} did not come back.`);
    if (size < file.size) throw new UnreadableError(`${file.path} came back with ${size} of ${file.size} bytes.`);
  };
  try {
    await Promise.all(
      [...files.values()].map((file) =>
        limiter
          .run(() => fetch(file), Math.min(file.size, OF_A_FILE))
          .catch((error: unknown) => {
            // The others need not be tried.
            failed = true;
            lanes.close();
            client.close();
            throw error;
          }),
      ),
    );
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    lanes.close();
    client.close();
  }
}

/** What is told of a file that could not be read; a broken way stays what it is. */
function inWords(error: unknown, file: RemoteEntry): unknown {
  if (error instanceof RemoteError) return error;
  if (!(error instanceof SftpError)) return error;
  if (error.kind === 'not-found')
    return new UnreadableError(`${file.path} did not come back: it is not there any more.`, { cause: error });
  return new UnreadableError(`Files could not be read on the site: ${file.path}: ${error.message}`, { cause: error });
}
