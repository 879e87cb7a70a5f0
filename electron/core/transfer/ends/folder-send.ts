import type { HashFile } from '../local/hash-file.ts';
import { LocalTarget } from '../local/local-target.ts';
import type { PartFile } from '../local/part-file.ts';
import { eachFile } from './each-file.ts';
import { EndError } from './far-end.ts';
import type { FileOutcome, OutgoingFile, PieceReceipt, PieceTicket, Publication, SendSession } from './far-end.ts';

const CHUNK = 1024 * 1024;
const TICKET: PieceTicket = 'part';

/** Sends into a folder of this workstation. */
export class FolderSendSession implements SendSession {
  readonly needsFolders = true;
  readonly #target: LocalTarget;
  readonly #hash: HashFile;
  /** Hashes of small files as this session has written them. */
  readonly #written = new Map<string, string | null>();
  /** Files in pieces that are open. */
  readonly #parts = new Map<string, PartFile>();

  constructor({ root, transfer, hash }: { readonly root: string; readonly transfer: string; readonly hash: HashFile }) {
    this.#target = new LocalTarget({ root, transfer });
    this.#hash = hash;
  }

  sendBundle(
    files: readonly OutgoingFile[],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]> {
    return eachFile(files, async (file) => {
      const part = await this.#target.newPart(file.path, file.size);
      try {
        await copy(file, part, 0, file.size, signal, onBytes);
        await this.#target.settle(part, file);
        this.#written.set(file.path, part.hash());
      } finally {
        await part.close();
      }
    });
  }

  async beginPieces(file: OutgoingFile, earlier: PieceTicket | null): Promise<PieceTicket | null> {
    await this.#parts.get(file.path)?.close();
    this.#parts.delete(file.path);
    const part =
      earlier === null
        ? await this.#target.newPart(file.path, file.size)
        : await this.#target.earlierPart(file.path, file.size);
    if (part === null) return null;
    this.#parts.set(file.path, part);
    return TICKET;
  }

  async sendPiece(
    file: OutgoingFile,
    _: PieceTicket,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<PieceReceipt> {
    await copy(file, this.#partOf(file), piece.offset, piece.length, signal, onBytes);
    return '';
  }

  async endPieces(file: OutgoingFile): Promise<void> {
    await this.#partOf(file).close();
    this.#parts.delete(file.path);
  }

  makeFolders(paths: readonly { readonly path: string; readonly mode: number }[]): Promise<FileOutcome[]> {
    return eachFile(paths, ({ path, mode }) => this.#target.makeFolder(path, mode));
  }

  makeLinks(links: readonly { readonly path: string; readonly target: string }[]): Promise<FileOutcome[]> {
    return eachFile(links, ({ path, target }) => this.#target.makeLink(path, target));
  }

  publish(files: readonly Publication[], signal: AbortSignal): Promise<FileOutcome[]> {
    return eachFile(files, async (file) => {
      const found = this.#written.get(file.path) ?? (await this.#hashOf(file.path, signal));
      if (found !== null && found !== file.sha256) {
        const message = `${file.path} is not at the target what was sent: its hash differs.`;
        throw new EndError({ kind: 'corrupt', message, hint: null });
      }
      await this.#target.publish(file);
      this.#written.delete(file.path);
    });
  }

  async discard(signal: AbortSignal): Promise<void> {
    await this.close();
    await this.#target.discardAll(signal);
  }

  async close(): Promise<void> {
    for (const part of this.#parts.values()) await part.close();
    this.#parts.clear();
  }

  /** Null when there is no part: it may have been published before, by a call whose answer was lost. */
  async #hashOf(path: string, signal: AbortSignal): Promise<string | null> {
    const part = await this.#target.partPath(path);
    try {
      return (await this.#hash(part, { md5: false, signal })).sha256;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  #partOf(file: OutgoingFile): PartFile {
    const part = this.#parts.get(file.path);
    if (part === undefined) throw new Error(`${file.path} has not been begun`);
    return part;
  }
}

async function copy(
  from: OutgoingFile,
  to: PartFile,
  offset: number,
  length: number,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<void> {
  for (let done = 0; done < length; done += CHUNK) {
    signal.throwIfAborted();
    const bytes = await from.read(offset + done, Math.min(CHUNK, length - done));
    await to.write(offset + done, bytes);
    onBytes(bytes.length);
  }
}
