import { Buffer } from 'node:buffer';
import { posix } from 'node:path';
import { Limiter } from './limiter.ts';
import type { SftpClient } from './sftp-client.ts';
import { OPEN } from './sftp-client.ts';
import { SftpFileWriter } from './sftp-file-writer.ts';
import type { TarPiece } from './tar-entries.ts';

const FILES_AT_ONCE = 256;
const BYTES_AT_ONCE = 8 * 1024 * 1024;
/** Smaller files are gathered and written many at once, each in two round trips. */
const GATHER_BELOW = 512 * 1024;
const NEW_FILE = OPEN.WRITE | OPEN.CREATE | OPEN.EXCLUSIVE;

type FilePiece = TarPiece & { kind: 'file' };
type FolderPiece = TarPiece & { kind: 'folder' };

/** Writes the pieces of a tar stream into a folder of a host. What is wrong with one of them is told by the next call. */
export class SftpTreeWriter {
  readonly #client: SftpClient;
  readonly #root: string;
  readonly #limiter: Limiter;
  readonly #going = new Set<Promise<void>>();
  /** Folders that are there, or will be; a request below one waits for it. */
  readonly #folders = new Map<string, Promise<void>>();
  /** Their modes and times are set when nothing is written into them any more. */
  readonly #told: FolderPiece[] = [];
  #failure: unknown = null;
  #files = 0;
  #gathering: { readonly file: FilePiece; readonly parts: Buffer[] } | null = null;
  #writing: { readonly file: FilePiece; readonly writer: SftpFileWriter } | null = null;

  /** `root`: an existing, empty folder. */
  constructor(client: SftpClient, root: string) {
    this.#client = client;
    this.#root = root;
    const atOnce = Math.max(1, Math.min(FILES_AT_ONCE, Math.floor(client.limits.handles / 2)));
    this.#limiter = new Limiter(atOnce, BYTES_AT_ONCE);
    this.#folders.set(root, Promise.resolve());
  }

  /** Resolves when there is room for the next one. @throws SftpError, RemoteError */
  async take(piece: TarPiece): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    switch (piece.kind) {
      case 'folder':
        this.#told.push(piece);
        void this.#folder(posix.join(this.#root, piece.path));
        return;
      case 'link':
        return await this.#begin(() => this.#link(piece));
      case 'file':
        if (piece.size < GATHER_BELOW) this.#gathering = { file: piece, parts: [] };
        else this.#writing = { file: piece, writer: await this.#open(piece) };
        return;
      case 'bytes':
        if (this.#writing !== null) await this.#writing.writer.write(piece.bytes);
        else this.#gathering?.parts.push(piece.bytes);
        return;
      case 'end-of-file':
        return await this.#endFile();
    }
  }

  /** Waits for everything, sets the folders' modes and times, and resolves to the number of files and links that the host has. @throws SftpError, RemoteError */
  async finish(): Promise<number> {
    await this.#settled();
    for (const { path, mode, modifiedAt } of this.#told.toReversed()) {
      const folder = posix.join(this.#root, path);
      await this.#begin(() => this.#client.setstat(folder, { mode: mode & 0o777, modifiedAt }));
    }
    await this.#settled();
    return this.#files;
  }

  async #settled(): Promise<void> {
    await Promise.all([...this.#going, ...this.#folders.values()]);
    if (this.#failure !== null) throw this.#failure;
  }

  async #endFile(): Promise<void> {
    const gathered = this.#gathering;
    const written = this.#writing;
    this.#gathering = null;
    this.#writing = null;
    if (written !== null) {
      await written.writer.finish(written.file);
      this.#files++;
    } else if (gathered !== null) {
      const bytes = gathered.parts.length === 1 ? gathered.parts[0]! : Buffer.concat(gathered.parts);
      await this.#begin(async () => {
        const writer = await this.#open(gathered.file);
        if (bytes.length > 0) await writer.write(bytes);
        await writer.finish(gathered.file);
        this.#files++;
      }, bytes.length);
    }
  }

  async #open({ path }: FilePiece): Promise<SftpFileWriter> {
    const at = posix.join(this.#root, path);
    await this.#folder(posix.dirname(at));
    return new SftpFileWriter(this.#client, await this.#client.openFile(at, NEW_FILE, 0o600));
  }

  async #link({ path, target, modifiedAt }: TarPiece & { kind: 'link' }): Promise<void> {
    const at = posix.join(this.#root, path);
    await this.#folder(posix.dirname(at));
    await this.#client.symlink(target, at);
    if (this.#client.offers('lsetstat@openssh.com')) await this.#client.lsetstat(at, { modifiedAt });
    this.#files++;
  }

  /** Makes a folder, once, after the one that it is in. */
  #folder(path: string): Promise<void> {
    let made = this.#folders.get(path);
    if (made === undefined) {
      made = this.#folder(posix.dirname(path)).then(() => this.#client.mkdir(path, 0o755));
      made.catch((error: unknown) => {
        this.#failure ??= error;
      });
      this.#folders.set(path, made);
    }
    return made;
  }

  /** Starts a work as soon as there is room for it. */
  async #begin(work: () => Promise<void>, weight = 0): Promise<void> {
    const leave = await this.#limiter.enter(weight);
    const going: Promise<void> = work()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        leave();
        this.#going.delete(going);
      });
    this.#going.add(going);
    if (this.#failure !== null) throw this.#failure;
  }
}
