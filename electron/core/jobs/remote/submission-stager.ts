import { Buffer } from 'node:buffer';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { shellQuote } from '../../../../shared/domain/shell-quote.ts';
import type { TaskResources } from '../../../../shared/domain/scheduler/types.ts';
import type { JobLayout, SubmissionLayout } from '../../sites/remote/remote-layout.ts';
import { RUNNER_SH } from '../../sites/remote/slot-runner.ts';
import { submitScript } from '../../sites/remote/submit-script.ts';
import { taskNumbers } from '../../sites/remote/task-numbers.ts';
import { environmentScript, jobScript, setupScript, TASK_SH } from '../../sites/remote/task-script.ts';
import { RUN_WRAPPER_SH } from '../../sites/local/run-wrapper.ts';
import type { Submission } from '../../storage/submission-store.ts';
import { compress, packEntries, packLocalTree } from '../../transfer/tar-pack.ts';
import type { Compression, LocalEntry, PackEntry } from '../../transfer/tar-pack.ts';
import { JOB_FOLDER, runFolderName } from '../job-plan.ts';
import { STORAGE_SH } from '../storage/storage-script.ts';
import { listTree } from '../run-worker/copy-tree.ts';
import type { TreeEntry } from '../run-worker/copy-tree.ts';
import type { StageItem } from '../run-worker/protocol.ts';
import type { RemoteJobDeps } from './remote-job-deps.ts';
import type { MoveProgress } from './site-note.ts';

/** Larger shared inputs are linked into run folders instead of copied: ten thousand copies of a mesh would fill a quota. */
const LINK_ABOVE_BYTES = 1024 * 1024;
const PACK_BATCH = 250;

/** Puts what a job needs on its site: the shared part once, then one folder for each submission. Each appears by one rename. */
export class SubmissionStager {
  readonly #d: RemoteJobDeps;
  readonly #layout: JobLayout;
  readonly #signal: AbortSignal;
  #sharedIsThere = false;
  #progress: { doneRuns: number; totalRuns: number; bytes: number; beganAt: number } | null = null;

  constructor(deps: RemoteJobDeps, layout: JobLayout, signal: AbortSignal) {
    this.#d = deps;
    this.#layout = layout;
    this.#signal = signal;
  }

  get progress(): MoveProgress | null {
    const p = this.#progress;
    if (p === null) return null;
    const seconds = (performance.now() - p.beganAt) / 1000;
    return {
      doneRuns: p.doneRuns,
      totalRuns: p.totalRuns,
      bytes: p.bytes,
      bytesPerSecond: seconds > 1 ? p.bytes / seconds : null,
    };
  }

  /**
   * Stages a submission; harmless to repeat. Resolves to the runs that cannot be rendered, with what is wrong.
   * @throws RemoteError, or StageError when the site has no room or no permission: nothing of it is visible then.
   */
  async stage(request: {
    readonly submission: Submission;
    readonly layout: SubmissionLayout;
    readonly runs: readonly number[];
    readonly resources: TaskResources;
  }): Promise<Map<number, string>> {
    this.#progress = { doneRuns: 0, totalRuns: request.runs.length, bytes: 0, beganAt: performance.now() };
    try {
      await this.#stageShared();
      return await this.#stageRuns(request);
    } finally {
      this.#progress = null;
    }
  }

