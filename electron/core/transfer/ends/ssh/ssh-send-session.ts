import { posix } from 'node:path';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import { kindOf, lookAt } from '../../sftp/sftp-folders.ts';
import type {
  EndProblem,
  FileOutcome,
  OutgoingFile,
  PieceReceipt,
  PieceTicket,
  Publication,
  SendRequest,
  SendSession,
} from '../far-end.ts';
import { EndError } from '../far-end.ts';
import { ArrivingHashes } from './arriving-hashes.ts';
import { AsideFolder, asideName } from './aside-folder.ts';
import { sendBySftp } from './bundle-by-sftp.ts';
import { sendByTar } from './bundle-by-tar.ts';
import { keepContents, takeContents } from './content-store.ts';
import { inEndWords, problemOfOne } from './end-problem.ts';
import type { FileHost } from './file-host.ts';
import { bytesOfPath } from './path-text.ts';
import { PieceSender } from './piece-sender.ts';
import { Publisher } from './publisher.ts';
import { TargetFolders } from './target-folders.ts';

/** What was on its way when a transfer was cancelled may still arrive for so long. */
const LAST_ARRIVALS_MS = 5_000;
const REMEMBER_MS = 30_000;

/** Sends into a folder of a host. What is not published lies in an `AsideFolder`, where a later session of the same transfer finds it. */
export class SshSendSession implements SendSession {
  readonly needsFolders = false;
  readonly #host: FileHost;
  readonly #aside: AsideFolder;
  readonly #folders: TargetFolders;
  readonly #pieces: PieceSender;
  readonly #hashes: ArrivingHashes;
  readonly #publisher: Publisher;
  readonly #going = new Set<Promise<unknown>>();
  #remembering: Promise<void> = Promise.resolve();

  /** `root`: absolute. */
  constructor(host: FileHost, { root, transfer }: SendRequest) {
    this.#host = host;
    this.#aside = new AsideFolder(root, transfer);
    this.#folders = new TargetFolders(root);
    this.#pieces = new PieceSender(host, this.#aside);
    this.#hashes = new ArrivingHashes(host, this.#aside);
    this.#publisher = new Publisher(host, this.#aside, this.#folders);
  }

