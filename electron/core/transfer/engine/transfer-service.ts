import type {
  ConflictRule,
  Transfer,
  TransferPlan,
  TransferProblem,
  TransferRequest,
} from '../../../../shared/contract/transfers.ts';
import { namesBeside } from '../../../../shared/domain/transfer/names.ts';
import { AppError } from '../../../../shared/errors.ts';
import { newId } from '../../jobs/job-id.ts';
import type { LeftoverStore } from '../../storage/leftover-store.ts';
import type { TransferFile } from '../../storage/transfer-file-store.ts';
import type { TransferPriority, TransferRow } from '../../storage/transfer-store.ts';
import { Leftovers } from './leftovers.ts';
import { decideConflict, planTransfer } from './planner.ts';
import { below } from './place-paths.ts';
import { openEnds } from './open-mover.ts';
import { PriorityGate } from './priority-gate.ts';
import { directionOf } from './transfer-direction.ts';
import type { StopReason, TransferRunDeps } from './transfer-run.ts';
import { TransferRun } from './transfer-run.ts';
import { actionOf, conflictOf, transferView } from './transfer-view.ts';

/** States in which a transfer has something to do by itself. */
const GOING = new Set(['queued', 'planning', 'moving', 'verifying', 'publishing', 'waiting']);
const ENDED = new Set(['done', 'done-with-problems', 'failed', 'cancelled']);
/** So many move at once; one of a high priority has a place of its own. */
const AT_ONCE = 2;
const SHOWN_PROBLEMS = 20;
const SHOWN_ACTIONS = 1000;
const RANK: Record<TransferPriority, number> = { high: 0, normal: 1, low: 2 };

export interface TransferServiceDeps extends Omit<TransferRunDeps, 'turn' | 'changed'> {
  readonly leftovers: LeftoverStore;
}

/** The queue of all transfers: starts them by priority, stops them, and takes up what an earlier core has left. */
export class TransferService {
  readonly #d: TransferRunDeps;
  readonly #gate = new PriorityGate();
  readonly #runs = new Map<string, TransferRun>();
  readonly #listeners = new Set<(id: string) => void>();
  readonly #leftovers: Leftovers;
  #disposed = false;

