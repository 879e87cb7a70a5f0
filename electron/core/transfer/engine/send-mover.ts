import { setImmediate } from 'node:timers/promises';
import type { NewAgeFile } from '../../encryption/age-header.ts';
import type { Clock } from '../../clock.ts';
import type { SentContentStore } from '../../storage/sent-content-store.ts';
import type { PlanSummary } from '../../storage/transfer-store.ts';
import type { TransferFile } from '../../storage/transfer-file-store.ts';
import { EndError } from '../ends/far-end.ts';
import type {
  EndTraits,
  FarEnd,
  FileOutcome,
  OutgoingFile,
  PieceReceipt,
  Publication,
  SendSession,
} from '../ends/far-end.ts';
import type { FileHashes, HashFile } from '../local/hash-file.ts';
import { localError, localProblem } from '../local/local-problem.ts';
import type { Throttle } from '../local/source-file.ts';
import { lookAtLocal, sizeOfMark } from '../local/walk-local.ts';
import { REUSED_ABOVE } from './move-sizes.ts';
import type { Arrival, Mover, PiecesOnTheWay } from './mover.ts';
import { inLanes } from '../run-lanes.ts';
import { OutgoingSource } from './outgoing-source.ts';
import { below } from './place-paths.ts';
import { Seal } from './seal.ts';

const LOOKS_AT_ONCE = 16;
/** Of thousands, before others have a turn. */
const MADE_AT_ONCE = 500;
const HASHES_AT_ONCE = 4;

export interface SendMoverOptions {
  readonly end: FarEnd;
  readonly traits: EndTraits;
  readonly plan: Pick<PlanSummary, 'targetRoot' | 'sourceRoots'>;
  /** How the end writes paths. */
  readonly kind: 'local' | 'site' | 'bucket';
  readonly transfer: string;
  readonly hash: HashFile;
  readonly throttle: Throttle;
  /** Encrypts what is sent; null = it travels as it is. */
  readonly seal: Seal | null;
  /** What was sent before. */
  readonly sent: SentContentStore;
  /** Files that were never sent from where they lie are hashed first, to ask whether the end has their contents: they are copies of what may have been sent from elsewhere. */
  readonly hashesFirst: boolean;
  readonly clock: Clock;
}

/** Sends files of this workstation to a far end. */
export class SendMover implements Mover {
  readonly traits: EndTraits;
  readonly needsFolders: boolean;
  readonly #options: SendMoverOptions;
  readonly #session: SendSession;
  /** Of files that were hashed before they are sent, by target path, with the mark that they had. */
  readonly #hashedFirst = new Map<string, { readonly mark: string | null; readonly hashes: Promise<FileHashes> }>();

  private constructor(options: SendMoverOptions, session: SendSession) {
    this.traits = options.traits;
    this.needsFolders = session.needsFolders;
    this.#options = options;
    this.#session = session;
  }

  static async open(options: SendMoverOptions, signal: AbortSignal): Promise<SendMover> {
    const { end, plan, transfer } = options;
    return new SendMover(options, await end.send({ root: plan.targetRoot, transfer }, signal));
  }

