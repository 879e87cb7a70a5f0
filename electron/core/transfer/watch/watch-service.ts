import { randomUUID } from 'node:crypto';
import type { FolderWatch, TransferOptions } from '../../../../shared/contract/transfers.ts';
import type { Place } from '../../../../shared/domain/transfer/place.ts';
import { AppError } from '../../../../shared/errors.ts';
import type { Clock, Timers } from '../../clock.ts';
import { newId } from '../../jobs/job-id.ts';
import type { WatchRow, WatchStore } from '../../storage/watch-store.ts';
import { directionOf } from '../engine/transfer-direction.ts';
import type { TransferService } from '../engine/transfer-service.ts';
import { FolderEvents } from './folder-events.ts';

/** Both sides are looked at this often, whatever the system tells. */
const RESCAN_MS = 5 * 60_000;

export interface WatchServiceDeps {
  readonly store: WatchStore;
  readonly transfers: TransferService;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Default five minutes. */
  readonly rescanMs?: number;
}

/** A watch that is on. */
interface Live {
  readonly events: FolderEvents | null;
  stopTimer: () => void;
  /** The transfer that brings the sides into step. */
  transfer: string | null;
  /** Something changed while that was going. */
  again: boolean;
  /** Why changes are not told by the system. */
  blind: string | null;
}

/** Keeps folders in step with others, in one direction: after each change that the system tells, and at intervals. */
export class WatchService {
  readonly #d: WatchServiceDeps;
  readonly #live = new Map<string, Live>();
  readonly #listeners = new Set<() => void>();
  readonly #leave: () => void;

  constructor(deps: WatchServiceDeps) {
    this.#d = deps;
    this.#leave = deps.transfers.onChange((id) => this.#transferChanged(id));
  }

  /** Turns on what was on when the last core ended. */
  resume(): void {
    for (const row of this.#d.store.list()) if (row.enabled) this.#turnOn(row);
  }

  /** Watches that are on. */
  get active(): number {
    return this.#live.size;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): FolderWatch[] {
    return this.#d.store.list().map((row) => this.#view(row));
  }

  /** The same request id again gives the same watch. @throws AppError `bad_input` for what cannot be a transfer */
  add(requestId: string, from: Place, to: Place, options: TransferOptions): FolderWatch {
    const known = this.#d.store.byRequest(requestId);
    if (known !== null) return this.#view(known);
    directionOf({ from: [from], to });
    const id = newId();
    // Nobody is there to be asked, and what changed at the source is what is wanted.
    const conflicts = options.conflicts === 'ask' ? 'replace' : options.conflicts;
    const wanted: TransferOptions = { ...options, conflicts, priority: 'low' };
    this.#d.store.insert({ id, requestId, from, to, options: wanted, createdAt: this.#d.clock.now() });
    const row = this.#d.store.get(id)!;
    this.#turnOn(row);
    this.#changed();
    return this.#view(row);
  }

  async set(id: string, enabled: boolean): Promise<void> {
    const row = this.#find(id);
    this.#d.store.enable(row.id, enabled);
    if (enabled && !this.#live.has(row.id)) this.#turnOn(row);
    if (!enabled) await this.#turnOff(row.id);
    this.#changed();
  }

  async remove(id: string): Promise<void> {
    const row = this.#find(id);
    await this.#turnOff(row.id);
    this.#d.store.remove(row.id);
    this.#changed();
  }

  async dispose(): Promise<void> {
    this.#leave();
    const live = [...this.#live.values()];
    this.#live.clear();
    for (const one of live) one.stopTimer();
    await Promise.all(live.map((one) => one.events?.close()));
  }

  #find(id: string): WatchRow {
    const row = this.#d.store.get(id);
    if (row === null) throw new AppError('not_found', `There is no folder watch "${id}".`);
    return row;
  }

  #turnOn(row: WatchRow): void {
    const events =
      row.from.kind !== 'local'
        ? null
        : new FolderEvents({
            path: row.from.path,
            onChange: () => this.#bringIntoStep(row.id),
            onBlind: (why) => {
              const live = this.#live.get(row.id);
              if (live === undefined) return;
              live.blind = why;
              this.#changed();
            },
          });
    // A transfer that an earlier core has begun is still this watch's.
    const going = this.#d.transfers.list().find((transfer) => transfer.watch === row.id && transfer.endedAt === null);
    this.#live.set(row.id, {
      events,
      stopTimer: () => undefined,
      transfer: going?.id ?? null,
      again: false,
      blind: null,
    });
    this.#bringIntoStep(row.id);
  }

  async #turnOff(id: string): Promise<void> {
    const live = this.#live.get(id);
    if (live === undefined) return;
    this.#live.delete(id);
    live.stopTimer();
    await live.events?.close();
    if (live.transfer !== null) await this.#d.transfers.cancel(live.transfer);
  }

  #bringIntoStep(id: string): void {
    const live = this.#live.get(id);
    const row = this.#d.store.get(id);
    if (live === undefined || row === null) return;
    if (live.transfer !== null) {
      live.again = true;
      return;
    }
    live.stopTimer();
    const { from, to, options } = row;
    live.again = false;
    live.transfer = this.#d.transfers.start(randomUUID(), { from: [from], to, into: false, options }, id).id;
    this.#changed();
  }

  #transferChanged(id: string): void {
    for (const [watch, live] of this.#live) {
      if (live.transfer !== id) continue;
      const transfer = this.#d.transfers.get(id);
      if (transfer.endedAt !== null) {
        live.transfer = null;
        if (transfer.state === 'done') this.#d.store.inStep(watch, this.#d.clock.now());
        void this.#tidy(watch, id);
        live.stopTimer = this.#d.timers.after(this.#d.rescanMs ?? RESCAN_MS, () => this.#bringIntoStep(watch));
        if (live.again) this.#bringIntoStep(watch);
      }
      this.#changed();
    }
  }

  /** Only the last transfer of a watch that moved something, or failed, stays on the list. */
  async #tidy(watch: string, latest: string): Promise<void> {
    const ended = this.#d.transfers.list().filter((one) => one.watch === watch && one.endedAt !== null);
    const last = ended.find((one) => one.id === latest);
    const isEmpty = last?.state === 'done' && last.files.total === 0;
    const gone = ended.filter((one) => (one.id === latest) === isEmpty);
    await this.#d.transfers.forget(gone.map((one) => one.id));
  }

  #view(row: WatchRow): FolderWatch {
    const { id, from, to, options, enabled, inStepAt } = row;
    const live = this.#live.get(id);
    const transfer = live === undefined || live.transfer === null ? null : this.#d.transfers.get(live.transfer);
    const last = this.#d.transfers.list().find((one) => one.watch === id && one.endedAt !== null);
    const blind =
      live === undefined || live.blind === null
        ? null
        : `Changes are found by looking every few minutes: ${live.blind}.`;
    const failed = last !== undefined && last.state !== 'done' ? last.message : null;
    return {
      id,
      from,
      to,
      options,
      enabled,
      state: live === undefined ? 'off' : transfer === null ? 'in-step' : stateOf(transfer.state),
      message: transfer?.message ?? failed ?? blind,
      inStepAt: inStepAt === null ? null : new Date(inStepAt).toISOString(),
    };
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function stateOf(transfer: string): FolderWatch['state'] {
  if (transfer === 'queued' || transfer === 'planning') return 'looking';
  return transfer === 'waiting' || transfer === 'needs-you' || transfer === 'paused' ? 'waiting' : 'moving';
}
