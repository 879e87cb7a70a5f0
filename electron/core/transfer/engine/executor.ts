import { setImmediate } from 'node:timers/promises';
import type {
  TransferFile,
  TransferFileKind,
  TransferFileState,
  TransferFileStore,
} from '../../storage/transfer-file-store.ts';
import type { EndProblem, FileOutcome } from '../ends/far-end.ts';
import { EndError } from '../ends/far-end.ts';
import { Limiter } from '../sftp/limiter.ts';
import { BUNDLE_BYTES, BUNDLE_FILES, REUSED_ABOVE, UNACKNOWLEDGED_BYTES } from './move-sizes.ts';
import { isForAll } from './is-for-all.ts';
import type { Arrival, Mover } from './mover.ts';
import { PieceLanes } from './piece-lanes.ts';
import type { ExecutorEvents } from './executor-events.ts';
import type { RetryWaits } from './retry-waits.ts';
import { runLanes } from '../run-lanes.ts';

export interface ExecutorOptions {
  readonly transfer: string;
  readonly mover: Mover;
  readonly files: TransferFileStore;
  readonly events: ExecutorEvents;
  readonly waits: RetryWaits;
  /** Waits while something more urgent moves. */
  readonly turn: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** One is packed, one is on its way, and one is unpacked and hashed. */
const BUNDLES_AT_ONCE = 3;
/** Rows of one transaction: few enough for a few milliseconds. */
const WRITTEN_AT_ONCE = 250;
const READ_AT_ONCE = 500;
const PUBLISHED_AT_ONCE = { files: 10_000, bytes: 1024 * 1024 * 1024 };
/** A file that had to begin again this often is told as a problem. */
const TRIES = 3;

/**
 * Does what a plan has found, file by file, until nothing is left to do. The journal is written before anything relies on it: a core that is killed goes on from
 * it. What fails for one file is told and the rest goes on; what fails for all is thrown.
 */
export class Executor {
  readonly #options: ExecutorOptions;
  readonly #lanes: Limiter;

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.#lanes = new Limiter(64, UNACKNOWLEDGED_BYTES);
  }

  /** @throws EndError, RemoteError when nothing can go on for now; the signal's reason when it was told to stop */
  async run(): Promise<void> {
    const { events, mover, signal } = this.#options;
    events.onPhase('moving');
    const folders = (signal: AbortSignal): Promise<void> =>
      this.#each('folder', 'todo', (files) => mover.makeFolders(files, signal), 'done', signal);
    const contents = async (signal: AbortSignal): Promise<void> => {
      await this.#takeKnown(signal);
      // A file that has to begin again is met in the next round.
      while (this.#has('file', 'todo')) await this.#moveAll(signal);
    };
    if (mover.needsFolders) await folders(signal);
    await runLanes(mover.needsFolders ? [contents] : [folders, contents], signal);
    while (this.#has('file', 'arrived')) {
      await this.#publishAll();
      if (!this.#has('file', 'todo')) continue;
      events.onPhase('moving');
      while (this.#has('file', 'todo')) await this.#moveAll(signal);
    }
    events.onPhase('publishing');
    await this.#each('link', 'todo', (files) => mover.makeLinks(files, signal), 'done');
    await this.#each('extra', 'todo', (files) => mover.trash(files, signal), 'done');
    // What failed may be tried again, and lies aside until then.
    if (!this.#has('file', 'failed')) await this.#options.waits.persist(() => mover.tidy(signal), signal);
  }

  #has(kind: TransferFileKind, state: TransferFileState): boolean {
    return this.#options.files.page(this.#options.transfer, state, kind, 0, 1).length > 0;
  }

  async #each(
    kind: TransferFileKind,
    from: TransferFileState,
    act: (files: readonly TransferFile[]) => Promise<FileOutcome[]>,
    to: TransferFileState,
    signal = this.#options.signal,
  ): Promise<void> {
    const { files, transfer } = this.#options;
    for (;;) {
      signal.throwIfAborted();
      const page = files.page(transfer, from, kind, 0, READ_AT_ONCE);
      if (page.length === 0) return;
      this.#take(page, await this.#options.waits.persist(() => act(page), signal), to);
    }
  }

  /** Writes down what became of files. */
  #take(page: readonly TransferFile[], outcomes: readonly FileOutcome[], to: TransferFileState): void {
    const told = new Map(outcomes.map(({ path, problem }) => [path, problem]));
    const done: TransferFile[] = [];
    const failed: { file: TransferFile; problem: EndProblem }[] = [];
    for (const file of page) {
      const problem = told.get(file.targetPath);
      if (problem === undefined) throw new Error(`the end says nothing of ${file.targetPath}`);
      if (problem === null) done.push(file);
      else failed.push({ file, problem });
    }
    this.#options.files.setState(done, to);
    for (const { file, problem } of failed) this.#fail(file, problem);
  }

  #fail(file: TransferFile, { message, hint }: EndProblem): void {
    this.#options.files.setState([file], 'failed');
    this.#options.events.onProblems([{ path: file.targetPath, severity: 'error', message, hint }]);
  }

