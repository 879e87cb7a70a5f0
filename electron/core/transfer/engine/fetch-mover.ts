import { rm } from 'node:fs/promises';
import type { PlanSummary } from '../../storage/transfer-store.ts';
import type { TransferFile } from '../../storage/transfer-file-store.ts';
import { eachFile } from '../ends/each-file.ts';
import { EndError } from '../ends/far-end.ts';
import type { EndEntry, EndTraits, FarEnd, FetchSession, FileOutcome, IncomingFile } from '../ends/far-end.ts';
import type { FileHashes, FollowFile, HashFile } from '../local/hash-file.ts';
import { localProblem } from '../local/local-problem.ts';
import { LocalTarget } from '../local/local-target.ts';
import type { PartFile } from '../local/part-file.ts';
import type { Throttle } from '../local/source-file.ts';
import type { Arrival, Mover, Piece, PiecesOnTheWay } from './mover.ts';
import { below } from './place-paths.ts';
import { Seal } from './seal.ts';

export interface FetchMoverOptions {
  readonly end: FarEnd;
  readonly traits: EndTraits;
  readonly plan: Pick<PlanSummary, 'targetRoot' | 'sourceRoots'>;
  /** How the end writes paths. */
  readonly kind: 'local' | 'site' | 'bucket';
  readonly transfer: string;
  readonly hash: HashFile;
  readonly follow: FollowFile;
  readonly throttle: Throttle;
  /** Where local things are deleted to. */
  readonly local: FarEnd;
  /** Decrypts what is encrypted; null = everything comes as it is. */
  readonly seal: Seal | null;
}

const TICKET = 'part';

/** Brings files of a far end to this workstation. */
export class FetchMover implements Mover {
  readonly traits: EndTraits;
  readonly needsFolders = true;
  readonly #options: FetchMoverOptions;
  readonly #target: LocalTarget;
  /** By source root. */
  readonly #sessions = new Map<number, Promise<FetchSession>>();

  constructor(options: FetchMoverOptions) {
    this.traits = options.traits;
    this.#options = options;
    const { plan, transfer, throttle } = options;
    this.#target = new LocalTarget({ root: plan.targetRoot, transfer, throttle });
  }

