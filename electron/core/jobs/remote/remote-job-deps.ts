import type { OutputColumn } from '../../../../shared/contract/jobs.ts';
import type { Clock, Timers } from '../../clock.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Patience } from '../../sites/remote/judge-run.ts';
import type { RemoteSite } from '../../sites/remote/remote-site.ts';
import type { SiteMonitor } from '../../sites/remote/site-monitor.ts';
import type { SubmitPatience } from '../../sites/remote/submit-protocol.ts';
import type { RunStore } from '../../storage/run-store.ts';
import type { SubmissionStore } from '../../storage/submission-store.ts';
import type { JobMoves } from '../../transfer/engine/job-moves.ts';
import type { JobPlan } from '../job-plan.ts';
import type { RunJournal } from '../run-journal.ts';
import type { RunWorkerClient } from '../run-worker/run-worker-client.ts';
import type { JobStorage } from '../storage/job-storage.ts';

/** What the driver of a remote job works with. */
export interface RemoteJobDeps {
  readonly job: { readonly id: string; readonly folder: string };
  readonly plan: JobPlan;
  readonly site: RemoteSite;
  readonly monitor: SiteMonitor;
  readonly submissions: SubmissionStore;
  readonly runs: RunStore;
  readonly journal: RunJournal;
  /** Renders and packs run folders. */
  readonly stager: RunWorkerClient;
  /** Reads outputs of runs that have come back. */
  readonly collector: RunWorkerClient;
  /** Moves large files. */
  readonly moves: JobMoves;
  /** Null = the job has no files in a bucket. */
  readonly storage: JobStorage | null;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Logger;
  /** Outputs that a run defined by itself. */
  readonly onColumns: (columns: readonly OutputColumn[]) => void;
  /** What the site says of the job may have changed. */
  readonly onNote: () => void;
  /** All runs have ended. */
  readonly onIdle: () => void;
  readonly patience?: Patience;
  readonly submitPatience?: SubmitPatience;
}
