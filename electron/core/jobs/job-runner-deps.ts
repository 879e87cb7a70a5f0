import type { OutputColumn } from '../../../shared/contract/jobs.ts';
import type { Clock } from '../clock.ts';
import type { Site } from '../sites/site.ts';
import type { RunStore } from '../storage/run-store.ts';
import type { CoreBudget } from './core-budget.ts';
import type { JobPlan } from './job-plan.ts';
import type { RunJournal } from './run-journal.ts';
import type { JobStorage } from './storage/job-storage.ts';
import type { LocalAccess } from './storage/local-access.ts';
import type { RunWorkerClient } from './run-worker/run-worker-client.ts';

/** What a job runner works with. */
export interface JobRunnerDeps {
  readonly job: { readonly id: string; readonly folder: string };
  readonly plan: JobPlan;
  readonly site: Site;
  readonly stager: RunWorkerClient;
  readonly collector: RunWorkerClient;
  readonly runs: RunStore;
  readonly journal: RunJournal;
  readonly budget: CoreBudget;
  readonly clock: Clock;
  /** Null = the job has no files in a bucket. */
  readonly storage: JobStorage | null;
  readonly access: LocalAccess | null;
  /** Outputs that a run defined by itself. */
  readonly onColumns: (columns: readonly OutputColumn[]) => void;
  /** All runs have ended, or wait for somebody to look (`unknown`). */
  readonly onIdle: () => void;
}
