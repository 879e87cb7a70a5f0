import { Buffer } from 'node:buffer';
import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { TaskResources } from '../../../../shared/domain/scheduler/types.ts';
import type { JobLayout, SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import { RUNNER_SH } from '../../sites/remote/slot-runner.ts';
import { submitScript } from '../../sites/remote/submit-script.ts';
import { taskNumbers } from '../../sites/remote/task-numbers.ts';
import { environmentScript, jobScript, NEWEST_INPUT, setupScript, TASK_SH } from '../../sites/remote/task-script.ts';
import { RUN_WRAPPER_SH } from '../../sites/local/run-wrapper.ts';
import type { Submission } from '../../storage/submission-store.ts';
import type { JobFile, JobMoveProgress } from '../../transfer/engine/job-moves.ts';
import { compress, packEntries, packLocalTree } from '../../transfer/tar-pack.ts';
import type { Compression, LocalEntry, PackEntry } from '../../transfer/tar-pack.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import { STORAGE_SH } from '../storage/storage-script.ts';
import type { StageItem } from '../run-worker/protocol.ts';
import { LargeInputs } from './large-inputs.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';
import { sharedInputs } from './shared-inputs.ts';
import type { MoveProgress } from './site-note.ts';

const PACK_BATCH = 250;

interface Progress {
  readonly doneRuns: number;
  readonly totalRuns: number;
  readonly bytes: number;
  /** Null = not known. */
  readonly totalBytes: number | null;
  /** Of `bytes`, those that have travelled since `beganAt`. */
  readonly travelledBytes: number;
  readonly beganAt: number;
}

/** A submission that is to be staged: its runs that are still wanted, and what each of its tasks may use. */
interface StageRequest {
  readonly submission: Submission;
  readonly layout: SubmissionLayout;
  readonly runs: readonly number[];
  readonly resources: TaskResources;
}

/**
 * Puts what a job needs on its site: the shared part once, then one folder for each submission. Each appears by one rename. The large inputs come before the shared
 * part, by the transfer engine; as long as that part is not there nobody looks at them.
 */
export class SubmissionStager {
  readonly #d: RemoteJobDeps;
  readonly #layout: JobLayout;
  readonly #signal: AbortSignal;
  readonly #largeInputs: LargeInputs;
  #sharedIsThere = false;
  #progress: Progress | null = null;

  constructor(deps: RemoteJobDeps, layout: JobLayout, signal: AbortSignal) {
    this.#d = deps;
    this.#layout = layout;
    this.#signal = signal;
    this.#largeInputs = new LargeInputs(deps, layout);
  }

  get progress(): MoveProgress | null {
    const p = this.#progress;
    if (p === null) return null;
    const { doneRuns, totalRuns, bytes, totalBytes } = p;
    const seconds = (performance.now() - p.beganAt) / 1000;
    return { doneRuns, totalRuns, bytes, totalBytes, bytesPerSecond: seconds > 1 ? p.travelledBytes / seconds : null };
  }

  /**
   * Stages a submission; harmless to repeat. Resolves to the runs that cannot be rendered, with what is wrong.
   * @throws RemoteError, or StageError when the site has no room or no permission: nothing of it is visible then; the signal's reason.
   */
  async stage(request: StageRequest, signal: AbortSignal): Promise<Map<number, string>> {
    const either = AbortSignal.any([this.#signal, signal]);
    this.#begin(request.runs.length);
    try {
      await this.#stageShared(either);
      this.#begin(request.runs.length);
      return await this.#stageRuns(request, either);
    } finally {
      this.#progress = null;
    }
  }

  /** The job needs nothing more: removes what has not got there. @throws EndError, RemoteError */
  async discard(signal: AbortSignal): Promise<void> {
    await this.#largeInputs.discard(AbortSignal.any([this.#signal, signal]));
  }

  #compression(): Compression {
    return this.#d.site.files.compression;
  }

  async #isThere(path: string, signal: AbortSignal): Promise<boolean> {
    const { code } = await this.#d.site.host.run(`[ -d ${shellQuote(path)} ]`, { signal });
    return code === 0;
  }

  async #stageShared(signal: AbortSignal): Promise<void> {
    if (this.#sharedIsThere) return;
    if (!(await this.#isThere(this.#layout.shared, signal))) {
      const { job, plan } = this.#d;
      const { small, large } = await sharedInputs(job.folder, new Set(plan.templates.map(({ to }) => to)));
      if (large.length > 0)
        await this.#largeInputs.bring(large, { signal, onProgress: (progress) => this.#bringing(progress) });
      this.#begin(this.#progress!.totalRuns);
      const entries = withFolders([...small, ...this.#scripts(large)]);
      await this.#d.site.files.stage({
        target: this.#layout.shared,
        token: 'shared',
        compression: this.#compression(),
        chunks: packLocalTree(entries, this.#compression()),
        expected: () => ({ files: entries.filter(({ kind }) => kind !== 'folder').length }),
        signal,
        onProgress: (bytes) => this.#moved(bytes),
      });
    }
    this.#largeInputs.forget();
    this.#sharedIsThere = true;
  }

  #scripts(large: readonly JobFile[]): PackEntry[] {
    return [
      textEntry('wrapper.sh', RUN_WRAPPER_SH),
      textEntry('task.sh', TASK_SH),
      textEntry('runner.sh', RUNNER_SH),
      ...(this.#d.plan.storage == null ? [] : [textEntry(JOB_FOLDER.storageScript, STORAGE_SH)]),
      ...(large.length === 0 ? [] : [newestOf(large)]),
    ];
  }

  async #stageRuns(
    { submission, layout, runs, resources }: StageRequest,
    signal: AbortSignal,
  ): Promise<Map<number, string>> {
    const failures = new Map<number, string>();
    const compression = this.#compression();
    const { job, site, stager, runs: store, plan } = this.#d;
    const attempts = new Map(submission.runs.map((run, i) => [run, submission.attempts[i]!]));
    const itemOf = (run: number): StageItem => ({
      run,
      attempt: attempts.get(run)!,
      values: store.get(job.id, run)!.values,
    });
    if (await this.#isThere(layout.folder, signal)) {
      // Staged by an earlier core: what is not in its map could not be rendered.
      const { stdout } = await site.host.run(`cut -d ' ' -f 2 ${shellQuote(`${layout.folder}/map`)}`);
      const there = new Set(stdout.toString('utf8').split('\n').map(Number));
      const missing = runs.filter((run) => !there.has(run));
      if (missing.length === 0) return failures;
      const packed = await stager.pack(job.id, missing.map(itemOf), compression);
      for (const { run, message } of packed.failures) failures.set(run, message);
      return failures;
    }
    let files = 0;
    const pack = async function* (this: SubmissionStager): AsyncGenerator<Uint8Array> {
      const map: string[] = [];
      const tasks: number[] = [];
      const numbers = taskNumbers(submission, site.scheduler.numbering);
      for (let i = 0; i < runs.length; i += PACK_BATCH) {
        const items = runs.slice(i, i + PACK_BATCH).map(itemOf);
        const packed = await stager.pack(job.id, items, compression);
        for (const { run, message } of packed.failures) failures.set(run, message);
        for (const { run, choices } of packed.packed) {
          const task = numbers.taskOf(run);
          tasks.push(task);
          const names = choices.length === 0 ? '-' : choices.join(',');
          const limits = `${Math.ceil(submission.walltimeSeconds)} ${submission.memoryBytes ?? 0}`;
          map.push(`${task} ${run} ${attempts.get(run)} ${runFolderName(run)} ${names} ${limits}`);
        }
        files += packed.files;
        if (packed.chunk.length > 0) yield packed.chunk;
        this.#update({ doneRuns: (this.#progress?.doneRuns ?? 0) + items.length });
      }
      const request = { token: submission.token, tasks, resources, script: layout.script, logs: layout.logs };
      const environment = {
        OMP_NUM_THREADS: String(plan.coresPerSlot),
        ...plan.software?.environment,
        ...plan.spec.environment,
        SLIPWAY_JOB: job.id,
        SLIPWAY_CORES: String(plan.coresPerSlot),
      };
      const texts: Record<string, string> = {
        map: `${map.join('\n')}\n`,
        'job.sh': jobScript({
          directives: site.scheduler.directives(request),
          batch: layout.folder,
          shared: this.#layout.shared,
          variables: site.scheduler.variables,
          bash: site.tools.bash,
        }),
        'submit.sh': submitScript(site.scheduler.submit(request)),
        'setup.sh': setupScript(plan.software?.setup ?? []),
        'env.sh': environmentScript(environment),
      };
      const entries: PackEntry[] = [
        { kind: 'folder', path: 'events', mode: 0o755, modifiedAt: Date.now() },
        { kind: 'folder', path: 'log', mode: 0o755, modifiedAt: Date.now() },
        ...Object.entries(texts).map(([path, text]) => textEntry(path, text)),
      ];
      files += Object.keys(texts).length;
      yield compress(packEntries(entries), compression);
    };
    await site.files.stage({
      target: layout.folder,
      token: submission.token,
      compression,
      chunks: pack.call(this),
      expected: () => ({ files }),
      signal,
      onProgress: (bytes) => this.#moved(bytes),
    });
    return failures;
  }

  #begin(totalRuns: number): void {
    const beganAt = performance.now();
    this.#progress = { doneRuns: 0, totalRuns, bytes: 0, totalBytes: null, travelledBytes: 0, beganAt };
  }

  #bringing({ bytes, totalBytes, travelledBytes }: JobMoveProgress): void {
    this.#update({ bytes, totalBytes, travelledBytes });
  }

  #moved(bytes: number): void {
    this.#update({ bytes, travelledBytes: bytes });
  }

  #update(change: Partial<Progress>): void {
    if (this.#progress !== null) this.#progress = { ...this.#progress, ...change };
    this.#d.onNote();
  }
}

