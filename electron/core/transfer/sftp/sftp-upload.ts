import { randomBytes } from 'node:crypto';
import { Buffer } from 'node:buffer';
import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import type { SftpClient } from './sftp-client.ts';
import { OPEN } from './sftp-client.ts';
import { SftpFileWriter } from './sftp-file-writer.ts';

const PIECE = 1024 * 1024;

export interface UploadRequest {
  /** A file of this workstation. */
  readonly source: string;
  /** Path on the host; what is there is replaced, at once and only by the whole file. */
  readonly target: string;
  /** Waits until the file is on the host's disk, where the server can. */
  readonly durable?: boolean;
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Copies a file to a host under a name aside, many requests at once, and renames it when the host holds all of it. Mode and time are kept. After a failure the
 * half is removed, as far as the host still answers. Resolves to its size.
 * @throws SftpError, RemoteError, Error of this workstation, also when the file changes while it is read
 */
export async function uploadFile(client: SftpClient, request: UploadRequest): Promise<number> {
  const { source, target } = request;
  const part = posix.join(posix.dirname(target), `.${posix.basename(target)}.${randomBytes(6).toString('hex')}.part`);
  const local = await open(source, 'r');
  try {
    const before = await local.stat();
    const handle = await client
      .openFile(part, OPEN.WRITE | OPEN.CREATE | OPEN.EXCLUSIVE, 0o600)
      .catch(async (error: unknown) => {
        throw await client.explain(error, posix.dirname(target));
      });
    const writer = new SftpFileWriter(client, handle);
    try {
      let size = 0;
      for (;;) {
        const piece = Buffer.allocUnsafe(PIECE);
        const { bytesRead } = await local.read(piece, 0, PIECE, size);
        if (bytesRead === 0) break;
        await writer.write(piece.subarray(0, bytesRead));
        size += bytesRead;
        request.onBytes?.(bytesRead);
      }
      const after = await local.stat();
      if (size !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs)
        throw new Error(`${source} changed while it was read`);
      await writer.finish({ mode: before.mode & 0o777, modifiedAt: before.mtimeMs / 1000 }, request.durable);
      await client.replace(part, target);
      return size;
    } catch (error) {
      writer.abandon();
      // While the half is there the file system still shows that it is full.
      const explained = await client.explain(error, posix.dirname(target));
      await client.remove(part).catch(() => {});
      throw explained;
    }
  } finally {
    await local.close();
  }
}
