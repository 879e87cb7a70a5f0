import type { TransferState } from '../../../../shared/contract/transfers.ts';
import type { Timers } from '../../clock.ts';
import type { Logger } from '../../logging/logger.ts';
import type { TransferFileStore } from '../../storage/transfer-file-store.ts';
import type { PlanSummary, TransferRow, TransferStore } from '../../storage/transfer-store.ts';
import { Executor } from './executor.ts';
import type { Mover } from './mover.ts';
import type { MoverDeps } from './open-mover.ts';
import { openEnds, openMover } from './open-mover.ts';
import { planTransfer } from './planner.ts';
import { ProgressMeter } from './progress-meter.ts';
import { RetryWaits } from './retry-waits.ts';
import { runFailureOf } from './run-failure.ts';
import type { Ends, FoundProblem } from './survey.ts';

export interface TransferRunDeps extends MoverDeps {
  readonly transfers: TransferStore;
  readonly files: TransferFileStore;
  readonly timers: Timers;
  readonly log: Logger;
  /** Waits while a transfer of a higher priority moves. */
  readonly turn: (id: string, signal: AbortSignal) => Promise<void>;
  /** Something about the transfer has changed. */
  readonly changed: (id: string) => void;
}

/** Why a run is told to stop. */
export type StopReason = 'pause' | 'cancel' | 'shutdown';

const FIRST_WAIT_MS = 1000;
const MOST_WAIT_MS = 30_000;
const OBSERVED_MS = 500;
const REMOVED_AT_ONCE = 2000;

/** One transfer while it is worked on: through its phases, and again after each failure that may pass. */
export class TransferRun {
  readonly id: string;
  readonly ended: Promise<void>;
  readonly #d: TransferRunDeps;
  readonly #abort = new AbortController();
  readonly #waits: RetryWaits;
  #meter: ProgressMeter | null = null;
  #skipWait: (() => void) | null = null;

  constructor(deps: TransferRunDeps, id: string) {
    this.#d = deps;
    this.id = id;
    this.#waits = new RetryWaits(deps.timers);
    this.ended = this.#run();
  }

  /** How far it is; null before it moves. */
  get meter(): ProgressMeter | null {
    return this.#meter;
  }

  /** Ends it within a second. The caller writes down what it is then. */
  stop(reason: StopReason): void {
    this.#abort.abort(new DOMException(reason, 'AbortError'));
  }

  /** Does not wait any longer for what was away. */
  wake(): void {
    this.#skipWait?.();
  }