function textEntry(path: string, text: string): PackEntry & { readonly kind: 'file' } {
  return { kind: 'file', path, bytes: Buffer.from(text), mode: 0o644, modifiedAt: Date.now() };
}

/** A file as old as the newest large input, by which tasks see that one was written to after it had been laid out. */
function newestOf(large: readonly JobFile[]): PackEntry {
  const newest = Math.max(...large.map(({ modifiedAt }) => modifiedAt));
  const modifiedAt = Math.ceil(newest / 1000) * 1000;
  return { kind: 'file', path: NEWEST_INPUT, bytes: Buffer.alloc(0), mode: 0o444, modifiedAt };
}

/** Adds folders that are not listed on their own, and puts all folders first. */
function withFolders(entries: readonly LocalEntry[]): LocalEntry[] {
  const known = new Set(entries.filter((e) => e.kind === 'folder').map((e) => e.path));
  const added: LocalEntry[] = [];
  for (const { path } of entries) {
    const parts = path.split('/');
    for (let i = 1; i < parts.length; i++) {
      const folder = parts.slice(0, i).join('/');
      if (known.has(folder)) continue;
      known.add(folder);
      added.push({ kind: 'folder', path: folder, mode: 0o755, modifiedAt: Date.now() });
    }
  }
  return [...added.toSorted((a, b) => a.path.length - b.path.length), ...entries];
}
