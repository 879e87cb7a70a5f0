import { Buffer } from 'node:buffer';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { OPEN } from '../../sftp/sftp-client.ts';
import { kindOf, lookAt } from '../../sftp/sftp-folders.ts';
import { WriteQueue } from '../../sftp/write-queue.ts';
import type { OutgoingFile, PieceTicket } from '../far-end.ts';
import { EndError } from '../far-end.ts';
import type { AsideFolder } from './aside-folder.ts';
import { PIECES_OF_A_LANE } from './bulk-channels.ts';
import type { FileHost } from './file-host.ts';
import { fillFromOlder } from './older-version.ts';
import type { Common } from './rolling-search.ts';
import { changedError } from './end-problem.ts';

/** Of one piece, written and not yet acknowledged. */
const MOST_UNANSWERED = 3 * 1024 * 1024;
/** Read at a time, in requests. */
const REQUESTS_AT_ONCE = 4;
const ZEROS = Buffer.alloc(1024 * 1024);
const PERMISSION_BITS = 0o777;
const TICKET: PieceTicket = 'aside';

interface Range {
  readonly offset: number;
  readonly length: number;
}

/** Large files, written in place into a file of their full size in the folder aside, on several SFTP sessions at once. What is all zeros is not sent: it is a hole there. */
export class PieceSender {
  readonly #host: FileHost;
  readonly #aside: AsideFolder;

  /** What is there already of a file, from an older version of it. */
  readonly #filled = new Map<string, readonly Common[]>();

  constructor(host: FileHost, aside: AsideFolder) {
    this.#host = host;
    this.#aside = aside;
  }

  /** Makes the file aside, or looks whether an earlier one is there. @throws SftpError, RemoteError, EndError */
  async begin(file: OutgoingFile, earlier: PieceTicket | null, signal: AbortSignal): Promise<PieceTicket | null> {
    const at = this.#aside.fileOf(file.path);
    this.#filled.delete(file.path);
    return await this.#on(signal, async (client) => {
      await this.#aside.make(client);
      if (earlier !== null) {
        const there = await lookAt(client, at);
        return there !== null && kindOf(there) === 'file' && there.size === file.size ? TICKET : null;
      }
      const handle = await client.openFile(at, OPEN.WRITE | OPEN.CREATE | OPEN.TRUNCATE, 0o600);
      await Promise.all([client.fsetstat(handle, { size: file.size }), client.closeHandle(handle)]);
      return TICKET;
    });
  }

  /** Fills it with what an older version has in common with it; resolves to the bytes that need not be sent. @throws EndError, RemoteError */
  async fill(
    file: OutgoingFile,
    read: (offset: number, length: number) => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<number> {
    const common = await fillFromOlder(this.#host, this.#aside, file, read, signal);
    this.#filled.set(file.path, common);
    return common.reduce((sum, { length }) => sum + length, 0);
  }

  /** Resolves once the host has acknowledged it. @throws SftpError, RemoteError; EndError `changed` of the file here */
  async send(
    file: OutgoingFile,
    piece: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const write = async (client: SftpClient): Promise<void> => {
      const handle = await client.openFile(this.#aside.fileOf(file.path), OPEN.WRITE);
      const queue = new WriteQueue(client, handle, {
        mostBytes: MOST_UNANSWERED,
        onWritten: (bytes) => {
          this.#host.channels.moved(bytes);
          onBytes(bytes);
        },
      });
      const atOnce = Math.min(ZEROS.length, REQUESTS_AT_ONCE * client.limits.writeBytes);
      const writeRange = async ({ offset, length }: Range): Promise<void> => {
        for (let done = 0; done < length && !signal.aborted;) {
          const bytes = await file.read(offset + done, Math.min(atOnce, length - done));
          if (bytes.length === 0) throw changedError(file.path, 'it became shorter');
          if (ZEROS.compare(bytes, 0, bytes.length, 0, bytes.length) === 0) onBytes(bytes.length);
          else await queue.write(offset + done, bytes);
          done += bytes.length;
        }
      };
      const missing = missingIn(piece, this.#filled.get(file.path) ?? []);
      onBytes(piece.length - missing.reduce((sum, { length }) => sum + length, 0));
      let closed: Promise<void> | null = null;
      try {
        for (const range of missing) await writeRange(range);
      } finally {
        // Answered behind the last bytes: it takes no round trip of its own.
        closed = client.closeHandle(handle);
        closed.catch(() => {});
      }
      await queue.written();
      await closed;
    };
    await this.#on(signal, write, PIECES_OF_A_LANE);
  }

  /** All pieces are there: sets mode and time, brings it to the disk where the host can, and proves its size. @throws SftpError, RemoteError, EndError */
  async end(file: OutgoingFile, signal: AbortSignal): Promise<void> {
    await this.#on(signal, async (client) => {
      const handle = await client.openFile(this.#aside.fileOf(file.path), OPEN.WRITE);
      // What is asked of one handle is done in the order of asking.
      const [, { size }] = await Promise.all([
        client.fsetstat(handle, { mode: file.mode & PERMISSION_BITS, modifiedAt: file.modifiedAt / 1000 }),
        client.fstat(handle),
        client.offers('fsync@openssh.com') ? client.fsync(handle) : null,
        client.closeHandle(handle),
      ]);
      if (size !== undefined && size !== file.size)
        throw new EndError({
          kind: 'corrupt',
          message: `${this.#host.name} holds ${size} of the ${file.size} bytes of ${file.path}.`,
          hint: null,
        });
    });
  }

  async #on<T>(signal: AbortSignal, work: (client: SftpClient) => Promise<T>, most?: number): Promise<T> {
    const explained = async (client: SftpClient): Promise<T> => {
      try {
        return await work(client);
      } catch (error) {
        // While the part is there the file system still shows that it is full.
        throw await client.explain(error, this.#aside.root);
      }
    };
    return await unlessAborted(this.#host.channels.use(explained, signal, most), signal);
  }
}

/** What of a piece is in none of the common ranges, which are in the order of the newer file and do not overlap. */
export function missingIn(piece: Range, common: readonly Common[]): Range[] {
  const missing: Range[] = [];
  const end = piece.offset + piece.length;
  let at = piece.offset;
  for (const { to, length } of common) {
    if (to + length <= at) continue;
    if (to >= end) break;
    if (to > at) missing.push({ offset: at, length: to - at });
    at = Math.min(end, to + length);
  }
  if (at < end) missing.push({ offset: at, length: end - at });
  return missing;
}
