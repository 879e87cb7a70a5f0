import type { VariableColumn } from '../../../../shared/contract/jobs.ts';
import type { Software } from '../../../../shared/contract/sites.ts';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import type { Dialect, Placeholder } from '../../../../shared/domain/template/index.ts';
import type { StoredObject } from '../storage/job-bucket.ts';
import type { StoragePlan } from '../storage/storage-plan.ts';
import type { CheckedHardware } from './check-hardware.ts';
import type { CheckedChoice, CheckedInput } from './check-inputs.ts';

export interface CheckedTemplate {
  readonly from: string;
  readonly to: string;
  readonly dialect: Dialect;
  readonly open: string | null;
  readonly close: string | null;
  readonly mode: number;
  readonly bytes: Uint8Array;
  readonly source: string;
  readonly placeholders: readonly Placeholder[];
}

/** The values of all runs, in order, in batches. Reading again gives the same. */
export interface RunValues {
  batches(signal: AbortSignal): AsyncIterable<readonly (readonly string[])[]>;
}

/** Where the files of a job live in a bucket, and the objects that its runs fetch. */
export interface CheckedStorage {
  readonly plan: StoragePlan;
  readonly objects: readonly StoredObject[];
}

/** Everything that is known about a job folder after a check. With `ok` it can be submitted as it is. */
export interface CheckedJob {
  readonly folder: string;
  readonly specText: string;
  readonly spec: JobSpec | null;
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  readonly total: number;
  readonly variables: readonly VariableColumn[];
  /** Examples of each variable's texts, in the order of `variables`. */
  readonly examples: readonly (readonly string[])[];
  /** The first runs. */
  readonly preview: readonly { readonly run: number; readonly values: readonly string[] }[];
  readonly values: RunValues;
  readonly templates: readonly CheckedTemplate[];
  readonly inputs: readonly CheckedInput[];
  readonly choices: readonly CheckedChoice[];
  readonly hardware: CheckedHardware;
  /** Null = the job has no files in a bucket, or they could not be found. */
  readonly storage: CheckedStorage | null;
  /** The catalogue entry of the site that `software` means; null = none is asked for, or there is none. */
  readonly software: Software | null;
}