  #compression(): Compression {
    return this.#d.site.files.compression;
  }

  async #isThere(path: string): Promise<boolean> {
    const { code } = await this.#d.site.host.run(`[ -d ${shellQuote(path)} ]`, { signal: this.#signal });
    return code === 0;
  }

  async #stageShared(): Promise<void> {
    if (this.#sharedIsThere) return;
    if (!(await this.#isThere(this.#layout.shared))) {
      const { entries, files } = this.#sharedEntries();
      await this.#d.site.files.stage({
        target: this.#layout.shared,
        token: 'shared',
        compression: this.#compression(),
        chunks: packLocalTree(entries, this.#compression()),
        expected: () => ({ files }),
        signal: this.#signal,
        onProgress: (bytes) => this.#moved(bytes),
      });
    }
    this.#sharedIsThere = true;
  }

  /** Inputs and choices, small and large apart, without what the templates make, and the scripts. */
  #sharedEntries(): { entries: LocalEntry[]; files: number } {
    const { job, plan } = this.#d;
    const made = new Set(plan.templates.map((t) => t.to));
    const entries: LocalEntry[] = [];
    const place = (root: string, below: string): void => {
      for (const entry of listTree(root)) {
        if (entry.kind !== 'folder' && made.has(entry.path)) continue;
        const large = entry.kind === 'file' && entry.size > LINK_ABOVE_BYTES;
        entries.push(localEntry(root, `${below}${large ? 'large' : 'inputs'}/${entry.path}`, entry, large));
      }
    };
    for (const folder of ['inputs', 'large', 'choices'])
      entries.push({ kind: 'folder', path: folder, mode: 0o755, modifiedAt: Date.now() });
    place(join(job.folder, JOB_FOLDER.inputs), '');
    const choices = join(job.folder, JOB_FOLDER.choices);
    for (const name of new Set(listTree(choices).map((e) => e.path.split('/')[0]!)))
      place(join(choices, name), `choices/${name}/`);
    const scripts = {
      'wrapper.sh': RUN_WRAPPER_SH,
      'task.sh': TASK_SH,
      'runner.sh': RUNNER_SH,
      ...(plan.storage == null ? {} : { [JOB_FOLDER.storageScript]: STORAGE_SH }),
    };
    for (const [path, text] of Object.entries(scripts)) entries.push(textEntry(path, text));
    return { entries: withFolders(entries), files: entries.filter((e) => e.kind !== 'folder').length };
  }

  async #stageRuns({
    submission,
    layout,
    runs,
    resources,
  }: {
    readonly submission: Submission;
    readonly layout: SubmissionLayout;
    readonly runs: readonly number[];
    readonly resources: TaskResources;
  }): Promise<Map<number, string>> {
    const failures = new Map<number, string>();
    const compression = this.#compression();
    const { job, site, stager, runs: store, plan } = this.#d;
    const attempts = new Map(submission.runs.map((run, i) => [run, submission.attempts[i]!]));
    const itemOf = (run: number): StageItem => ({
      run,
      attempt: attempts.get(run)!,
      values: store.get(job.id, run)!.values,
    });
    if (await this.#isThere(layout.folder)) {
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
        if (this.#progress !== null) this.#progress.doneRuns += items.length;
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
      signal: this.#signal,
      onProgress: (bytes) => this.#moved(bytes),
    });
    return failures;
  }

  #moved(bytes: number): void {
    if (this.#progress !== null) this.#progress.bytes = bytes;
    this.#d.onNote();
  }
}

function textEntry(path: string, text: string): PackEntry & { readonly kind: 'file' } {
  return { kind: 'file', path, bytes: Buffer.from(text), mode: 0o644, modifiedAt: Date.now() };
}

function localEntry(root: string, path: string, entry: TreeEntry, large: boolean): LocalEntry {
  const source = join(root, entry.path);
  switch (entry.kind) {
    case 'folder':
      return { kind: 'folder', path, mode: 0o755, modifiedAt: entry.modifiedAt };
    case 'link':
      return { kind: 'local-link', path, source, modifiedAt: entry.modifiedAt };
    case 'file': {
      const mode = statSync(source).mode & 0o777;
      // Runs share large inputs by links: read-only, so that one run cannot change another's.
      return {
        kind: 'local-file',
        path,
        source,
        size: entry.size,
        modifiedAt: entry.modifiedAt,
        mode: large ? mode & 0o555 : mode,
      };
    }
  }
}

/** Adds the folders of large files, which are not listed on their own. */
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
