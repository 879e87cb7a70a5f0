import { posix } from 'node:path';
import type { RemoteHost } from '../../../ssh/remote-host.ts';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import type { FileTools } from '../../host-files.ts';
import type { SftpClient } from '../../sftp/sftp-client.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import type { EndEntry, EndTraits, FarEnd, FetchSession, FileOutcome, SendRequest, SendSession } from '../far-end.ts';
import { BrowsingSession } from './browsing-session.ts';
import { BulkChannels } from './bulk-channels.ts';
import { asEndError, inEndWords } from './end-problem.ts';
import type { HostAbilities } from './host-abilities.ts';
import { lookAtAbilities } from './host-abilities.ts';
import type { FileHost } from './file-host.ts';
import { listFolder, makeFolderAt, pathBytes, readPart, renamePath, resolvePath, statPath } from './host-folders.ts';
import { spaceAt } from './host-space.ts';
import type { Space } from './host-space.ts';
import { moveToTrash } from './host-trash.ts';
import { packHere } from './outgoing-bundle.ts';
import type { PackBundle } from './outgoing-bundle.ts';
import { bytesOfPath, textOfPath } from './path-text.ts';
import { hashFiles } from './remote-hashes.ts';
import { SshFetchSession } from './ssh-fetch-session.ts';
import { SshSendSession } from './ssh-send-session.ts';
import { walkByFind, walkBySftp } from './walk-tree.ts';

const MIB = 1024 * 1024;
const PIECE_BYTES = 8 * MIB;
/** Enough for each lane to begin the next piece while the last one is acknowledged. */
const PIECES_IN_FLIGHT = 8;
/** Servers on Windows write paths with a drive: `/C:/Users/me`. */
const WINDOWS_HOME = /^\/[A-Za-z]:\//;

/** Files of a host that is reached by SSH: by SFTP, and by its shell where that is quicker. */
export class SshEnd implements FarEnd {
  readonly #host: RemoteHost;
  readonly #tools: FileTools;
  readonly #pack: PackBundle;
  readonly #browsing: BrowsingSession;
  readonly #channels: BulkChannels;
  #abilities: Promise<HostAbilities> | null = null;
  #home: string | null = null;

  /** `tools`: what a look at the site has found; `pack`: how bundles are packed, by default in the thread that asks. */
  constructor(host: RemoteHost, tools: FileTools, pack: PackBundle = packHere) {
    this.#pack = pack;
    this.#host = host;
    this.#tools = tools;
    this.#browsing = new BrowsingSession(host);
    this.#channels = new BulkChannels(host);
  }

  get name(): string {
    return this.#host.name;
  }

  /** Gives back the channels that it has; it opens others when it is used again. */
  close(): void {
    this.#browsing.close();
    this.#channels.close();
  }