  async #run(): Promise<void> {
    const { log } = this.#d;
    const { signal } = this.#abort;
    for (let failures = 0; ;) {
      const before = this.#arrivedBytes();
      try {
        await this.#session(signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        const failure = runFailureOf(error);
        if (failure.isUnforeseen) log.error({ err: error as Error, transfer: this.id }, 'a transfer failed');
        if (!failure.goesOn) {
          this.#stand('failed', failure.message, failure.hint);
          return;
        }
        // After some progress the next wait is short again.
        failures = this.#arrivedBytes() > before ? 0 : failures + 1;
        this.#stand('waiting', failure.message, failure.hint);
        const wait = Math.min(MOST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
        const skipped = new Promise<void>((resolve) => (this.#skipWait = resolve));
        const over = await Promise.race([this.#waits.wait(wait, signal), skipped]).then(
          () => false,
          () => true,
        );
        this.#skipWait = null;
        if (over) return;
      }
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const { transfers } = this.#d;
    const row = transfers.get(this.id)!;
    const ends = await openEnds(this.#d, row, signal);
    let { plan } = row;
    if (plan === null) {
      this.#stand('planning');
      plan = await this.#plan(row, ends, signal);
      if (plan === null) return;
    }
    if (transfers.get(this.id)!.conflictCount > 0) {
      this.#stand('needs-you', 'Some files are there already and differ.', 'Decide what becomes of them.');
      return;
    }
    // Nothing is opened at the far end for nothing.
    if (this.#d.files.first(this.id, 1).length === 0) return this.#conclude();
    // Until the way is open it stands as it did, with what it waits for.
    const mover = await openMover(this.#d, row, ends, plan, signal);
    this.#stand('moving');
    const stopWatching = this.#watchProgress(transfers.get(this.id)!);
    try {
      await this.#execute(mover, signal);
    } finally {
      stopWatching();
      await mover.close().catch(() => undefined);
    }
    this.#conclude();
  }

  /** Null when it does not begin. */
  async #plan(row: TransferRow, ends: Ends, signal: AbortSignal): Promise<PlanSummary | null> {
    const { transfers, files, hash, walk } = this.#d;
    // What an interrupted planning has left.
    while (files.removeSome(this.id, REMOVED_AT_ONCE)) await nextTurn();
    transfers.clearProblems(this.id);
    const take = (found: Parameters<TransferFileStore['insert']>[1]): void => files.insert(this.id, found);
    const { summary, problems } = await planTransfer(row.request, ends, { hash, walk, signal, take });
    transfers.addProblems(this.id, problems.map(toProblem));
    files.count(this.id);
    const blocking = problems.filter((problem) => problem.effect === 'blocks');
    if (blocking.length > 0) {
      const more = blocking.length === 1 ? '' : ` And ${blocking.length - 1} more.`;
      this.#stand('failed', `Nothing was moved: ${blocking[0]!.message}${more}`, blocking[0]!.hint);
      return null;
    }
    transfers.savePlan(this.id, summary);
    return summary;
  }

  async #execute(mover: Mover, signal: AbortSignal): Promise<void> {
    const { transfers, files, turn, changed } = this.#d;
    const meter = this.#meter!;
    const executor = new Executor({
      transfer: this.id,
      mover,
      files,
      waits: this.#waits,
      turn: (signal) => turn(this.id, signal),
      signal,
      events: {
        onBytes: (bytes) => meter.moving(bytes),
        onResumed: (bytes) => meter.resumed(bytes),
        onReused: (bytes) => transfers.addReused(this.id, bytes),
        onFile: (path) => meter.file(path),
        onArrived: (count, bytes) => meter.arrived(count, bytes),
        onPublished: (count) => meter.publishedMore(count),
        onPhase: (phase) => this.#stand(phase),
        onProblems: (problems) => {
          transfers.addProblems(this.id, problems);
          changed(this.id);
        },
      },
    });
    await executor.run();
  }

  #conclude(): void {
    const { transfers, files } = this.#d;
    files.count(this.id);
    const errors = transfers.errorCount(this.id);
    if (errors === 0) return this.#stand('done');
    const what = errors === 1 ? 'One thing did not get there.' : `${errors} things did not get there.`;
    this.#stand('done-with-problems', what, 'Mend the cause, then try again.');
  }

  #watchProgress(row: TransferRow): () => void {
    const { timers, changed } = this.#d;
    const arrived = {
      ...{ bytes: row.arrivedBytes, files: row.arrivedFiles },
      published: this.#d.files.published(this.id),
    };
    const meter = new ProgressMeter({ bytes: row.totalBytes, files: row.totalFiles }, arrived, timers.elapsed());
    this.#meter = meter;
    let stop = (): void => undefined;
    const observe = (): void => {
      meter.observe(timers.elapsed());
      changed(this.id);
      stop = timers.after(OBSERVED_MS, observe);
    };
    stop = timers.after(OBSERVED_MS, observe);
    return () => {
      stop();
      this.#d.files.count(this.id);
      this.#meter = null;
    };
  }

  #arrivedBytes(): number {
    return this.#d.transfers.get(this.id)?.arrivedBytes ?? 0;
  }

  #stand(state: TransferState, message: string | null = null, hint: string | null = null): void {
    if (this.#abort.signal.aborted) return;
    const isEnd = state === 'done' || state === 'done-with-problems' || state === 'failed';
    const endedAt = isEnd ? this.#d.clock.now() : null;
    this.#d.transfers.stand(this.id, { state, message, hint, endedAt });
    this.#d.changed(this.id);
  }
}

function toProblem({ path, severity, message, hint }: FoundProblem) {
  return { path, severity, message, hint };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
