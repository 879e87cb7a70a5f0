import { posix } from 'node:path';
import type { RemoteHost } from '../../ssh/remote-host.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import { isInside } from '../list-remote.ts';
import type { StageRequest } from '../stage-tree.ts';
import { partFolder, StageError } from '../stage-tree.ts';
import { readAhead } from '../read-ahead.ts';
import { SftpClient } from './sftp-client.ts';
import { SftpError } from './sftp-error.ts';
import { lookAt, makeFolders, removeTree } from './sftp-folders.ts';
import { SftpTreeWriter } from './sftp-tree-writer.ts';
import { readTar } from './tar-entries.ts';

/** How much is made ready while the host is not. */
const AHEAD_BYTES = 8 * 1024 * 1024;

/**
 * Lays a tree out as `stageTree` does, by SFTP alone: the stream is taken apart here, every file is written and proved by its size, and the folder aside becomes
 * visible by one rename. Harmless to repeat; when the target is there already it is left as it is.
 * @throws StageError, RemoteError
 */
export async function stageBySftp(host: RemoteHost, request: StageRequest): Promise<void> {
  const { target, signal } = request;
  const parent = posix.dirname(target);
  const part = partFolder(request);
  const chunks = readAhead(request.chunks, AHEAD_BYTES);
  let client: SftpClient;
  try {
    client = await SftpClient.open(host, signal);
  } catch (error) {
    await chunks.return?.();
    throw error;
  }
  try {
    await makeFolders(client, parent);
    await removeTree(client, part);
    await client.mkdir(part, 0o755);
    const writer = new SftpTreeWriter(client, part);
    let bytes = 0;
    const pieces = readTar(chunks, request.compression, (n) => request.onProgress?.((bytes += n)));
    for await (const piece of pieces) {
      if (signal.aborted) break;
      if ('path' in piece && !isInside(piece.path)) throw new Error(`${piece.path} leads out of the tree`);
      await writer.take(piece);
    }
    signal.throwIfAborted();
    const files = await writer.finish();
    const { files: expected } = request.expected();
    if (files !== expected)
      throw new StageError(
        'other',
        `The files could not be laid out on the site: ${files} of ${expected} files arrived`,
      );
    await publish(client, part, target);
  } catch (error) {
    signal.throwIfAborted();
    throw inWords(await client.explain(error, parent));
  } finally {
    client.close();
    await chunks.return?.();
  }
}

async function publish(client: SftpClient, part: string, target: string): Promise<void> {
  if ((await lookAt(client, target)) === null) {
    try {
      // Not the rename that replaces: an empty folder of that name would give way.
      return await client.rename(part, target);
    } catch (error) {
      if (!(error instanceof SftpError) || (await lookAt(client, target)) === null) throw error;
    }
  }
  await removeTree(client, part);
}

function inWords(error: unknown): unknown {
  if (!(error instanceof SftpError)) return error;
  const told = error.hint === null ? error.message : `${error.message} ${error.hint}`;
  switch (error.kind) {
    case 'no-space':
      return new StageError('space', `The site has no room for the files: ${error.message}`);
    case 'permission':
    case 'read-only':
      return new StageError('permission', `The work folder of the site cannot be written: ${error.message}`);
    case 'protocol':
      return new RemoteError('lost', told, { sent: true, cause: error });
    default:
      return new StageError('other', `The files could not be laid out on the site: ${told}`);
  }
}