  makeFolders(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]> {
    return this.#session.makeFolders(
      files.map(({ targetPath, mode }) => ({ path: targetPath, mode: mode ?? 0o777 })),
      signal,
    );
  }

  async takeKnown(files: readonly TransferFile[], signal: AbortSignal): Promise<Arrival[]> {
    const { seal, sent, end } = this.#options;
    // The same content has another ciphertext each time.
    if (this.#session.reuse === undefined || seal !== null) return [];
    const looked = await inLanes(files, HASHES_AT_ONCE, async (file) => {
      const sha256 =
        sent.find(end.name, this.#absolute(file), file.mark ?? '') ?? (await this.#hashFirst(file, signal));
      return sha256 === null ? [] : [{ ...file, sha256 }];
    });
    const known = looked.flat();
    if (known.length === 0) return [];
    const taken = await this.#session.reuse(known.map(publicationOf), signal);
    return known
      .filter((file) => taken.has(file.targetPath))
      .map((file) => ({ file, problem: null, hashes: { sha256: file.sha256, md5: null } }));
  }

  makeLinks(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]> {
    return this.#session.makeLinks(
      files.map(({ targetPath, linkTarget }) => ({ path: targetPath, target: linkTarget ?? '' })),
      signal,
    );
  }

  async moveBundle(
    files: readonly TransferFile[],
    signal: AbortSignal,
    onBytes: (bytes: number) => void,
  ): Promise<Arrival[]> {
    const sources: { readonly file: TransferFile; readonly source: OutgoingSource }[] = [];
    for (const file of files) {
      sources.push({ file, source: this.#sourceOf(file) });
      if (sources.length % MADE_AT_ONCE === 0) await setImmediate();
    }
    try {
      const outgoing = sources.map(({ source }) => source);
      const outcomes = await this.#session.sendBundle(outgoing, signal, onBytes);
      const told = new Map(outcomes.map(({ path, problem }) => [path, problem]));
      // A look at each file that has gone: at many at once, since each is a trip to the disk.
      return await inLanes(sources, LOOKS_AT_ONCE, async ({ file, source }): Promise<Arrival> => {
        const problem = told.get(file.targetPath);
        if (problem === undefined) throw new Error(`the far end says nothing of ${file.targetPath}`);
        return problem === null ? this.#arrival(file, source, signal) : { file, problem, hashes: null };
      });
    } finally {
      await Promise.all(sources.map(({ source }) => source.close()));
    }
  }

  async beginPieces(file: TransferFile, signal: AbortSignal): Promise<PiecesOnTheWay> {
    const { seal } = this.#options;
    // Without the envelope of the pieces that are there, new ones would not fit beside them.
    const earlier = seal === null || file.envelope === null ? null : await seal.envelopeOf(file.envelope);
    const envelope = earlier ?? seal?.newEnvelope() ?? null;
    const mayContinue = file.ticket !== null && (seal === null || earlier !== null);
    const source = this.#sourceOf(file, envelope);
    const unheld = this.#sourceOf(file, envelope, () => Promise.resolve());
    const closeBoth = async (): Promise<void> => void (await Promise.all([source.close(), unheld.close()]));
    const stop = new AbortController();
    // Once, beside the sending: pieces do not go in one row. What changes meanwhile is seen at the end.
    let hashing: Promise<FileHashes> | null = null;
    const hash = (): Promise<FileHashes> => {
      hashing ??= this.#knownHashes(file) ?? this.#hashOf(file, unheld, AbortSignal.any([signal, stop.signal]));
      hashing.catch(() => undefined);
      return hashing;
    };
    try {
      await source.assertUnchanged();
      const continued = mayContinue ? await this.#session.beginPieces(source, file.ticket, signal) : null;
      // An age file proves itself when it is opened, and to know its hash before is to encrypt it twice in a row.
      const offered = seal === null ? withHash(source, hash) : source;
      const ticket = continued ?? (await this.#session.beginPieces(offered, null, signal));
      if (ticket === null) throw couldNotBegin(file);
      if (continued === null && file.action === 'change')
        await this.#session.fillFromOlder?.(source, ticket, (offset, length) => unheld.read(offset, length), signal);
      const hashes = hash();
      return {
        ticket,
        envelope: envelope === null ? null : Seal.envelopeText(envelope),
        isContinued: continued !== null,
        movePiece: (piece, signal, onBytes) => this.#session.sendPiece(source, ticket, piece, signal, onBytes),
        finish: async (receipts: readonly PieceReceipt[], signal): Promise<FileHashes> => {
          const found = await hashes.catch((error: unknown) => {
            signal.throwIfAborted();
            throw localError(file.sourcePath, error);
          });
          await source.assertUnchanged();
          await this.#session.endPieces(source, ticket, receipts, signal);
          return found;
        },
        close: async () => {
          stop.abort();
          await closeBoth();
        },
      };
    } catch (error) {
      stop.abort();
      await closeBoth();
      throw error;
    }
  }

  async publish(files: readonly TransferFile[], signal: AbortSignal, onProven: () => void): Promise<FileOutcome[]> {
    const outcomes = await this.#session.publish(files.map(publicationOf), signal, onProven);
    const { seal, sent, end, clock } = this.#options;
    if (this.#session.reuse === undefined || seal !== null) return outcomes;
    const proven = new Set(outcomes.filter(({ problem }) => problem === null).map(({ path }) => path));
    const remembered = files.filter((file) => file.size >= REUSED_ABOVE && proven.has(file.targetPath));
    sent.remember(
      end.name,
      remembered.map((file) => ({ source: this.#absolute(file), mark: file.mark ?? '', sha256: file.sha256! })),
      clock.now(),
    );
    return outcomes;
  }

  async trash(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]> {
    const { end, plan, kind } = this.#options;
    const paths = files.map((file) => below(kind, plan.targetRoot, file.targetPath));
    const { outcomes } = await end.trash(paths, signal);
    return outcomes.map(({ problem }, i) => ({ path: files[i]!.targetPath, problem }));
  }

  async look(file: TransferFile): Promise<Pick<TransferFile, 'size' | 'modifiedAt' | 'mode' | 'mark'> | null> {
    const entry = await lookAtLocal(this.#absolute(file), file.sourcePath);
    if (entry?.kind !== 'file') return null;
    const { modifiedAt, mode, mark } = entry;
    return { size: this.#options.seal?.sealedSize(entry.size) ?? entry.size, modifiedAt, mode, mark };
  }

  async tidy(signal: AbortSignal): Promise<void> {
    await this.#session.tidy?.(signal);
  }

  discard(_: Iterable<readonly TransferFile[]>, signal: AbortSignal): Promise<void> {
    return this.#session.discard(signal);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  async #arrival(file: TransferFile, source: OutgoingSource, signal: AbortSignal): Promise<Arrival> {
    try {
      const hashes = source.hashes() ?? (await this.#hashOf(file, source, signal));
      await source.assertUnchanged();
      return { file, problem: null, hashes };
    } catch (error) {
      signal.throwIfAborted();
      return { file, problem: localProblem(file.sourcePath, error), hashes: null };
    }
  }

  /** Null = it is not to be hashed before, or cannot be read: then its sending tells why. */
  async #hashFirst(file: TransferFile, signal: AbortSignal): Promise<string | null> {
    if (!this.#options.hashesFirst) return null;
    const hashes = this.#options.hash(this.#absolute(file), { md5: this.#needsMd5(), signal });
    try {
      const { sha256 } = await hashes;
      this.#hashedFirst.set(file.targetPath, { mark: file.mark, hashes });
      return sha256;
    } catch {
      signal.throwIfAborted();
      return null;
    }
  }

  #knownHashes(file: TransferFile): Promise<FileHashes> | null {
    const known = this.#hashedFirst.get(file.targetPath);
    return known !== undefined && known.mark === file.mark ? known.hashes : null;
  }

  /** In a worker where it travels as it is. */
  #hashOf(file: TransferFile, source: OutgoingSource, signal: AbortSignal): Promise<FileHashes> {
    if (this.#options.seal !== null) return source.readThrough(signal);
    return this.#options.hash(this.#absolute(file), { md5: this.#needsMd5(), signal });
  }

  #needsMd5(): boolean {
    return this.traits.proof === 'md5';
  }

  #absolute(file: TransferFile): string {
    return below('local', this.#options.plan.sourceRoots[file.sourceRoot]!, file.sourcePath);
  }

  #sourceOf(
    file: TransferFile,
    envelope: NewAgeFile | null = this.#options.seal?.newEnvelope() ?? null,
    throttle: Throttle = this.#options.throttle,
  ): OutgoingSource {
    const { seal } = this.#options;
    const spec = {
      absolute: this.#absolute(file),
      path: seal === null ? file.targetPath : Seal.plainPath(file.targetPath),
      size: sizeOfMark(file.mark ?? ''),
      modifiedAt: file.modifiedAt ?? 0,
      mode: file.mode ?? 0o644,
      mark: file.mark ?? '',
      throttle,
    };
    const sealed = seal === null || envelope === null ? null : { seal, envelope };
    return new OutgoingSource(spec, { sealed, md5: this.#needsMd5() });
  }
}

function publicationOf({ targetPath, size, modifiedAt, mode, sha256, md5 }: TransferFile): Publication {
  return { path: targetPath, size, modifiedAt: modifiedAt ?? 0, mode: (mode ?? 0o644) & 0o777, sha256: sha256!, md5 };
}

function couldNotBegin({ targetPath }: TransferFile): EndError {
  return new EndError({ kind: 'transient', message: `${targetPath} could not be begun.`, hint: null });
}

/** A source whose hash an end can have before the pieces, to note it beside the file. */
function withHash(source: OutgoingSource, hash: () => Promise<FileHashes>): OutgoingFile {
  const { path, size, modifiedAt, mode } = source;
  return {
    path,
    size,
    modifiedAt,
    mode,
    read: (offset, length) => source.read(offset, length),
    sha256: async () => (await hash()).sha256,
    close: () => source.close(),
  };
}
