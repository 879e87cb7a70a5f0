import { mkdir, rename, rm } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { OutputValue } from '../../../../shared/contract/common.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import type { Failure } from '../../../../shared/domain/run-state.ts';
import type { EndRecord } from '../../sites/site.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import type { Submission } from '../../storage/submission-store.ts';
import { UnreadableError } from '../../transfer/collect-tree.ts';
import type { JobMoveProgress } from '../../transfer/engine/job-moves.ts';
import type { RemoteEntry } from '../../transfer/list-remote.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import { collectEnded, collectItem } from '../collect-ended.ts';
import { failureOfEnd } from '../run-ending.ts';
import { listTree } from '../run-worker/copy-tree.ts';
import { isPassing, LARGE_RESULT_BYTES, LargeResults } from './large-results.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';
import type { MoveProgress } from './site-note.ts';
import { comesBack } from './what-comes-back.ts';

const BATCH = 64;
const RETRY_MS = 15_000;
const RETRY_MOST_MS = 300_000;
/** A network file system may show a run's files later than the word that it has ended. */
const LATE_RETRY_MS = 5_000;
const LATE_MOST_MS = 120_000;

/** After so many tries of a run alone, what cannot be read of it is left where it is. */
const TRIES_ALONE = 2;

/** A run that has ended on its site. */
export interface EndedRun {
  readonly run: number;
  /** Folder on the site that holds the run folders of its submission. */
  readonly runs: string;
  /** The wrapper's record; null when it left none. */
  readonly end: EndRecord | null;
  /** What the scheduler says went wrong; overrides the record. */
  readonly failure: Failure | null;
  /** Epoch seconds of the site's clock. */
  readonly startedAt: number | null;
  readonly cancelWanted: boolean;
  /** The limits that it ran under. */
  readonly limits: Pick<Submission, 'memoryBytes' | 'walltimeSeconds'>;
}

export interface CollectedRun {
  readonly ended: EndedRun;
  readonly failure: Failure | null;
  readonly outputs: Record<string, OutputValue>;
  readonly problems: readonly Problem[];
}

