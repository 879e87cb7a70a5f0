import type { VariableColumn } from '../../../shared/contract/jobs.ts';
import type { Dialect } from '../../../shared/domain/template/index.ts';
import type { JobSpec } from '../../../shared/domain/job-spec/job-spec.ts';
import type { StoragePlan } from './storage/storage-plan.ts';

/** A template of a frozen job; its source lies in the job's `templates/` folder under `stored`. */
export interface PlannedTemplate {
  readonly from: string;
  readonly to: string;
  readonly stored: string;
  readonly dialect: Dialect;
  readonly open: string | null;
  readonly close: string | null;
  /** Permission bits of the source, kept on the processed file. */
  readonly mode: number;
}

/** An archive or file that a run's values choose, such as `${case}.zip`. */
export interface PlannedRunInput {
  readonly pattern: string;
  readonly unpack: boolean;
}

/** Everything a job needs to run, frozen at submission: later edits of the source folder change nothing. Stored as JSON. */
export interface JobPlan {
  readonly version: 1;
  readonly spec: JobSpec;
  /** The catalogue entry that runs are set up with; absent: none. */
  readonly software?: {
    readonly name: string;
    readonly version: string | null;
    readonly setup: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
  } | null;
  readonly coreType: string;
  readonly slots: number;
  readonly coresPerSlot: number;
  readonly memoryBytes: number | null;
  readonly walltimeSeconds: number;
  readonly variables: readonly VariableColumn[];
  readonly templates: readonly PlannedTemplate[];
  readonly runInputs: readonly PlannedRunInput[];
  /** Absent: all files come from the job folder. */
  readonly storage?: StoragePlan | null;
  readonly total: number;
}
