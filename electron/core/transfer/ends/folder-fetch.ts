import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { HashFile } from '../local/hash-file.ts';
import { localProblem, onLocal } from '../local/local-problem.ts';
import { EndError } from './far-end.ts';
import type { EndEntry, FetchSession, FileOutcome, IncomingFile } from './far-end.ts';

const CHUNK = 1024 * 1024;

/** Fetches from a folder of this workstation. */
export class FolderFetchSession implements FetchSession {
  readonly #root: string;
  readonly #hash: HashFile;

  constructor(root: string, hash: HashFile) {
    this.#root = root;
    this.#hash = hash;
  }

  async fetchBundle(
    files: readonly EndEntry[],
    take: (path: string) => IncomingFile,
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<FileOutcome[]> {
    const outcomes: FileOutcome[] = [];
    for (const file of files) {
      try {
        const whole = { index: 0, offset: 0, length: file.size };
        await this.fetchPiece(file, take(file.path), whole, signal, onBytes);
        outcomes.push({ path: file.path, problem: null });
      } catch (error) {
        signal.throwIfAborted();
        const problem = localProblem(file.path, error);
        if (problem.kind === 'space') throw error;
        outcomes.push({ path: file.path, problem });
      }
    }
    return outcomes;
  }

  async fetchPiece(
    file: EndEntry,
    into: IncomingFile,
    piece: { readonly index: number; readonly offset: number; readonly length: number },
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<void> {
    const absolute = join(this.#root, file.path);
    const source = await onLocal(absolute, open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW));
    try {
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK, piece.length));
      for (let done = 0; done < piece.length;) {
        signal.throwIfAborted();
        const wanted = Math.min(CHUNK, piece.length - done);
        const { bytesRead } = await onLocal(absolute, source.read(buffer, 0, wanted, piece.offset + done));
        if (bytesRead === 0) {
          throw new EndError({ kind: 'changed', message: `${file.path} has become shorter.`, hint: null });
        }
        await into.write(piece.offset + done, buffer.subarray(0, bytesRead));
        done += bytesRead;
        onBytes(bytesRead);
      }
    } finally {
      await source.close();
    }
  }

  async hashes(paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string | null>> {
    const found = new Map<string, string | null>();
    for (const path of paths) {
      const hashes = await this.#hash(join(this.#root, path), { md5: false, signal }).catch(() => {
        signal.throwIfAborted();
        return null;
      });
      found.set(path, hashes?.sha256 ?? null);
    }
    return found;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
