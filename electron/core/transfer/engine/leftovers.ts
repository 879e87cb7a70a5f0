import type { Logger } from '../../logging/logger.ts';
import type { Leftover, LeftoverStore } from '../../storage/leftover-store.ts';
import type { TransferFile, TransferFileStore } from '../../storage/transfer-file-store.ts';
import type { TransferRow, TransferStore } from '../../storage/transfer-store.ts';
import type { MoverDeps } from './open-mover.ts';
import { openEnds, openMover } from './open-mover.ts';

export interface LeftoversDeps extends MoverDeps {
  readonly transfers: TransferStore;
  readonly files: TransferFileStore;
  readonly leftovers: LeftoverStore;
  readonly log: Logger;
  /** A transfer is off the list. */
  readonly removed: (id: string) => void;
}

/** A far end that does not answer is given up after this time; what lies there is told in the log. */
const DISCARD_MS = 60_000;
/** So long an end of the core waits for what is under way: the next core takes it up again. */
const DISPOSE_MS = 2000;
const FILES_AT_ONCE = 1000;
const REMOVED_AT_ONCE = 2000;

/** Removes, in the background, what ended transfers have laid aside. It is written down first: what the end of a core interrupts, the next one does. */
export class Leftovers {
  readonly #d: LeftoversDeps;
  readonly #going = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

  constructor(deps: LeftoversDeps) {
    this.#d = deps;
  }

  /** Writes down that parts of a transfer have to go. They are left alone until `begin`. */
  note(leftover: Leftover): void {
    this.#d.leftovers.note(leftover);
  }

  /** Removes the parts of a transfer that were noted, unless that is under way. */
  begin(transfer: string): void {
    if (this.#going.has(transfer) || this.#stop.signal.aborted) return;
    const work = this.#work(transfer).finally(() => this.#going.delete(transfer));
    this.#going.set(transfer, work);
  }

  /** Transfers that nobody wants to see any more, though their parts are still to be removed. */
  forgotten(): ReadonlySet<string> {
    return new Set(this.#d.leftovers.all().flatMap(({ transfer, forget }) => (forget ? [transfer] : [])));
  }

  /** Takes up what an earlier core has left. `hasEnded`: one that goes on has been cancelled no further than its note. */
  resume(hasEnded: (row: TransferRow) => boolean): void {
    const { leftovers, transfers } = this.#d;
    for (const { transfer } of leftovers.all()) {
      const row = transfers.get(transfer);
      if (row !== null && hasEnded(row)) this.begin(transfer);
      else leftovers.clear(transfer);
    }
  }

  /** Takes a transfer off the list, with its journal. */
  async remove(transfer: string): Promise<void> {
    const { transfers, files, removed } = this.#d;
    while (files.removeSome(transfer, REMOVED_AT_ONCE)) await new Promise((resolve) => setImmediate(resolve));
    transfers.remove(transfer);
    removed(transfer);
  }

  async dispose(): Promise<void> {
    this.#stop.abort(new DOMException('shutdown', 'AbortError'));
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, DISPOSE_MS)));
    await Promise.race([Promise.all(this.#going.values()), patience]);
    clearTimeout(timer);
  }

  async #work(transfer: string): Promise<void> {
    const { transfers, leftovers, log } = this.#d;
    const row = transfers.get(transfer);
    try {
      if (row !== null) await this.#discard(row);
    } catch (error) {
      // Nothing may be read or written any more: the core ends.
      if (this.#stop.signal.aborted) return;
      log.warn({ err: error as Error, transfer }, 'parts of a transfer that has ended may be left');
    }
    if (this.#stop.signal.aborted) return;
    const isForgotten = leftovers.all().some((noted) => noted.transfer === transfer && noted.forget);
    if (isForgotten) await this.remove(transfer);
    else leftovers.clear(transfer);
  }

  async #discard(row: TransferRow): Promise<void> {
    if (row.plan === null) return;
    const signal = AbortSignal.any([AbortSignal.timeout(DISCARD_MS), this.#stop.signal]);
    const ends = await openEnds(this.#d, row, signal);
    const mover = await openMover(this.#d, row, ends, row.plan, signal);
    try {
      await mover.discard(this.#pages(row.id), signal);
    } finally {
      await mover.close();
    }
  }

  *#pages(id: string): Generator<TransferFile[]> {
    for (const state of ['todo', 'arrived', 'failed'] as const) {
      for (let after = 0; ;) {
        this.#stop.signal.throwIfAborted();
        const page = this.#d.files.page(id, state, 'file', after, FILES_AT_ONCE);
        if (page.length === 0) break;
        after = page.at(-1)!.id;
        yield page;
      }
    }
  }
}