  async #takeKnown(signal: AbortSignal): Promise<void> {
    const { files, transfer, mover, events, waits } = this.#options;
    for (let after = 0; ;) {
      const page = files.todo(transfer, after, REUSED_ABOVE, Number.MAX_SAFE_INTEGER, WRITTEN_AT_ONCE);
      if (page.length === 0) return;
      after = page.at(-1)!.id;
      const arrivals = await waits.persist(() => mover.takeKnown(page, signal), signal);
      await this.#arrivals(arrivals);
      events.onReused(arrivals.reduce((sum, { file }) => sum + file.size, 0));
    }
  }

  /** One round over everything that has to get there: bundles of small files beside the pieces of large ones. */
  async #moveAll(signal: AbortSignal): Promise<void> {
    const bundles = this.#bundles();
    const bundleLane = async (signal: AbortSignal): Promise<void> => {
      for (let next = await bundles.next(); next.done !== true; next = await bundles.next()) {
        const files = next.value;
        await this.#options.turn(signal);
        const bytes = files.reduce((sum, file) => sum + file.size, 0);
        await this.#lanes.run(() => this.#moveBundle(files, signal), bytes);
      }
    };
    const pieces = async (signal: AbortSignal): Promise<void> => {
      const arrived = (arrival: Arrival): Promise<void> => this.#arrivals([arrival]);
      await new PieceLanes({ ...this.#options, signal, lanes: this.#lanes, arrived }).run();
    };
    await runLanes([pieces, ...Array.from({ length: BUNDLES_AT_ONCE }, () => bundleLane)], signal);
  }

  /** Small files in bundles, by id, so that each is met once in a round. */
  async *#bundles(): AsyncGenerator<TransferFile[]> {
    const { files, transfer, mover } = this.#options;
    let bundle: TransferFile[] = [];
    let bytes = 0;
    for (let after = 0; ;) {
      const page = files.todo(transfer, after, 0, mover.traits.piecesAbove, READ_AT_ONCE);
      for (const file of page) {
        const isFull = bundle.length >= BUNDLE_FILES || (bytes > 0 && bytes + file.size > BUNDLE_BYTES);
        if (isFull || (bundle.length > 0 && bundle[0]!.sourceRoot !== file.sourceRoot)) {
          yield bundle;
          [bundle, bytes] = [[], 0];
        }
        bundle.push(file);
        bytes += file.size;
      }
      if (page.length === 0) break;
      after = page.at(-1)!.id;
      await setImmediate();
    }
    if (bundle.length > 0) yield bundle;
  }

  async #moveBundle(files: readonly TransferFile[], signal: AbortSignal): Promise<void> {
    const { mover, events, waits } = this.#options;
    events.onFile(files[0]!.targetPath);
    let told = 0;
    const undo = (): void => {
      events.onBytes(-told);
      told = 0;
    };
    let arrivals: Arrival[];
    try {
      arrivals = await waits.persist(() => {
        undo();
        return mover.moveBundle(files, signal, (bytes) => {
          told += bytes;
          events.onBytes(bytes);
        });
      }, signal);
    } catch (error) {
      undo();
      signal.throwIfAborted();
      if (!(error instanceof EndError) || isForAll(error)) throw error;
      // One of them spoils the bundle: halves find it.
      if (files.length > 1) {
        const half = Math.ceil(files.length / 2);
        await this.#moveBundle(files.slice(0, half), signal);
        await this.#moveBundle(files.slice(half), signal);
        return;
      }
      arrivals = [{ file: files[0]!, problem: error.problem, hashes: null }];
    }
    undo();
    await this.#arrivals(arrivals);
  }

  /** Writes down files that have arrived, and deals with those that have not. */
  async #arrivals(arrivals: readonly Arrival[]): Promise<void> {
    const { files, events } = this.#options;
    const whole = arrivals.filter((arrival) => arrival.problem === null);
    for (let at = 0; at < whole.length; at += WRITTEN_AT_ONCE) {
      const some = whole.slice(at, at + WRITTEN_AT_ONCE);
      files.arrived(some.map(({ file, hashes }) => ({ id: file.id, sha256: hashes!.sha256, md5: hashes!.md5 })));
      const bytes = some.reduce((sum, { file }) => sum + file.size, 0);
      events.onArrived(some.length, bytes);
      await setImmediate();
    }
    for (const { file, problem } of arrivals) if (problem !== null) await this.#beginAgain(file, problem);
  }

  /** A file did not get there: it begins again as it is now where that may help, else it is told. */
  async #beginAgain(file: TransferFile, problem: EndProblem): Promise<void> {
    const { mover, files, signal } = this.#options;
    if (problem.kind === 'space') throw new EndError(problem);
    const mayHelp = problem.kind === 'changed' || problem.kind === 'corrupt' || problem.kind === 'transient';
    if (!mayHelp) return this.#fail(file, problem);
    if (file.tries + 1 >= TRIES) {
      const often = problem.kind === 'changed' ? ' It keeps changing.' : '';
      return this.#fail(file, { ...problem, message: `${problem.message}${often}` });
    }
    const now = await mover.look(file, signal);
    if (now === null) {
      const message = `${file.sourcePath} was removed before it was there.`;
      return this.#fail(file, { kind: 'not-found', message, hint: null });
    }
    if (file.state === 'arrived') this.#options.events.onArrived(-1, -file.size);
    files.restart({ id: file.id, size: now.size, modifiedAt: now.modifiedAt, mode: now.mode, mark: now.mark });
  }

  async #publishAll(): Promise<void> {
    const { files, mover, signal, events, waits } = this.#options;
    for (let batch = await this.#toPublish(0); batch.length > 0; batch = await this.#toPublish(batch.at(-1)!.id)) {
      signal.throwIfAborted();
      events.onFile(batch[0]!.targetPath);
      const some = batch;
      const publish = (): Promise<FileOutcome[]> => {
        events.onPhase('verifying');
        return mover.publish(some, signal, () => events.onPhase('publishing'));
      };
      const outcomes = await waits.persist(publish, signal);
      const problems = new Map(outcomes.map(({ path, problem }) => [path, problem]));
      const proven = batch.filter((file) => problems.get(file.targetPath) === null);
      for (let at = 0; at < proven.length; at += WRITTEN_AT_ONCE) {
        files.setState(proven.slice(at, at + WRITTEN_AT_ONCE), 'done');
        await setImmediate();
      }
      events.onPublished(proven.length);
      for (const file of batch) {
        const problem = problems.get(file.targetPath);
        if (problem === null) continue;
        if (problem === undefined) throw new Error(`the end says nothing of ${file.targetPath}`);
        if (problem.kind === 'transient') throw new EndError(problem);
        await this.#beginAgain(file, problem);
      }
    }
  }

  /** The next files that have arrived, of one source root, of a size that is proven within seconds. */
  async #toPublish(afterId: number): Promise<TransferFile[]> {
    const { files, transfer } = this.#options;
    const batch: TransferFile[] = [];
    let bytes = 0;
    for (let after = afterId; ;) {
      const page = files.page(transfer, 'arrived', 'file', after, READ_AT_ONCE);
      for (const file of page) {
        const isFull = batch.length > 0 && bytes + file.size > PUBLISHED_AT_ONCE.bytes;
        if (isFull || file.sourceRoot !== (batch[0] ?? file).sourceRoot) return batch;
        batch.push(file);
        bytes += file.size;
      }
      if (page.length < READ_AT_ONCE || batch.length >= PUBLISHED_AT_ONCE.files) return batch;
      after = page.at(-1)!.id;
      await setImmediate();
    }
  }
}
