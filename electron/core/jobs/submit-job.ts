import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputColumn } from '../../../shared/contract/jobs.ts';
import type { Software } from '../../../shared/contract/sites.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import { RUN_WRAPPER_SH } from '../sites/local/run-wrapper.ts';
import { RUN_WRAPPER_PS1 } from '../sites/local/run-wrapper-windows.ts';
import type { JobRow, JobStore } from '../storage/job-store.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { CheckRequest, JobChecker } from './check/check-job.ts';
import type { CheckedJob } from './check/checked-job.ts';
import { freezeChoice, freezeInputs } from './freeze-inputs.ts';
import { newId } from './job-id.ts';
import type { JobPlan, PlannedTemplate } from './job-plan.ts';
import { JOB_FOLDER } from './job-folder.ts';
import type { JobService } from './job-service.ts';
import { renderPattern, runScope } from './run-scope.ts';
import type { JobKeys } from './storage/job-seals.ts';
import { STORAGE_SH } from './storage/storage-script.ts';
import { choiceFolderName } from './run-worker/stage-run.ts';

export interface SubmitRequest extends CheckRequest {
  readonly requestId: string;
}

/** Turns a checked job folder into a job: everything it needs is frozen in a folder of its own, then it is started. */
export class JobSubmitter {
  readonly #checker: JobChecker;
  readonly #jobs: JobStore;
  readonly #runs: RunStore;
  readonly #service: JobService;
  readonly #jobsFolder: string;
  readonly #clock: Clock;
  readonly #keys: JobKeys;
  /** Submissions under way by request id, so that a repeat waits for the first. */
  readonly #pending = new Map<string, Promise<JobRow>>();

  constructor(deps: {
    checker: JobChecker;
    jobs: JobStore;
    runs: RunStore;
    service: JobService;
    jobsFolder: string;
    clock: Clock;
    keys: JobKeys;
  }) {
    this.#checker = deps.checker;
    this.#jobs = deps.jobs;
    this.#runs = deps.runs;
    this.#service = deps.service;
    this.#jobsFolder = deps.jobsFolder;
    this.#clock = deps.clock;
    this.#keys = deps.keys;
  }

  /** @throws AppError `jobs/check_failed` with all problems, before anything is made. */
  async submit(request: SubmitRequest, signal: AbortSignal): Promise<JobRow> {
    const known = this.#jobs.byRequest(request.requestId);
    if (known !== null) return known;
    const pending = this.#pending.get(request.requestId);
    if (pending !== undefined) return pending;
    const submission = this.#submit(request, signal).finally(() => this.#pending.delete(request.requestId));
    this.#pending.set(request.requestId, submission);
    return submission;
  }

  async #submit(request: SubmitRequest, signal: AbortSignal): Promise<JobRow> {
    const checked = await this.#checker.check(request, signal);
    if (!checked.ok || checked.spec === null) {
      throw new AppError('jobs/check_failed', 'The check found errors; nothing was run.', {
        details: { problems: checked.problems },
      });
    }
    const encrypt = checked.storage?.plan.encrypt ?? null;
    // Now somebody is there to be asked for a passphrase; later the runs would wait for it.
    if (encrypt !== null) await this.#keys.identitiesOf(encrypt.key);
    const id = newId();
    const folder = join(this.#jobsFolder, id);
    const aside = join(this.#jobsFolder, `.new-${id}`);
    try {
      const plan = await this.#freeze(checked, aside, signal);
      signal.throwIfAborted();
      this.#insert(id, request, checked, plan, folder);
      await this.#insertRuns(id, checked, aside, plan, signal);
      await rename(aside, folder);
      this.#jobs.setReady(id);
    } catch (error) {
      this.#jobs.erase(id);
      await rm(aside, { recursive: true, force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC') {
        throw new AppError(
          'files/no_space',
          `The disk of the profile folder is full; nothing was run. Free some space, or use --home on a larger disk.`,
        );
      }
      throw error;
    }
    const job = this.#jobs.get(id)!;
    await this.#service.activate(job);
    return this.#jobs.get(id) ?? job;
  }

  async #freeze(checked: CheckedJob, aside: string, signal: AbortSignal): Promise<JobPlan> {
    const spec = checked.spec!;
    await mkdir(join(aside, JOB_FOLDER.runs), { recursive: true });
    await mkdir(join(aside, JOB_FOLDER.templates));
    await freezeInputs(checked.folder, checked.inputs, join(aside, JOB_FOLDER.inputs));
    signal.throwIfAborted();
    const templates: PlannedTemplate[] = [];
    for (const [i, template] of checked.templates.entries()) {
      const stored = String(i + 1);
      await writeFile(join(aside, JOB_FOLDER.templates, stored), template.bytes);
      const { from, to, dialect, open, close, mode } = template;
      templates.push({ from, to, stored, dialect, open, close, mode });
    }
    await writeFile(join(aside, 'slipway.yaml'), checked.specText);
    const windows = process.platform === 'win32';
    await writeFile(
      join(aside, windows ? 'wrapper.ps1' : JOB_FOLDER.wrapper),
      windows ? RUN_WRAPPER_PS1 : RUN_WRAPPER_SH,
    );
    const { hardware, storage } = checked;
    if (storage !== null) {
      await writeFile(join(aside, JOB_FOLDER.objects), JSON.stringify(storage.objects));
      await writeFile(join(aside, JOB_FOLDER.storageScript), STORAGE_SH);
    }
    return {
      version: 1,
      spec,
      software: checked.software === null ? null : setupOf(checked.software),
      coreType: hardware.coreType,
      slots: hardware.slots,
      coresPerSlot: hardware.coresPerSlot,
      memoryBytes: hardware.memoryBytes,
      walltimeSeconds: hardware.walltimeSeconds,
      variables: checked.variables,
      templates,
      runInputs: checked.choices,
      storage: storage?.plan ?? null,
      total: checked.total,
    };
  }

  #insert(id: string, request: SubmitRequest, checked: CheckedJob, plan: JobPlan, folder: string): void {
    const columns: OutputColumn[] = Object.entries(plan.spec.outputs)
      .filter(([, output]) => output.kind !== 'tsv')
      .map(([name, output]) => ({
        name,
        unit: ('unit' in output ? output.unit : undefined) ?? null,
        label: output.label ?? null,
        kind: 'as' in output ? output.as : 'number',
      }));
    this.#jobs.insert({
      id,
      requestId: request.requestId,
      name: plan.spec.name,
      type: plan.spec.type,
      site: request.site,
      folder,
      source: checked.folder,
      specText: checked.specText,
      plan: JSON.stringify(plan),
      outputs: JSON.stringify(columns),
      submittedAt: this.#clock.now(),
      total: plan.total,
    });
  }

  async #insertRuns(id: string, checked: CheckedJob, aside: string, plan: JobPlan, signal: AbortSignal): Promise<void> {
    const frozen = new Set<string>();
    let run = 1;
    for await (const batch of checked.values.batches(signal)) {
      this.#runs.insertPlanned(id, run, batch);
      for (const { pattern, unpack } of plan.runInputs) {
        for (const [i, values] of batch.entries()) {
          const path = renderPattern(pattern, runScope(plan.variables, run + i, values));
          if (frozen.has(path)) continue;
          frozen.add(path);
          await freezeChoice(checked.folder, path, unpack, join(aside, JOB_FOLDER.choices, choiceFolderName(path)));
        }
      }
      run += batch.length;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }
}

function setupOf({ name, version, setup, environment }: Software): NonNullable<JobPlan['software']> {
  return { name, version, setup, environment };
}
