import type { PlanSummary } from '../../storage/transfer-store.ts';
import type { TransferFile } from '../../storage/transfer-file-store.ts';
import { EndError } from '../ends/far-end.ts';
import type { EndTraits, FarEnd, FileOutcome, PieceReceipt, SendSession } from '../ends/far-end.ts';
import type { FileHashes, HashFile } from '../local/hash-file.ts';
import { localProblem } from '../local/local-problem.ts';
import { SourceFile } from '../local/source-file.ts';
import type { Throttle } from '../local/source-file.ts';
import { lookAtLocal } from '../local/walk-local.ts';
import type { Arrival, Mover, PiecesOnTheWay } from './mover.ts';
import { below } from './place-paths.ts';

export interface SendMoverOptions {
  readonly end: FarEnd;
  readonly traits: EndTraits;
  readonly plan: PlanSummary;
  /** How the end writes paths. */
  readonly kind: 'local' | 'site' | 'bucket';
  readonly transfer: string;
  readonly hash: HashFile;
  readonly throttle: Throttle;
}

/** Sends files of this workstation to a far end. */
export class SendMover implements Mover {
  readonly traits: EndTraits;
  readonly #options: SendMoverOptions;
  readonly #session: SendSession;

  private constructor(options: SendMoverOptions, session: SendSession) {
    this.traits = options.traits;
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
    const arrivals: Arrival[] = [];
    const sources = new Map<string, { readonly file: TransferFile; readonly source: SourceFile }>();
    for (const file of files) {
      const source = this.#sourceOf(file);
      // What has changed since the plan is not begun.
      const problem = await source.assertUnchanged().then(
        () => null,
        (error: unknown) => localProblem(file.sourcePath, error),
      );
      if (problem === null) sources.set(file.targetPath, { file, source });
      else arrivals.push({ file, problem, hashes: null });
    }
    try {
      const outgoing = [...sources.values()].map(({ source }) => source);
      const outcomes = await this.#session.sendBundle(outgoing, signal, onBytes);
      const told = new Map(outcomes.map(({ path, problem }) => [path, problem]));
      for (const [path, { file, source }] of sources) {
        const problem = told.get(path);
        if (problem === undefined) throw new Error(`the far end says nothing of ${path}`);
        arrivals.push(problem === null ? await this.#arrival(file, source, signal) : { file, problem, hashes: null });
      }
      return arrivals;
    } finally {
      await Promise.all([...sources.values()].map(({ source }) => source.close()));
    }
  }

  async beginPieces(file: TransferFile, signal: AbortSignal): Promise<PiecesOnTheWay> {
    const source = this.#sourceOf(file);
    await source.assertUnchanged();
    const earlier = file.ticket === null ? null : await this.#session.beginPieces(source, file.ticket, signal);
    const ticket = earlier ?? (await this.#session.beginPieces(source, null, signal));
    if (ticket === null)
      throw new EndError({ kind: 'transient', message: `${file.targetPath} could not be begun.`, hint: null });
    // Hashed beside the sending: pieces do not go in one row. What changes meanwhile is seen at the end.
    const hashing = new AbortController();
    const hashes = this.#options.hash(this.#absolute(file), {
      md5: this.#needsMd5(),
      signal: AbortSignal.any([signal, hashing.signal]),
    });
    hashes.catch(() => undefined);
    return {
      ticket,
      isContinued: earlier !== null,
      movePiece: (piece, signal, onBytes) => this.#session.sendPiece(source, ticket, piece, signal, onBytes),
      finish: async (receipts: readonly PieceReceipt[], signal): Promise<FileHashes> => {
        const found = await hashes.catch((error: unknown) => {
          signal.throwIfAborted();
          throw new EndError(localProblem(file.sourcePath, error), { cause: error });
        });
        await source.assertUnchanged();
        await this.#session.endPieces(source, ticket, receipts, signal);
        return found;
      },
      close: async () => {
        hashing.abort();
        await source.close();
      },
    };
  }

  publish(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]> {
    return this.#session.publish(
      files.map(({ targetPath, size, modifiedAt, mode, sha256, md5 }) => ({
        path: targetPath,
        size,
        modifiedAt: modifiedAt ?? 0,
        mode: (mode ?? 0o644) & 0o777,
        sha256: sha256!,
        md5,
      })),
      signal,
    );
  }

  async trash(files: readonly TransferFile[], signal: AbortSignal): Promise<FileOutcome[]> {
    const { end, plan, kind } = this.#options;
    const paths = files.map((file) => below(kind, plan.targetRoot, file.targetPath));
    const { outcomes } = await end.trash(paths, signal);
    return outcomes.map(({ problem }, i) => ({ path: files[i]!.targetPath, problem }));
  }

  async look(file: TransferFile): Promise<Pick<TransferFile, 'size' | 'modifiedAt' | 'mode' | 'mark'> | null> {
    const entry = await lookAtLocal(this.#absolute(file), file.sourcePath);
    return entry?.kind === 'file' ? entry : null;
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

  async #arrival(file: TransferFile, source: SourceFile, signal: AbortSignal): Promise<Arrival> {
    try {
      const hashes =
        (await source.finish()) ?? (await this.#options.hash(this.#absolute(file), { md5: this.#needsMd5(), signal }));
      await source.assertUnchanged();
      return { file, problem: null, hashes };
    } catch (error) {
      signal.throwIfAborted();
      return { file, problem: localProblem(file.sourcePath, error), hashes: null };
    }
  }

  #needsMd5(): boolean {
    return this.traits.proof === 'md5';
  }

  #absolute(file: TransferFile): string {
    return below('local', this.#options.plan.sourceRoots[file.sourceRoot]!, file.sourcePath);
  }

  #sourceOf(file: TransferFile): SourceFile {
    return new SourceFile({
      absolute: this.#absolute(file),
      path: file.targetPath,
      size: file.size,
      modifiedAt: file.modifiedAt ?? 0,
      mode: file.mode ?? 0o644,
      mark: file.mark ?? '',
      throttle: this.#options.throttle,
      md5: this.#needsMd5(),
    });
  }
}