  async traits(signal: AbortSignal): Promise<EndTraits> {
    // Whoever asks is about to move something. Where there are only a few channels, those that people wait for come first.
    if (this.#abilities !== null) this.#channels.warm();
    const finding = this.#homeFolder(signal).then((home) => {
      this.#channels.warm();
      return home;
    });
    const [{ hash, ignoresCase }, home] = await Promise.all([this.#look(signal), finding]);
    const isWindows = WINDOWS_HOME.test(home);
    return {
      bundles: true,
      pieces: () => ({ bytes: PIECE_BYTES, inFlight: PIECES_IN_FLIGHT }),
      piecesAbove: PIECE_BYTES,
      keepsLinks: true,
      keepsModes: !isWindows,
      timeGrain: 1000,
      caseSensitive: !isWindows && !ignoresCase,
      windowsNames: isWindows,
      folders: true,
      proof: hash === null ? 'size' : 'sha256',
    };
  }

  resolve(path: string, signal: AbortSignal): Promise<string> {
    return this.#browse((client) => resolvePath(client, path), signal);
  }

  list(path: string, signal: AbortSignal): Promise<{ readonly entries: EndEntry[]; readonly truncated: boolean }> {
    return this.#browse((client) => listFolder(client, path), signal);
  }

  stat(path: string, signal: AbortSignal): Promise<EndEntry | null> {
    return this.#browse((client) => statPath(client, path), signal);
  }

  read(path: string, offset: number, length: number, signal: AbortSignal): Promise<Buffer> {
    return this.#browse((client) => readPart(client, path, offset, length), signal);
  }

  makeFolder(path: string, signal: AbortSignal): Promise<void> {
    return this.#browse((client) => makeFolderAt(client, path), signal);
  }

  rename(from: string, to: string, signal: AbortSignal): Promise<void> {
    return this.#browse((client) => renamePath(client, from, to), signal);
  }

  trash(
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<{ readonly trashedTo: string | null; readonly outcomes: FileOutcome[] }> {
    return this.#browse((client) => moveToTrash(client, paths, new Date()), signal);
  }

  async space(path: string, signal: AbortSignal): Promise<Space> {
    const abilities = await this.#look(signal);
    return await this.#browse((client) => spaceAt(this.#host, client, abilities, path, signal), signal);
  }

  async *walk(root: string, options: { readonly hash: boolean }, signal: AbortSignal): AsyncGenerator<EndEntry[]> {
    try {
      const abilities = await this.#look(signal);
      // A shell finds the folder by itself; asking what it is really called would take one more trip.
      const folder = abilities.gnuFind ? await this.#fromHome(root, signal) : await this.#folder(root, signal);
      if (folder === null) return;
      // One command then tells names and hashes.
      const atOnce = options.hash && abilities.gnuFind && abilities.hash === 'python3';
      for await (const batch of this.#entries(folder, abilities, { hash: atOnce, signal }))
        yield options.hash && !atOnce ? await this.#hashed(folder, batch, signal) : batch;
    } catch (error) {
      signal.throwIfAborted();
      throw asEndError(error);
    }
  }

  async send(request: SendRequest, signal: AbortSignal): Promise<SendSession> {
    const host = await this.#fileHost(signal);
    return new SshSendSession(host, { ...request, root: await this.#target(request.root, signal) });
  }

  async fetch(
    { root }: { readonly root: string; readonly transfer: string },
    signal: AbortSignal,
  ): Promise<FetchSession> {
    return new SshFetchSession(await this.#fileHost(signal), await this.resolve(root, signal));
  }

  async #fileHost(signal: AbortSignal): Promise<FileHost> {
    const abilities = await this.#look(signal);
    return { name: this.name, channels: this.#channels, abilities, pack: this.#pack };
  }

  async *#entries(
    folder: string,
    { gnuFind }: HostAbilities,
    options: { readonly hash: boolean; readonly signal: AbortSignal },
  ): AsyncGenerator<EndEntry[]> {
    const { signal } = options;
    if (gnuFind) return yield* walkByFind(this.#channels, this.name, folder, options);
    const session = await this.#channels.session(signal);
    try {
      yield* walkBySftp(session.client, bytesOfPath(folder));
    } finally {
      session.end();
    }
  }

  async #hashed(folder: string, batch: readonly EndEntry[], signal: AbortSignal): Promise<EndEntry[]> {
    const files = batch.filter(({ kind }) => kind === 'file').map(({ path }) => path);
    const hashes = await hashFiles(await this.#fileHost(signal), folder, files, signal);
    return batch.map((entry) => {
      const sha256 = entry.kind === 'file' ? hashes.get(entry.path) : undefined;
      return sha256 === undefined || sha256 === null ? entry : { ...entry, sha256 };
    });
  }

  /** The folder as it is really called; null = there is none. */
  #folder(root: string, signal: AbortSignal): Promise<string | null> {
    return this.#browse(async (client) => {
      try {
        return textOfPath(await client.realpath(pathBytes(root)));
      } catch (error) {
        if (error instanceof SftpError && error.kind === 'not-found') return null;
        throw error;
      }
    }, signal);
  }

  /** An absolute path for a folder that may still have to be made. */
  async #target(root: string, signal: AbortSignal): Promise<string> {
    const [known, home] = await Promise.all([this.#folder(root, signal), this.#homeFolder(signal)]);
    return known ?? posix.resolve(home, textOfPath(pathBytes(root)));
  }

  /** An absolute path: start-up files may have led a shell away from home. */
  async #fromHome(path: string, signal: AbortSignal): Promise<string> {
    const plain = textOfPath(pathBytes(path));
    return plain.startsWith('/') ? plain : `${await this.#homeFolder(signal)}/${plain}`;
  }

  /** Asked once: it stays where it is. */
  async #homeFolder(signal: AbortSignal): Promise<string> {
    return (this.#home ??= await this.resolve('.', signal));
  }

  #browse<T>(work: (client: SftpClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    return inEndWords(() => this.#browsing.use(work, signal), signal);
  }

  /** What the host can do, asked once. */
  async #look(signal: AbortSignal): Promise<HostAbilities> {
    this.#abilities ??= lookAtAbilities(this.#host, this.#tools, AbortSignal.timeout(60_000)).catch(
      (error: unknown) => {
        this.#abilities = null;
        throw error;
      },
    );
    return await inEndWords(() => unlessAborted(this.#abilities!, signal), signal);
  }
}