  constructor(deps: TransferServiceDeps) {
    this.#d = {
      ...deps,
      turn: (id, signal) => this.#gate.turn(id, signal),
      changed: (id) => {
        this.#shareTurns(id);
        this.#changed(id);
      },
    };
    this.#leftovers = new Leftovers({ ...deps, removed: (id) => this.#changed(id) });
  }

  /** Takes up what an earlier core has left: what was going goes on, what was paused stays paused. */
  resume(): void {
    for (const row of this.#d.transfers.list()) {
      if (GOING.has(row.state) && row.state !== 'queued') this.#d.transfers.stand(row.id, { state: 'queued' });
    }
    this.#leftovers.resume((row) => ENDED.has(row.state));
    this.#pump();
  }

  /** Transfers that have something to do by themselves. */
  get active(): number {
    return this.#d.transfers.list().filter((row) => GOING.has(row.state)).length;
  }

  /** Calls the listener with the id of each transfer that changes, until the returned function is called. */
  onChange(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  list(): Transfer[] {
    return this.#shown().map((row) => this.#view(row));
  }

  get(id: string): Transfer {
    return this.#view(this.#find(id));
  }

  problems(id: string, offset: number, limit: number): { problems: TransferProblem[]; total: number } {
    const row = this.#find(id);
    return { problems: this.#d.transfers.problems(row.id, offset, limit), total: row.problemCount };
  }

  /** Stores a transfer and begins it when its turn comes. The same request id again gives the same transfer. */
  start(requestId: string, request: TransferRequest, watch: string | null = null): Transfer {
    const known = this.#d.transfers.byRequest(requestId);
    if (known !== null) return this.#view(known);
    const direction = directionOf(request);
    // A key that is not there is told at once.
    if (request.options.key !== null) this.#d.sealOf(request.options.key);
    const id = newId();
    this.#d.transfers.insert({ id, requestId, request, direction, watch, createdAt: this.#d.clock.now() });
    this.#changed(id);
    this.#pump();
    return this.get(id);
  }

  /** Looks at both sides and tells what would happen. @throws AppError, EndError, RemoteError */
  async preview(request: TransferRequest, signal: AbortSignal): Promise<TransferPlan> {
    const ends = await openEnds(this.#d, { request, direction: directionOf(request) }, signal);
    const actions: TransferPlan['actions'] = [];
    const conflicts: TransferPlan['conflicts'] = [];
    const { summary, problems, conflictCount } = await planTransfer(request, ends, {
      hash: this.#d.hash,
      walk: this.#d.walk,
      signal,
      take: (files) => {
        for (const file of files) {
          if (file.state === 'conflict' && conflicts.length < SHOWN_ACTIONS) conflicts.push(conflictOf(file));
          if (actions.length < SHOWN_ACTIONS) actions.push(actionOf(file));
        }
      },
    });
    return {
      ...countsOf(summary),
      actions,
      conflicts,
      conflictCount,
      // What blocks is an error; what is merely left out does not keep it from beginning.
      problems: problems.slice(0, SHOWN_ACTIONS).map(({ effect, path, message, hint }) => ({
        path,
        severity: effect === 'blocks' ? 'error' : 'warning',
        message,
        hint,
      })),
    };
  }

  /** @throws AppError `not_found` before it is planned */
  plan(id: string): TransferPlan {
    const row = this.#find(id);
    const { plan } = row;
    if (plan === null) throw new AppError('not_found', `${id} has not been planned yet.`);
    const { files } = this.#d;
    const conflicts = (['file', 'link'] as const).flatMap((kind) =>
      files.page(row.id, 'conflict', kind, 0, SHOWN_ACTIONS),
    );
    return {
      ...countsOf(plan),
      actions: files.first(row.id, SHOWN_ACTIONS).map(actionOf),
      conflicts: conflicts.slice(0, SHOWN_ACTIONS).map(conflictOf),
      conflictCount: row.conflictCount,
      problems: this.#d.transfers.problems(row.id, 0, SHOWN_ACTIONS),
    };
  }

  /** Decides what becomes of files that are there already, and goes on. */
  async decide(
    id: string,
    all: Exclude<ConflictRule, 'ask'>,
    single: Readonly<Record<string, 'replace' | 'skip' | 'keep-both'>>,
    signal: AbortSignal,
  ): Promise<void> {
    const row = this.#find(id);
    if (row.state !== 'needs-you') throw new AppError('bad_input', `${id} does not wait for a decision.`);
    const ends = await openEnds(this.#d, row, signal);
    const { files } = this.#d;
    const taken = new Set<string>();
    for (const kind of ['file', 'link'] as const) {
      for (let page = this.#conflicts(row, kind); page.length > 0; page = this.#conflicts(row, kind)) {
        for (const file of page) {
          const rule = single[file.targetPath] ?? all;
          const target = { modifiedAt: file.targetModifiedAt };
          const decision = decideConflict(rule, file, target, ends.traits.timeGrain);
          if (decision === 'skip') files.decide(file.id, 'skipped', file.targetPath);
          else if (decision !== 'keep-both') files.decide(file.id, 'todo', file.targetPath);
          else {
            const isTaken = async (path: string): Promise<boolean> =>
              taken.has(path) ||
              (await ends.target.stat(below(row.request.to.kind, row.plan!.targetRoot, path), signal)) !== null;
            const path = await firstFree(file.targetPath, isTaken);
            taken.add(path);
            files.decide(file.id, 'todo', path);
          }
        }
      }
    }
    files.count(row.id);
    this.#queue(row.id);
  }

  pause(id: string): Promise<void> {
    const row = this.#find(id);
    if (!GOING.has(row.state)) return Promise.resolve();
    return this.#stop(row.id, 'pause', 'paused');
  }

  resumeOne(id: string): void {
    const row = this.#find(id);
    if (row.state === 'paused') this.#queue(row.id);
    else if (row.state === 'waiting') this.#runs.get(row.id)?.wake();
    else if (ENDED.has(row.state)) throw new AppError('bad_input', `${row.id} has ended (${row.state}).`);
  }

  /** Tries what did not get there again; one that never began is planned anew. */
  retry(id: string): void {
    const row = this.#find(id);
    if (row.state !== 'done-with-problems' && row.state !== 'failed')
      throw new AppError('bad_input', `${row.id} has nothing to try again (${row.state}).`);
    this.#d.transfers.clearProblems(row.id);
    this.#d.files.retry(row.id);
    this.#queue(row.id);
  }

  async cancel(id: string): Promise<void> {
    const row = this.#find(id);
    if (ENDED.has(row.state)) return;
    this.#leftovers.note({ transfer: row.id, forget: false });
    await this.#stop(row.id, 'cancel', 'cancelled');
    this.#leftovers.begin(row.id);
  }

  async forget(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const row = this.#d.transfers.get(id);
      if (row === null || !ENDED.has(row.state)) continue;
      // What could have been tried again lies aside, perhaps on a host that does not answer: nobody waits for that.
      if (row.state === 'done') await this.#leftovers.remove(id);
      else {
        this.#leftovers.note({ transfer: id, forget: true });
        this.#leftovers.begin(id);
        this.#changed(id);
      }
    }
  }

  prioritize(id: string, priority: TransferPriority): void {
    const row = this.#find(id);
    this.#d.transfers.setPriority(row.id, priority);
    this.#shareTurns(row.id);
    this.#changed(row.id);
    this.#pump();
  }

  /** The machine has slept, or a connection is there again: nothing waits any longer than it must. */
  wake(): void {
    for (const run of this.#runs.values()) run.wake();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const run of this.#runs.values()) run.stop('shutdown');
    await Promise.all([...[...this.#runs.values()].map((run) => run.ended), this.#leftovers.dispose()]);
  }

  #conflicts(row: TransferRow, kind: 'file' | 'link'): TransferFile[] {
    return this.#d.files.page(row.id, 'conflict', kind, 0, SHOWN_ACTIONS);
  }

  /** All that nobody has taken off the list. */
  #shown(): TransferRow[] {
    const forgotten = this.#leftovers.forgotten();
    return this.#d.transfers.list().filter((row) => !forgotten.has(row.id));
  }

  /** By id or by a prefix that fits one only. */
  #find(id: string): TransferRow {
    const shown = this.#shown();
    const exact = shown.find((row) => row.id === id);
    if (exact !== undefined) return exact;
    const rows = shown.filter((row) => row.id.startsWith(id) || id === 'last');
    if (rows.length === 1 || (id === 'last' && rows.length > 0)) return rows[0]!;
    const why = rows.length === 0 ? 'There is no transfer' : 'More than one transfer begins with';
    throw new AppError('not_found', `${why} "${id}". See: slipway transfers`);
  }

  #view(row: TransferRow): Transfer {
    const problems = row.problemCount === 0 ? [] : this.#d.transfers.problems(row.id, 0, SHOWN_PROBLEMS);
    return transferView(row, this.#runs.get(row.id)?.meter ?? null, problems);
  }

  #queue(id: string): void {
    this.#d.transfers.stand(id, { state: 'queued' });
    this.#changed(id);
    this.#pump();
  }

  async #stop(id: string, reason: StopReason, state: 'paused' | 'cancelled'): Promise<void> {
    const run = this.#runs.get(id);
    run?.stop(reason);
    this.#d.transfers.stand(id, { state, endedAt: state === 'cancelled' ? this.#d.clock.now() : null });
    this.#changed(id);
    await run?.ended;
    this.#pump();
  }

  /** Starts what waits, as far as there is room, the most urgent first. */
  #pump(): void {
    if (this.#disposed) return;
    const queued = this.#d.transfers
      .list()
      .filter((row) => row.state === 'queued' && !this.#runs.has(row.id))
      .sort((a, b) => RANK[a.priority] - RANK[b.priority] || a.createdAt - b.createdAt);
    for (const row of queued) {
      const most = row.priority === 'high' ? AT_ONCE + 1 : AT_ONCE;
      if (this.#busy() < most) this.#begin(row);
    }
  }

  /** Those that wait for a connection or for room keep nobody else waiting. */
  #busy(): number {
    return [...this.#runs.keys()].filter((id) => this.#d.transfers.get(id)?.state !== 'waiting').length;
  }

  #shareTurns(id: string): void {
    const row = this.#d.transfers.get(id);
    if (row === null || !this.#runs.has(id)) return;
    if (row.state === 'waiting') {
      this.#gate.leave(id);
      this.#pump();
    } else if (row.state !== 'queued' && row.state !== 'planning') this.#gate.enter(id, row.priority);
  }

  #begin(row: TransferRow): void {
    const run = new TransferRun(this.#d, row.id);
    this.#runs.set(row.id, run);
    void run.ended.finally(() => {
      this.#runs.delete(row.id);
      this.#gate.leave(row.id);
      this.#changed(row.id);
      this.#pump();
    });
  }

  #changed(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }
}

function countsOf(plan: NonNullable<TransferRow['plan']>) {
  const { newFiles, changedFiles, sameFiles, extraFiles, newFolders, bytes, ways } = plan;
  return { newFiles, changedFiles, sameFiles, extraFiles, newFolders, bytes, reusedBytes: 0, ways: [...ways] };
}

async function firstFree(path: string, isTaken: (path: string) => Promise<boolean>): Promise<string> {
  for (const name of namesBeside(path)) if (!(await isTaken(name))) return name;
  return path;
}
