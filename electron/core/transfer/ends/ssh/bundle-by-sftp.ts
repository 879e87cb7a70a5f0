import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import { Limiter } from '../../sftp/limiter.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { OPEN } from '../../sftp/sftp-client.ts';
import { SftpFileWriter } from '../../sftp/sftp-file-writer.ts';
import type { EndProblem, OutgoingFile } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import type { AsideFolder } from './aside-folder.ts';
import type { Sent } from './bundle-by-tar.ts';
import { changedError } from './end-problem.ts';
import type { FileHost } from './file-host.ts';

/** Over a long way each file waits for two round trips, so that many have to wait at the same time. */
const FILES_AT_ONCE = 1024;
const BYTES_AT_ONCE = 16 * 1024 * 1024;
const CHUNK = 1024 * 1024;
const PERMISSION_BITS = 0o777;

/**
 * Sends small files one by one into the folder aside, very many at once, each proved by its size. `problems` takes those that could not be read here.
 * @throws SftpError, EndError, RemoteError
 */
export async function sendBySftp(
  host: FileHost,
  aside: AsideFolder,
  files: readonly OutgoingFile[],
  options: {
    readonly problems: Map<string, EndProblem>;
    readonly signal: AbortSignal;
    readonly onBytes: (bytes: number) => void;
  },
): Promise<Sent> {
  const { signal, problems, onBytes } = options;
  await host.channels.use((client) => aside.make(client), signal);
  const limiter = new Limiter(FILES_AT_ONCE, BYTES_AT_ONCE);
  const sent = new Map<string, string | null>();
  let failure: { readonly error: unknown } | null = null;
  const sendOne = async (file: OutgoingFile): Promise<void> => {
    if (failure !== null || signal.aborted) return;
    try {
      await host.channels.use((client) => writeFile(client, aside, file, onBytes), signal);
      sent.set(file.path, null);
    } catch (error) {
      if (error instanceof EndError) problems.set(file.path, error.problem);
      else failure ??= { error };
    }
  };
  const all = Promise.all(
    files.map((file) => limiter.run(() => sendOne(file), Math.min(file.size, BYTES_AT_ONCE / 2))),
  );
  await unlessAborted(all, signal);
  signal.throwIfAborted();
  const { error } = (failure as { readonly error: unknown } | null) ?? { error: null };
  if (error === null) return sent;
  throw await host.channels.use((client) => client.explain(error, aside.root), signal);
}

async function writeFile(
  client: SftpClient,
  aside: AsideFolder,
  file: OutgoingFile,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { size, mode, modifiedAt } = file;
  const opening = client.openFile(aside.fileOf(file.path), OPEN.WRITE | OPEN.CREATE | OPEN.TRUNCATE, 0o600);
  opening.catch(() => {});
  // Read while the host opens.
  const first = await file.read(0, Math.min(size, CHUNK));
  const writer = new SftpFileWriter(client, await opening);
  try {
    let bytes = first;
    for (let at = 0; at < size;) {
      if (at > 0) bytes = await file.read(at, Math.min(CHUNK, size - at));
      if (bytes.length === 0) throw changedError(file.path, 'it became shorter');
      await writer.write(bytes);
      at += bytes.length;
      onBytes(bytes.length);
    }
    await writer.finish({ mode: mode & PERMISSION_BITS, modifiedAt: modifiedAt / 1000 });
  } catch (error) {
    writer.abandon();
    throw error;
  }
}