  sendBundle(
    files: readonly OutgoingFile[],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]> {
    return this.#do(signal, async () => {
      const problems = new Map<string, EndProblem>();
      const send = this.#host.abilities.tar ? sendByTar : sendBySftp;
      const sent = await send(this.#host, this.#aside, files, { problems, signal, onBytes });
      for (const [path, hash] of sent) this.#publisher.known(path, hash);
      return files.map(({ path }) => ({ path, problem: problems.get(path) ?? null }));
    });
  }

  beginPieces(file: OutgoingFile, earlier: PieceTicket | null, signal: AbortSignal): Promise<PieceTicket | null> {
    this.#publisher.known(file.path, null);
    return this.#do(signal, async () => {
      const ticket = await this.#pieces.begin(file, earlier, signal);
      if (ticket !== null) this.#hashes.begin(file.path);
      return ticket;
    });
  }

  fillFromOlder(
    file: OutgoingFile,
    _: PieceTicket,
    read: (offset: number, length: number) => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<number> {
    return this.#do(signal, () => this.#pieces.fill(file, read, signal));
  }

  async sendPiece(
    file: OutgoingFile,
    _: PieceTicket,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<PieceReceipt> {
    await this.#do(signal, async () => {
      await this.#pieces.send(file, piece, signal, onBytes);
      this.#hashes.arrived(file.path, piece);
    });
    return '';
  }

  endPieces(
    file: OutgoingFile,
    _ticket: PieceTicket,
    _receipts: readonly PieceReceipt[],
    signal: AbortSignal,
  ): Promise<void> {
    return this.#do(signal, async () => {
      const [hash] = await Promise.all([
        this.#hashes.whole(file.path, file.size, signal),
        this.#pieces.end(file, signal),
      ]);
      this.#publisher.known(file.path, hash);
    });
  }

  reuse(files: readonly Publication[], signal: AbortSignal): Promise<ReadonlySet<string>> {
    return this.#do(signal, async () => {
      const taken = await takeContents(this.#host, this.#aside, files, signal);
      for (const { path, sha256 } of files) if (taken.has(path)) this.#publisher.known(path, sha256);
      return taken;
    });
  }

  makeFolders(
    paths: readonly { readonly path: string; readonly mode: number }[],
    signal: AbortSignal,
  ): Promise<FileOutcome[]> {
    return this.#each(paths, signal, (client, { path, mode }) => this.#folders.folder(client, path, mode));
  }

  makeLinks(
    links: readonly { readonly path: string; readonly target: string }[],
    signal: AbortSignal,
  ): Promise<FileOutcome[]> {
    return this.#each(links, signal, (client, link) => this.#makeLink(client, link));
  }

  publish(files: readonly Publication[], signal: AbortSignal, onProven?: () => void): Promise<FileOutcome[]> {
    return this.#do(signal, async () => {
      const outcomes = await this.#publisher.publish(files, signal, onProven ?? (() => undefined));
      this.#remember(files, outcomes);
      return outcomes;
    });
  }

  /** The folder aside goes, with what nobody needs any more. */
  async tidy(signal: AbortSignal): Promise<void> {
    const isGone = await this.#do(signal, () =>
      this.#host.channels.use((client) => this.#aside.removeEmpty(client), signal),
    );
    if (!isGone) await this.discard(signal);
  }

  async discard(signal: AbortSignal): Promise<void> {
    await Promise.race([
      Promise.allSettled(this.#going),
      new Promise((resolve) => setTimeout(resolve, LAST_ARRIVALS_MS).unref()),
    ]);
    await this.#do(signal, () => this.#host.channels.use((client) => this.#aside.remove(client), signal));
  }

  /** Waits until the host has remembered what was published. */
  async close(): Promise<void> {
    this.#hashes.close();
    await this.#remembering;
  }

  /** So that the same contents need not be sent again. Nobody waits for it, and nothing depends on it. */
  #remember(files: readonly Publication[], outcomes: readonly FileOutcome[]): void {
    const published = new Set(outcomes.filter(({ problem }) => problem === null).map(({ path }) => path));
    const kept = files.filter(({ path }) => published.has(path));
    this.#remembering = this.#remembering
      .then(() => keepContents(this.#host, this.#aside.root, kept, AbortSignal.timeout(REMEMBER_MS)))
      .catch(() => {});
  }

  async #makeLink(
    client: SftpClient,
    { path, target }: { readonly path: string; readonly target: string },
  ): Promise<void> {
    const at = this.#folders.at(path);
    const wanted = bytesOfPath(target);
    await this.#folders.above(client, path);
    try {
      return await client.symlink(wanted, at);
    } catch (error) {
      if (!(error instanceof SftpError)) throw error;
      const there = await lookAt(client, at);
      if (there === null) throw error;
      const kind = kindOf(there);
      if (kind === 'link' && (await client.readlink(at)).equals(wanted)) return;
      if (kind === 'folder')
        throw new EndError({
          kind: 'exists',
          message: `${path} is to be a link, and there is a folder of that name.`,
          hint: 'Rename one of the two.',
        });
    }
    const aside = bytesOfPath(posix.join(this.#aside.path, asideName(path)));
    await client.remove(aside).catch(() => {});
    await client.symlink(wanted, aside);
    await client.replace(aside, at);
  }

  #each<T extends { readonly path: string }>(
    items: readonly T[],
    signal: AbortSignal,
    act: (client: SftpClient, item: T) => Promise<void>,
  ): Promise<FileOutcome[]> {
    if (items.length === 0) return Promise.resolve([]);
    const actAll = async (client: SftpClient): Promise<FileOutcome[]> => {
      await this.#aside.make(client);
      return await Promise.all(
        items.map(async (item) => {
          try {
            await act(client, item);
            return { path: item.path, problem: null };
          } catch (error) {
            return { path: item.path, problem: problemOfOne(await client.explain(error, this.#aside.root)) };
          }
        }),
      );
    };
    return this.#do(signal, () => this.#host.channels.use(actAll, signal));
  }

  /** Ends at once when it is cancelled; what it had begun is remembered until it is over. */
  async #do<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const going = work();
    const over = going.then(
      () => {},
      () => {},
    );
    this.#going.add(over);
    void over.then(() => this.#going.delete(over));
    return await inEndWords(() => unlessAborted(going, signal), signal);
  }
}
