import type { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import { Limiter } from '../../sftp/limiter.ts';
import type { SftpClient, SftpHandle } from '../../sftp/sftp-client.ts';
import { OPEN } from '../../sftp/sftp-client.ts';
import type { EndEntry, FetchSession, FileOutcome, IncomingFile } from '../far-end.ts';
import { changedError, concernsAll, inEndWords, problemOf } from './end-problem.ts';
import { PIECES_OF_A_LANE } from './bulk-channels.ts';
import type { FileHost } from './file-host.ts';
import { sparing } from './file-host.ts';
import { fetchByTar } from './incoming-bundle.ts';
import type { Received } from './incoming-bundle.ts';
import { bytesOfPath } from './path-text.ts';
import { hashFiles } from './remote-hashes.ts';

/** Over a long way each file waits for two round trips, so that many have to wait at the same time. */
const FILES_AT_ONCE = 1024;
const BYTES_AT_ONCE = 16 * 1024 * 1024;
/** Asked for and not yet written, of one piece. */
const MOST_AHEAD = 3 * 1024 * 1024;

/** Below this, a program for one file takes longer to start than the hash. */
const AHEAD_FROM_BYTES = 64 * 1024 * 1024;

type OnBytes = (bytes: number) => void;

/** Fetches from a folder of a host. */
export class SshFetchSession implements FetchSession {
  readonly #host: FileHost;
  readonly #root: string;
  /** Hashes that the host has told, or is telling, of files that are being fetched. */
  readonly #ahead = new Map<string, { readonly version: string; readonly hash: Promise<string | null> }>();
  #isHashing = false;
  readonly #over = new AbortController();

  /** `root`: absolute. */
  constructor(host: FileHost, root: string) {
    this.#host = host;
    this.#root = root;
  }

  async fetchBundle(
    files: readonly EndEntry[],
    take: (path: string) => IncomingFile,
    signal: AbortSignal,
    onBytes: OnBytes,
  ): Promise<FileOutcome[]> {
    return await inEndWords(async () => {
      // tar would give other names back than it was told.
      const plain = files.filter(({ path }) => path.isWellFormed());
      const received: Received = this.#host.abilities.tarLists
        ? await fetchByTar(this.#host, this.#root, plain, { take, signal, onBytes })
        : new Map();
      // What tar could not read is asked for once more, so that it is told why.
      const left = files.filter(({ path }) => !received.has(path));
      for (const [path, problem] of await this.#fetchEach(left, take, signal, onBytes)) received.set(path, problem);
      return files.map(({ path }) => ({ path, problem: received.get(path) ?? null }));
    }, signal);
  }

  async fetchPiece(
    file: EndEntry,
    into: IncomingFile,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: OnBytes,
  ): Promise<void> {
    this.#hashAhead(file);
    await inEndWords(
      () =>
        unlessAborted(
          this.#host.channels.use(
            (client) => this.#read(client, file, into, piece, signal, onBytes),
            signal,
            PIECES_OF_A_LANE,
          ),
          signal,
        ),
      signal,
    );
  }

  async hashes(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string | null>> {
    return await inEndWords(async () => {
      const hashes = new Map<string, string | null>();
      for (const path of paths) {
        const ahead = await unlessAborted(this.#ahead.get(path)?.hash ?? Promise.resolve(null), signal);
        // Whoever asks again wants to know what is there by then.
        this.#ahead.delete(path);
        if (ahead !== null) hashes.set(path, ahead);
      }
      const left = paths.filter((path) => !hashes.has(path));
      for (const [path, hash] of await hashFiles(this.#host, this.#root, left, signal)) hashes.set(path, hash);
      return hashes;
    }, signal);
  }

  close(): Promise<void> {
    this.#over.abort();
    return Promise.resolve();
  }

  /** Has the host hash a large file while it is fetched, on a channel that nothing else wants; one at a time. What changes meanwhile does not fit its hash. */
  #hashAhead({ path, size, modifiedAt }: EndEntry): void {
    const version = `${size} ${modifiedAt}`;
    if (size < AHEAD_FROM_BYTES || this.#ahead.get(path)?.version === version || this.#isHashing) return;
    this.#isHashing = true;
    const hash = hashFiles(sparing(this.#host), this.#root, [path], this.#over.signal)
      .then((hashes) => hashes.get(path) ?? null)
      // It is asked for again when everything is here.
      .catch(() => null)
      .finally(() => (this.#isHashing = false));
    this.#ahead.set(path, { version, hash });
  }

  /** One by one by SFTP, very many at once. */
  async #fetchEach(
    files: readonly EndEntry[],
    take: (path: string) => IncomingFile,
    signal: AbortSignal,
    onBytes: OnBytes,
  ): Promise<Received> {
    const received: Received = new Map();
    const limiter = new Limiter(FILES_AT_ONCE, BYTES_AT_ONCE);
    let failure: { readonly error: unknown } | null = null;
    const fetchOne = async (file: EndEntry): Promise<void> => {
      if (failure !== null || signal.aborted) return;
      const whole = { offset: 0, length: file.size };
      try {
        await this.#host.channels.use(
          (client) => this.#read(client, file, take(file.path), whole, signal, onBytes),
          signal,
        );
        received.set(file.path, null);
      } catch (error) {
        const problem = problemOf(error);
        if (problem === null || concernsAll(error)) failure ??= { error };
        else received.set(file.path, problem);
      }
    };
    const all = files.map((file) => limiter.run(() => fetchOne(file), Math.min(file.size, MOST_AHEAD)));
    await unlessAborted(Promise.all(all), signal);
    const failed = failure as { readonly error: unknown } | null;
    if (failed !== null) throw failed.error;
    return received;
  }

  async #read(
    client: SftpClient,
    file: EndEntry,
    into: IncomingFile,
    piece: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: OnBytes,
  ): Promise<void> {
    const handle = await client.openFile(bytesOfPath(posix.join(this.#root, file.path)), OPEN.READ);
    try {
      await readInOrder(client, handle, piece, async (offset, bytes) => {
        if (signal.aborted) return false;
        await into.write(offset, bytes);
        this.#host.channels.moved(bytes.length);
        onBytes(bytes.length);
        return true;
      });
    } catch (error) {
      if (error instanceof EndsEarly) throw changedError(file.path, 'it has become shorter');
      throw error;
    } finally {
      client.closeHandle(handle).catch(() => {});
    }
  }
}

class EndsEarly extends Error {}

/** Reads a range, many requests at once, and gives its bytes away in order until `give` says no. @throws EndsEarly, SftpError, RemoteError */
async function readInOrder(
  client: SftpClient,
  handle: SftpHandle,
  { offset, length }: { readonly offset: number; readonly length: number },
  give: (offset: number, bytes: Buffer) => Promise<boolean>,
): Promise<void> {
  const end = offset + length;
  const most = client.limits.readBytes;
  const asked: { readonly offset: number; readonly length: number; readonly answer: Promise<Buffer | null> }[] = [];
  const ask = (at: number, bytes: number): (typeof asked)[number] => {
    const answer = client.read(handle, at, bytes);
    // Those behind a failure are waited for by nobody.
    answer.catch(() => {});
    return { offset: at, length: bytes, answer };
  };
  let next = offset;
  while (next < end || asked.length > 0) {
    while (next < end && asked.length * most < MOST_AHEAD) {
      const bytes = Math.min(most, end - next);
      asked.push(ask(next, bytes));
      next += bytes;
    }
    const head = asked.shift()!;
    const bytes = await head.answer;
    if (bytes === null) throw new EndsEarly();
    if (!(await give(head.offset, bytes))) return;
    // Some servers give less at a time than they are asked for.
    if (bytes.length < head.length) asked.unshift(ask(head.offset + bytes.length, head.length - bytes.length));
  }
}