/** Brings ended runs back in batches, reads their outputs, and tells how they ended. A broken way or a full disk makes it wait, never a run fail. */
export class RunCollector {
  readonly #d: RemoteJobDeps;
  readonly #signal: AbortSignal;
  readonly #on: {
    readonly settle: (run: number, result: CollectedRun) => void;
    readonly changed: () => void;
    readonly idle: () => void;
  };
  readonly #wanted;
  #waiting: EndedRun[] = [];
  #busy = false;
  #stopTimer: (() => void) | null = null;
  #failures = 0;
  /** Since when (`Timers.elapsed`) the record of an end has been looked for in vain. */
  readonly #lateSince = new WeakMap<EndedRun, number>();
  /** Runs of a batch that held something unreadable: each is brought alone, so that it holds up no other. The value counts its tries. */
  readonly #alone = new Map<EndedRun, number>();
  #done = 0;
  #bytes = 0;
  /** Null while more may come than is being brought now. */
  #totalBytes: number | null = null;
  /** Of the bytes, those that did not come before a restart. */
  #travelledBytes = 0;
  #beganAt = 0;
  /** Why collecting waits; null = it does not. */
  problem: string | null = null;

  constructor(
    deps: RemoteJobDeps,
    signal: AbortSignal,
    on: {
      readonly settle: (run: number, result: CollectedRun) => void;
      readonly changed: () => void;
      readonly idle: () => void;
    },
  ) {
    this.#d = deps;
    this.#signal = signal;
    this.#on = on;
    const inputs = listTree(join(deps.job.folder, JOB_FOLDER.inputs)).filter((e) => e.kind !== 'folder');
    this.#wanted = comesBack(deps.plan, new Map(inputs.map((e) => [e.path, e])));
    signal.addEventListener('abort', () => this.#stopTimer?.(), { once: true });
  }

  get isIdle(): boolean {
    return this.#waiting.length === 0 && !this.#busy;
  }

  get progress(): MoveProgress | null {
    if (this.isIdle) return null;
    const seconds = (performance.now() - this.#beganAt) / 1000;
    return {
      doneRuns: this.#done,
      totalRuns: this.#done + this.#waiting.length,
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
      bytesPerSecond: seconds > 1 ? this.#travelledBytes / seconds : null,
    };
  }

  add(run: EndedRun): void {
    if (this.isIdle) {
      this.#done = 0;
      this.#bytes = 0;
      this.#totalBytes = null;
      this.#travelledBytes = 0;
      this.#beganAt = performance.now();
    }
    this.#waiting.push(run);
    this.#next();
  }

  /** Brings what waits now instead of at the next try: a way that was broken is there again. */
  goOn(): void {
    this.#next();
  }

  #next(afterMs = 0): void {
    if (this.#signal.aborted || this.#busy || this.#waiting.length === 0) return;
    this.#stopTimer?.();
    this.#stopTimer = this.#d.timers.after(afterMs, () => void this.#collect());
  }

  async #collect(): Promise<void> {
    if (this.#busy || this.#signal.aborted || this.#waiting.length === 0) return;
    this.#busy = true;
    // One submission's runs lie in one folder.
    const first = this.#waiting[0]!;
    const { runs } = first;
    const batch = this.#alone.has(first)
      ? [first]
      : this.#waiting.filter((e) => e.runs === runs && !this.#alone.has(e)).slice(0, BATCH);
    let wait = 0;
    try {
      const { brought, missing, left } = await this.#bring(runs, batch);
      await this.#read(brought, missing, left);
      for (const ended of brought) this.#alone.delete(ended);
      const done = new Set(brought);
      this.#waiting = this.#waiting.filter((e) => !done.has(e));
      this.#done += brought.length;
      if (brought.length < batch.length) {
        wait = LATE_RETRY_MS;
        // The others need not wait for them.
        const late = new Set(batch.filter((e) => !done.has(e)));
        this.#waiting = [...this.#waiting.filter((e) => !late.has(e)), ...late];
      }
      this.#failures = 0;
      this.problem = null;
    } catch (error) {
      if (this.#signal.aborted) return;
      if (error instanceof UnreadableError) {
        for (const ended of batch) this.#alone.set(ended, (this.#alone.get(ended) ?? 0) + (batch.length === 1 ? 1 : 0));
        // The others come first: they may well be readable.
        this.#waiting = [...this.#waiting.filter((e) => !batch.includes(e)), ...batch];
        wait = batch.length === 1 ? LATE_RETRY_MS : 0;
      } else {
        this.problem = error instanceof Error ? error.message : String(error);
        if (!(error instanceof RemoteError) && !isPassing(error))
          this.#d.log.warn({ err: error, job: this.#d.job.id }, 'runs could not be collected');
        wait = Math.min(RETRY_MOST_MS, RETRY_MS * 2 ** Math.min(this.#failures++, 6));
      }
    } finally {
      this.#busy = false;
    }
    this.#on.changed();
    this.#next(wait);
    if (this.isIdle) this.#on.idle();
  }

  /**
   * Copies the chosen files of a batch into the job's folder, each run's folder by one rename. Resolves to the runs that were brought, and to those of them
   * whose folder is not there. What the site does not show yet is left for later.
   */
  async #bring(
    runs: string,
    batch: readonly EndedRun[],
  ): Promise<{
    readonly brought: readonly EndedRun[];
    readonly missing: ReadonlySet<number>;
    readonly left: readonly Problem[];
  }> {
    const { site, job } = this.#d;
    const names = batch.map((e) => runFolderName(e.run));
    const listed = await site.files.list({ root: runs, folders: names, signal: this.#signal });
    const brought = this.#visible(batch, new Set(listed.map((entry) => entry.path)));
    const wanted = new Set(brought.map((e) => runFolderName(e.run)));
    const entries = listed.filter((entry) => wanted.has(entry.path.split('/')[0]!));
    const chosen = entries.filter((entry) => entry.kind === 'file' && this.#wanted(inRun(entry)));
    const target = join(job.folder, JOB_FOLDER.runs);
    const aside = join(target, `.collecting-${names[0]}`);
    await rm(aside, { recursive: true, force: true });
    await mkdir(aside, { recursive: true });
    try {
      const left: Problem[] = [];
      if ((this.#alone.get(batch[0]!) ?? 0) < TRIES_ALONE) await this.#copy(runs, chosen, aside);
      else
        for (const file of chosen)
          await this.#copy(runs, [file], aside).catch((error: unknown) => {
            if (!(error instanceof UnreadableError)) throw error;
            left.push(unreadable(inRun(file).path, error.message));
          });
      const there = new Set(entries.map((entry) => entry.path.split('/')[0]!));
      const missing = new Set<number>();
      for (const { run } of brought) {
        const name = runFolderName(run);
        if (!there.has(name)) {
          missing.add(run);
          continue;
        }
        await mkdir(join(aside, name), { recursive: true });
        await this.#setAside(join(target, name), name);
        await rename(join(aside, name), join(target, name));
      }
      return { brought, missing, left };
    } finally {
      await rm(aside, { recursive: true, force: true });
    }
  }

  async #copy(runs: string, files: readonly RemoteEntry[], target: string): Promise<void> {
    const [large, small] = [files.filter(isLarge), files.filter((file) => !isLarge(file))];
    const signal = this.#signal;
    if (small.length > 0) {
      const tell = this.#counting();
      const onProgress = (bytes: number): void => tell({ bytes, travelledBytes: bytes, totalBytes: null });
      await this.#d.site.files.collect({ root: runs, files: small, target, signal, onProgress });
    }
    if (large.length === 0) return;
    const results = new LargeResults(this.#d, { runs, token: posix.basename(posix.dirname(runs)) });
    await results.bring(large, target, { signal, onProgress: this.#counting() });
  }

  /** Takes what one way tells of its bytes. */
  #counting(): (progress: Omit<JobMoveProgress, 'totalBytes'> & { readonly totalBytes: number | null }) => void {
    const before = { bytes: this.#bytes, travelled: this.#travelledBytes };
    return ({ bytes, travelledBytes, totalBytes }) => {
      this.#bytes = before.bytes + bytes;
      this.#travelledBytes = before.travelled + travelledBytes;
      this.#totalBytes = totalBytes === null || this.#waiting.length > BATCH ? null : before.bytes + totalBytes;
      this.#on.changed();
    };
  }

  /** The runs whose record of the end is listed, as all that was written before it then is, or for which was waited long enough. */
  #visible(batch: readonly EndedRun[], paths: ReadonlySet<string>): readonly EndedRun[] {
    const now = this.#d.timers.elapsed();
    return batch.filter((ended) => {
      if (ended.end === null || paths.has(`${runFolderName(ended.run)}/end.json`)) return true;
      const since = this.#lateSince.get(ended) ?? now;
      this.#lateSince.set(ended, since);
      return now - since >= LATE_MOST_MS;
    });
  }

  /** The folder of an earlier attempt is kept under `attempts/`; one of the same attempt (collecting was interrupted) is replaced. */
  async #setAside(folder: string, name: string): Promise<void> {
    const run = Number(name);
    const attempt = this.#d.runs.get(this.#d.job.id, run)?.attempt ?? 1;
    const kept = join(this.#d.job.folder, JOB_FOLDER.earlier, `${name}.${attempt - 1}`);
    if (attempt > 1) {
      await mkdir(join(this.#d.job.folder, JOB_FOLDER.earlier), { recursive: true });
      // When it is there already, this attempt's folder is a half of ours.
      if (
        await rename(folder, kept).then(
          () => true,
          () => false,
        )
      )
        return;
    }
    await rm(folder, { recursive: true, force: true });
  }

  /** `left`: what could not be read of a batch of one run. */
  async #read(batch: readonly EndedRun[], missing: ReadonlySet<number>, left: readonly Problem[]): Promise<void> {
    const { job, plan, runs } = this.#d;
    const items = batch.map(({ run, end, failure, limits }) => {
      const told = failure ?? (end === null ? null : failureOfEnd(end, { ...plan, ...limits }));
      return collectItem(run, runs.get(job.id, run)!.values, end, told ?? gone(missing.has(run)));
    });
    const results = await collectEnded(this.#d, items);
    batch.forEach((ended, i) => {
      const { problems, ...result } = results[i]!;
      this.#on.settle(ended.run, { ended, ...result, problems: [...problems, ...left] });
    });
    const columns = results.flatMap((r) => r.columns);
    if (columns.length > 0) this.#d.onColumns(columns);
  }
}

function isLarge({ size }: RemoteEntry): boolean {
  return size >= LARGE_RESULT_BYTES;
}

function unreadable(path: string, words: string): Problem {
  return problem('OUT05', 'warning', `It stayed on the site, where it could not be read: ${words}`, { file: path });
}

function gone(missing: boolean): Failure | null {
  return missing ? { kind: 'output', message: 'its folder on the site is not there any more' } : null;
}

function inRun({ path, size, modifiedAt }: RemoteEntry): { path: string; size: number; modifiedAt: number } {
  return { path: posix.normalize(path.slice(path.indexOf('/') + 1)), size, modifiedAt };
}
