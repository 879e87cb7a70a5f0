import type { TransferFile, TransferFileStore } from '../../storage/transfer-file-store.ts';
import { EndError } from '../ends/far-end.ts';
import type { Limiter } from '../sftp/limiter.ts';
import { localError } from '../local/local-problem.ts';
import type { ExecutorEvents } from './executor-events.ts';
import { isForAll } from './is-for-all.ts';
import type { Arrival, Mover, Piece, PiecesOnTheWay } from './mover.ts';
import type { RetryWaits } from './retry-waits.ts';
import { runLanes } from '../run-lanes.ts';

export interface PieceLanesOptions {
  readonly transfer: string;
  readonly mover: Mover;
  readonly files: TransferFileStore;
  readonly events: Pick<ExecutorEvents, 'onBytes' | 'onResumed' | 'onFile'>;
  readonly waits: RetryWaits;
  readonly turn: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  /** Shared with everything else that is on its way. */
  readonly lanes: Limiter;
  readonly arrived: (arrival: Arrival) => Promise<void>;
}

const LANES_AT_MOST = 16;
const FILES_AT_ONCE = 16;

/** A large file with its pieces. */
interface OpenFile {
  readonly file: TransferFile;
  readonly way: PiecesOnTheWay;
  readonly receipts: Map<number, string>;
  readonly count: number;
  readonly inFlight: number;
  moving: number;
  /** Bytes told of it so far. */
  told: number;
  failed: boolean;
  free: (() => void) | null;
}

interface Unit {
  readonly open: OpenFile;
  readonly piece: Piece;
}

/** Moves all large files of a transfer in pieces, several pieces of a file and several files at once. */
export class PieceLanes {
  readonly #options: PieceLanesOptions;
  readonly #open = new Set<OpenFile>();

  constructor(options: PieceLanesOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const units = this.#units();
    const lane = async (signal: AbortSignal): Promise<void> => {
      // A lane that fails ends the pieces of the others, too, so that none waits for room that nobody gives back.
      for (let next = await units.next(); next.done !== true; next = await units.next()) {
        await this.#move(next.value, signal);
      }
    };
    try {
      await runLanes(
        Array.from({ length: LANES_AT_MOST }, () => lane),
        this.#options.signal,
      );
    } finally {
      await Promise.all([...this.#open].map((open) => this.#close(open)));
    }
  }

  /** The missing pieces of one file after another. A lane that asks waits until the file may have one more on its way. */
  async *#units(): AsyncGenerator<Unit> {
    const { files, transfer, mover, signal } = this.#options;
    for (let after = 0; ;) {
      const page = files.todo(transfer, after, mover.traits.piecesAbove, Number.MAX_SAFE_INTEGER, FILES_AT_ONCE);
      if (page.length === 0) return;
      after = page.at(-1)!.id;
      for (const file of page) {
        signal.throwIfAborted();
        const open = await this.#begin(file);
        if (open === null) continue;
        yield* this.#piecesOf(open);
      }
    }
  }

  async *#piecesOf(open: OpenFile): AsyncGenerator<Unit> {
    const { bytes } = this.#options.mover.traits.pieces(open.file.size);
    for (let index = 0; index < open.count && !open.failed; index++) {
      if (open.receipts.has(index)) continue;
      while (open.moving >= open.inFlight && !open.failed) await new Promise<void>((resolve) => (open.free = resolve));
      if (open.failed) return;
      open.moving++;
      const offset = index * bytes;
      yield { open, piece: { index, offset, length: Math.min(bytes, open.file.size - offset) } };
    }
  }

  /** Null when the file is dealt with already. */
  async #begin(file: TransferFile): Promise<OpenFile | null> {
    const { mover, files, events, waits, turn, signal } = this.#options;
    await turn(signal);
    events.onFile(file.targetPath);
    let way: PiecesOnTheWay;
    try {
      way = await waits.persist(() => mover.beginPieces(file, signal), signal);
    } catch (error) {
      await this.#failed(file, error);
      return null;
    }
    if (!way.isContinued) files.begin(file.id, way.ticket, way.envelope);
    const { bytes, inFlight } = mover.traits.pieces(file.size);
    const count = Math.max(1, Math.ceil(file.size / bytes));
    const receipts = way.isContinued ? files.pieces(file.id) : new Map<number, string>();
    const told = [...receipts.keys()].reduce((sum, index) => sum + Math.min(bytes, file.size - index * bytes), 0);
    events.onResumed(told);
    const open: OpenFile = { file, way, receipts, count, inFlight, moving: 0, told, failed: false, free: null };
    this.#open.add(open);
    // All pieces were there before a crash: only the end is missing.
    if (receipts.size === count) await this.#finish(open);
    return open;
  }

  async #move({ open, piece }: Unit, signal: AbortSignal): Promise<void> {
    const { files, events, lanes, waits, turn } = this.#options;
    let told = 0;
    const tell = (bytes: number): void => {
      told += bytes;
      open.told += bytes;
      events.onBytes(bytes);
    };
    try {
      await turn(signal);
      const receipt = await lanes.run(
        () =>
          waits.persist(() => {
            tell(-told);
            return open.way.movePiece(piece, signal, tell);
          }, signal),
        piece.length,
      );
      tell(piece.length - told);
      // Written down at once: what is acknowledged and not known is sent again.
      files.addPiece(open.file.id, piece.index, receipt);
      open.receipts.set(piece.index, receipt);
    } catch (error) {
      tell(-told);
      const isFirst = !open.failed;
      open.failed = true;
      if (isFirst || signal.aborted) await this.#failed(open.file, error, signal);
    } finally {
      open.moving--;
      open.free?.();
      open.free = null;
    }
    if (open.failed ? open.moving === 0 : open.receipts.size === open.count && open.moving === 0)
      await this.#finish(open);
  }

  async #finish(open: OpenFile): Promise<void> {
    const { signal, waits, events, arrived } = this.#options;
    const { file, way, receipts } = open;
    try {
      if (open.failed) return;
      const ordered = [...receipts].sort(([a], [b]) => a - b).map(([, receipt]) => receipt);
      const hashes = await waits.persist(() => way.finish(ordered, signal), signal);
      events.onBytes(-open.told);
      open.told = 0;
      await arrived({ file, problem: null, hashes });
    } catch (error) {
      open.failed = true;
      await this.#failed(file, error);
    } finally {
      await this.#close(open);
    }
  }

  async #close(open: OpenFile): Promise<void> {
    if (!this.#open.delete(open)) return;
    this.#options.events.onBytes(-open.told);
    await open.way.close();
  }

  /** @throws what is not a problem of this file alone */
  async #failed(file: TransferFile, error: unknown, signal = this.#options.signal): Promise<void> {
    signal.throwIfAborted();
    if (isForAll(error)) throw error;
    const { problem } = error instanceof EndError ? error : localError(file.targetPath, error);
    await this.#options.arrived({ file, problem, hashes: null });
  }
}