  makeFolders(files: readonly TransferFile[]): Promise<FileOutcome[]> {
    return eachFile(files.map(named), ({ path, file }) => this.#target.makeFolder(path, file.mode ?? 0o777));
  }

  /** This workstation keeps no store of contents. */
  takeKnown(): Promise<Arrival[]> {
    return Promise.resolve([]);
  }

  makeLinks(files: readonly TransferFile[]): Promise<FileOutcome[]> {
    return eachFile(files.map(named), ({ path, file }) => this.#target.makeLink(path, file.linkTarget ?? ''));
  }

  async moveBundle(
    files: readonly TransferFile[],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<Arrival[]> {
    const byPath = new Map(files.map((file) => [file.sourcePath, file]));
    const parts = new Map<string, LazyPart>();
    const take = (path: string): IncomingFile => {
      const file = byPath.get(path);
      if (file === undefined) throw new Error(`${path} was not asked for`);
      // Taken again it begins again: an end may have had to.
      const part = new LazyPart(this.#target, this.#asidePath(file), file.size, this.#settled(file));
      const earlier = parts.get(path);
      part.after = earlier === undefined ? null : earlier.close();
      parts.set(path, part);
      return part;
    };
    try {
      const session = await this.#session(files[0]!.sourceRoot, signal);
      const outcomes = await session.fetchBundle(files.map(entryOf), take, signal, onBytes);
      const told = new Map(outcomes.map(({ path, problem }) => [path, problem]));
      const arrivals: Arrival[] = [];
      for (const file of files) {
        const problem = told.get(file.sourcePath);
        if (problem === undefined) throw new Error(`the far end says nothing of ${file.sourcePath}`);
        if (problem !== null) arrivals.push({ file, problem, hashes: null });
        else
          arrivals.push(
            await this.#arrival(file, (parts.get(file.sourcePath) ?? take(file.sourcePath)) as LazyPart, signal),
          );
      }
      return arrivals;
    } finally {
      await Promise.all([...parts.values()].map((part) => part.close()));
    }
  }

  async beginPieces(file: TransferFile, signal: AbortSignal): Promise<PiecesOnTheWay> {
    const session = await this.#session(file.sourceRoot, signal);
    const earlier = file.ticket === null ? null : await this.#target.earlierPart(this.#asidePath(file), file.size);
    const part = earlier ?? (await this.#target.newPart(this.#asidePath(file), file.size));
    const entry = entryOf(file);
    const hashing = this.#options.follow(await this.#target.partPath(this.#asidePath(file)));
    return {
      ticket: TICKET,
      envelope: null,
      isContinued: earlier !== null,
      movePiece: async (piece: Piece, signal, onBytes) => {
        await session.fetchPiece(entry, part, piece, signal, onBytes);
        hashing.came(piece.offset, piece.length);
        return '';
      },
      finish: async (_, signal): Promise<FileHashes> => {
        const [hashes] = await Promise.all([hashing.whole(file.size, signal).catch(() => null), part.sync()]);
        signal.throwIfAborted();
        // Read once more it tells why it cannot be read.
        return hashes ?? this.#hashOf(file, signal);
      },
      close: () => {
        hashing.stop();
        return part.close();
      },
    };
  }

  async publish(files: readonly TransferFile[], signal: AbortSignal, onProven: () => void): Promise<FileOutcome[]> {
    const session = await this.#session(files[0]!.sourceRoot, signal);
    const hashes = await session.hashes(
      files.map((file) => file.sourcePath),
      signal,
    );
    onProven();
    return eachFile(files.map(named), async ({ file }) => {
      const there = hashes.get(file.sourcePath) ?? null;
      if (there === null ? !(await this.#isUnchanged(file, signal)) : there !== file.sha256) {
        const now = await this.look(file, signal);
        const changed = now === null || now.size !== file.size || now.modifiedAt !== file.modifiedAt;
        const what = changed
          ? 'was changed while it was fetched'
          : 'is not here what it is at the source: its hash differs';
        throw new EndError({
          kind: changed ? 'changed' : 'corrupt',
          message: `${file.sourcePath} ${what}.`,
          hint: null,
        });
      }
      const size = await this.#unsealed(file, signal);
      await this.#target.publish({ path: file.targetPath, size, ...this.#settled(file) });
      if (this.#isSealed(file)) await this.#target.discard(this.#asidePath(file));
    });
  }

  async trash(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]> {
    const paths = files.map((file) => below('local', this.#options.plan.targetRoot, file.targetPath));
    const { outcomes } = await this.#options.local.trash(paths, signal);
    return outcomes.map(({ problem }, i) => ({ path: files[i]!.targetPath, problem }));
  }

  async look(
    file: TransferFile,
    signal: AbortSignal,
  ): Promise<Pick<TransferFile, 'size' | 'modifiedAt' | 'mode' | 'mark'> | null> {
    const { end, kind, plan } = this.#options;
    const entry = await end.stat(below(kind, plan.sourceRoots[file.sourceRoot]!, file.sourcePath), signal);
    if (entry?.kind !== 'file') return null;
    // A look at one file may tell its time less exactly than a walk.
    const isSame =
      entry.size === file.size &&
      entry.modifiedAt !== null &&
      file.modifiedAt !== null &&
      Math.abs(entry.modifiedAt - file.modifiedAt) < 1000;
    return { size: entry.size, modifiedAt: isSame ? file.modifiedAt : entry.modifiedAt, mode: entry.mode, mark: null };
  }

  /** Parts become files; nothing else is made. */
  tidy(): Promise<void> {
    return Promise.resolve();
  }

  async discard(files: Iterable<readonly TransferFile[]>, signal: AbortSignal): Promise<void> {
    for (const page of files) {
      for (const file of page) {
        signal.throwIfAborted();
        await this.#target.discard(file.targetPath);
        if (this.#isSealed(file)) await this.#target.discard(this.#asidePath(file));
      }
    }
  }

  async close(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session.catch(() => null))?.close();
    this.#sessions.clear();
  }

  /** Where the far side cannot tell hashes, its size and time before and after are all there is. */
  async #isUnchanged(file: TransferFile, signal: AbortSignal): Promise<boolean> {
    const now = await this.look(file, signal);
    return now !== null && now.size === file.size && now.modifiedAt === file.modifiedAt;
  }

  async #arrival(file: TransferFile, part: LazyPart, signal: AbortSignal): Promise<Arrival> {
    try {
      const came = await part.finish();
      if (came.received === file.size) {
        const sha256 = came.hash() ?? (await this.#hashOf(file, signal)).sha256;
        return { file, problem: null, hashes: { sha256, md5: null } };
      }
      const message = `${file.sourcePath} came shorter than the ${file.size} bytes that were told.`;
      return { file, problem: { kind: 'changed', message, hint: null }, hashes: null };
    } catch (error) {
      return { file, problem: localProblem(file.targetPath, error), hashes: null };
    }
  }

  #settled({ modifiedAt, mode }: TransferFile): Settled {
    return { modifiedAt, mode: this.traits.keepsModes ? mode : null };
  }

  #isSealed(file: TransferFile): boolean {
    return this.#options.seal !== null && Seal.isSealed(file.sourcePath);
  }

  /** The path whose part takes what travels: of an encrypted file another one than that of its content. */
  #asidePath(file: TransferFile): string {
    return this.#isSealed(file) ? Seal.sealedPath(file.targetPath) : file.targetPath;
  }

  /** Decrypts what was encrypted, into the part that is published. @returns bytes of the content */
  async #unsealed(file: TransferFile, signal: AbortSignal): Promise<number> {
    const { seal } = this.#options;
    if (seal === null || !this.#isSealed(file)) return file.size;
    const from = await this.#target.partPath(this.#asidePath(file));
    const to = await this.#target.partPath(file.targetPath);
    // What an interrupted decryption has left.
    await rm(to, { force: true });
    return seal.unseal(from, to, file.sourcePath, signal);
  }

  async #hashOf(file: TransferFile, signal: AbortSignal): Promise<FileHashes> {
    return this.#options.hash(await this.#target.partPath(this.#asidePath(file)), { md5: false, signal });
  }

  #session(root: number, signal: AbortSignal): Promise<FetchSession> {
    let session = this.#sessions.get(root);
    if (session === undefined) {
      const { end, plan, transfer } = this.#options;
      session = end.fetch({ root: plan.sourceRoots[root]!, transfer }, signal);
      session.catch(() => this.#sessions.delete(root));
      this.#sessions.set(root, session);
    }
    return session;
  }
}

function named(file: TransferFile): { readonly path: string; readonly file: TransferFile } {
  return { path: file.targetPath, file };
}

function entryOf(file: TransferFile): EndEntry {
  const { sourcePath: path, size, modifiedAt, mode } = file;
  return { path, kind: 'file', size, modifiedAt, mode, linkTarget: null };
}

/** What a part is to have in the end. */
type Settled = Pick<TransferFile, 'modifiedAt' | 'mode'>;

/** The part of a small file, opened when its first bytes come: thousands are not open at once. */
class LazyPart implements IncomingFile {
  readonly path: string;
  readonly size: number;
  readonly #target: LocalTarget;
  readonly #settled: Settled;
  #isEnded = false;
  #part: Promise<PartFile> | null = null;
  /** What has to end before. */
  after: Promise<void> | null = null;

  constructor(target: LocalTarget, path: string, size: number, settled: Settled) {
    this.#target = target;
    this.#settled = settled;
    this.path = path;
    this.size = size;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const part = await this.#open();
    await part.write(offset, bytes);
    // What is whole is not kept open.
    if (part.received === this.size) await this.#end(part);
  }

  /** What came; an empty file is made by this. */
  async finish(): Promise<PartFile> {
    const part = await this.#open();
    if (!this.#isEnded) await this.#end(part);
    return part;
  }

  async close(): Promise<void> {
    const part = this.#part;
    if (part !== null) await part.then((file) => file.close()).catch(() => undefined);
  }

  async #end(part: PartFile): Promise<void> {
    this.#isEnded = true;
    if (part.received === this.size) await this.#target.settle(part, this.#settled);
    await part.close();
  }

  #open(): Promise<PartFile> {
    return (this.#part ??= (this.after ?? Promise.resolve()).then(() => this.#target.newPart(this.path, this.size)));
  }
}
