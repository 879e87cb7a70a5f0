import type { OutputValue } from '../../../../shared/contract/common.ts';
import type { OutputColumn } from '../../../../shared/contract/jobs.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import type { Failure } from '../../../../shared/domain/run-state.ts';
import type { Compression } from '../../transfer/tar-pack.ts';
import type { JobPlan } from '../job-plan.ts';

/** Messages between the core and its run worker, which writes run folders and reads outputs off the main thread. */
export interface OpenJob {
  readonly job: string;
  readonly folder: string;
  readonly plan: JobPlan;
}

export interface StageItem {
  readonly run: number;
  readonly attempt: number;
  /** Texts in the order of the job's variables. */
  readonly values: readonly string[];
}

export interface StageResult {
  readonly run: number;
  /** Null when the run folder is ready. */
  readonly failure: Failure | null;
}

/** Run folders as a chunk of a tar stream. */
export interface PackResult {
  readonly chunk: Uint8Array;
  /** Runs that are in it, with the names of the choices (folders of `choices/`) that they take. */
  readonly packed: readonly { readonly run: number; readonly choices: readonly string[] }[];
  readonly failures: readonly { readonly run: number; readonly message: string }[];
  /** Number of files in the chunk, and their bytes before compression. */
  readonly files: number;
  readonly bytes: number;
}

export interface CollectItem {
  readonly run: number;
  readonly values: readonly string[];
  readonly exitCode: number | null;
  readonly wallSeconds: number | null;
  /** A failure known from the wrapper (time limit, signal …); outputs are read all the same. */
  readonly failure: Failure | null;
  /** File of the run's folder whose last line says more of the failure. */
  readonly explanation?: string | null;
}

export interface CollectResult {
  readonly run: number;
  readonly outputs: Record<string, OutputValue>;
  readonly problems: readonly Problem[];
  readonly failure: Failure | null;
  /** Outputs that this run defined by itself (`name<TAB>value` lines). */
  readonly columns: readonly OutputColumn[];
}

export type WorkerRequest =
  | { readonly id: number; readonly kind: 'open'; readonly job: OpenJob }
  | { readonly id: number; readonly kind: 'close'; readonly job: string }
  | { readonly id: number; readonly kind: 'stage'; readonly job: string; readonly items: readonly StageItem[] }
  | {
      readonly id: number;
      readonly kind: 'pack';
      readonly job: string;
      readonly items: readonly StageItem[];
      readonly compression: Compression;
    }
  | { readonly id: number; readonly kind: 'collect'; readonly job: string; readonly items: readonly CollectItem[] };

export type WorkerReply =
  | { readonly id: number; readonly ok: true; readonly result: unknown }
  | { readonly id: number; readonly ok: false; readonly message: string };
