import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import type { SftpClient, SftpHandle, SftpPath } from './sftp-client.ts';
import { OPEN } from './sftp-client.ts';
import type { SftpAttributes } from './sftp-codec.ts';
import type { SftpLanes } from './sftp-lanes.ts';
import { SftpError } from './sftp-error.ts';
import { kindOf } from './sftp-folders.ts';

/** Asked for and not yet written, of one file on one session. */
const MOST_AHEAD = 4 * 1024 * 1024;
/** A file with more than this left is worth further sessions. */
const WIDE_FROM = 16 * 1024 * 1024;
/** Servers that give less than this at a time are not worth asking for less. */
const LEAST_CHUNK = 4 * 1024;

export interface DownloadRequest {
  readonly path: SftpPath;
  /** A file of this workstation, which is made or emptied. */
  readonly target: string;
  /** A file that goes on behind this is refused. */
  readonly most: number;
  /** Further sessions for a large file. */
  readonly lanes?: SftpLanes;
  readonly onBytes?: (bytes: number) => void;
}

/** The file, open in one session. */
interface Lane {
  readonly client: SftpClient;
  readonly handle: SftpHandle;
}

interface Ahead {
  readonly offset: number;
  readonly length: number;
  readonly answer: Promise<Buffer | null>;
}

/**
 * Copies a file from a host, many requests at once, written in order. Its end is where the server says that it ends, whatever size it told before. Mode (without
 * set-id bits) and time are kept. Resolves to its size.
 * @throws SftpError, RemoteError, Error of this workstation
 */
export async function downloadFile(client: SftpClient, request: DownloadRequest): Promise<number> {
  const remote = await client.openFile(request.path, OPEN.READ);
  let local: FileHandle | null = null;
  try {
    const chunk = client.limits.readBytes;
    // What fits into one answer needs no more than this: its size is asked for behind the bytes.
    const first = client.read(remote, 0, chunk);
    const asked = client.fstat(remote);
    asked.catch(() => {});
    const start = await first;
    const told = await asked;
    if ((kindOf(told) ?? 'file') !== 'file') throw new SftpError('failed', 'It is no file any more.');
    local = await open(request.target, 'w', (told.mode ?? 0o644) & 0o777);
    let size = start?.length ?? 0;
    if (start !== null) await local.write(start, 0, start.length, 0);
    request.onBytes?.(size);
    if (start !== null && told.size !== size) {
      const lanes: Lane[] = [{ client, handle: remote }];
      const isWide = (told.size ?? 0) - size > WIDE_FROM;
      const narrow = isWide ? widen(lanes, request) : () => {};
      size = await readOn(lanes, local, { request, told, from: size }).finally(narrow);
    }
    if (told.modifiedAt !== undefined) await local.utimes(told.accessedAt ?? told.modifiedAt, told.modifiedAt);
    return size;
  } finally {
    client.closeHandle(remote).catch(() => {});
    await local?.close();
  }
}

/** Opens the file in further sessions as they come. What is returned ends that. */
function widen(lanes: Lane[], { path, lanes: more }: DownloadRequest): () => void {
  const opened: Lane[] = [];
  let isOver = false;
  const stop = more?.each((client) => {
    client.openFile(path, OPEN.READ).then(
      (handle) => {
        const lane = { client, handle };
        opened.push(lane);
        if (isOver) close(lane);
        else lanes.push(lane);
      },
      () => undefined,
    );
  });
  const close = ({ client, handle }: Lane): void => void client.closeHandle(handle).catch(() => {});
  return () => {
    isOver = true;
    stop?.();
    opened.forEach(close);
  };
}

/** The rest of a file. Asks ahead up to the size that was told and once behind it; from there on, only as far as bytes go on coming. */
async function readOn(
  lanes: readonly Lane[],
  local: FileHandle,
  { request, told, from }: { readonly request: DownloadRequest; readonly told: SftpAttributes; readonly from: number },
): Promise<number> {
  const { most, onBytes } = request;
  let chunk = lanes[0]!.client.limits.readBytes;
  let turn = 0;
  const ahead: Ahead[] = [];
  let aheadBytes = 0;
  let next = from;
  let size = from;
  let askUpTo = Math.max(told.size ?? 0, from) + 1;
  const ask = (offset: number, length: number): Ahead => {
    const { client, handle } = lanes[turn++ % lanes.length]!;
    const answer = client.read(handle, offset, length);
    // Those behind the end are waited for by nobody.
    answer.catch(() => {});
    aheadBytes += length;
    return { offset, length, answer };
  };
  const hasRoom = (): boolean => aheadBytes < MOST_AHEAD * lanes.length || ahead.length === 0;
  for (;;) {
    for (; next < askUpTo && hasRoom(); next += chunk) ahead.push(ask(next, chunk));
    const head = ahead.shift()!;
    const bytes = await head.answer;
    aheadBytes -= head.length;
    if (bytes === null) return size;
    size = head.offset + bytes.length;
    if (size > most) throw new SftpError('failed', `It goes on behind ${most} bytes, more than it was listed with.`);
    await local.write(bytes, 0, bytes.length, head.offset);
    onBytes?.(bytes.length);
    if (bytes.length < head.length) {
      if (size === told.size) return size;
      // The end, or a server that gives less at a time than it is asked for: only another question tells.
      if (size < (told.size ?? 0)) chunk = Math.max(LEAST_CHUNK, Math.min(chunk, bytes.length));
      ahead.unshift(ask(size, head.length - bytes.length));
    } else if (ahead.length === 0) askUpTo = Math.max(askUpTo, size + 1);
  }
}
