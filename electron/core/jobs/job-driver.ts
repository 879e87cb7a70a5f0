import type { JobSiteNote } from '../../../shared/contract/jobs.ts';

/** Factors on the job's limits for the attempts that a re-run begins; 1 = as before. */
export interface MoreResources {
  readonly memory: number;
  readonly walltime: number;
}

export const NO_MORE: MoreResources = { memory: 1, walltime: 1 };

/** What is known of a run on a remote site beside its state. */
export interface RunPlace {
  /** Path of the run's folder on the site. */
  readonly remoteFolder: string;
  /** Why it waits, in plain words; null = it does not wait, or nobody said. */
  readonly pendingReason: string | null;
}

/** Drives the runs of one job from planned to ended. Every step is journaled before its effect, so that another core can take it up at any point. */
export interface JobDriver {
  /** Takes up the job where it is. */
  start(): Promise<void>;
  /** Nothing is left to do. */
  readonly isIdle: boolean;
  /** Ends runs (`null` = all); those that have not started never will. */
  cancel(numbers: readonly number[] | null): Promise<void>;
  /** Begins a new attempt of ended runs. */
  rerun(numbers: readonly number[], more: MoreResources): void;
  /** Null on this workstation. */
  siteNote(): JobSiteNote | null;
  /** Null on this workstation, or before the run is on its site. */
  placeOf(run: number): RunPlace | null;
  /** Lets go of the job; its runs go on. */
  dispose(): Promise<void>;
}
