import { posix } from 'node:path';
import { runFolderName } from '../../../../shared/domain/run-files.ts';

/**
 * Where things lie on a site, below its work folder:
 *
 *     jobs/JOB/large/             large inputs, each proven; complete before `shared` appears, and not looked at before
 *       inputs/                   linked into each run's folder
 *       choices/N/                what a run's values choose
 *     jobs/JOB/shared/            the other inputs and the scripts of the job, staged once; appears by rename
 *       inputs/                   copied into each run's folder
 *       choices/N/
 *       wrapper.sh task.sh runner.sh
 *     jobs/JOB/TOKEN/             one submission; appears by rename and is never used again
 *       map job.sh setup.sh env.sh
 *       runs/0001/                a run's folder of this attempt
 *       events/NODE               what tasks tell, one line each, one file per node
 *       log/                      what the scheduler itself writes
 *       try.N/                    the Nth time that the scheduler was asked to take it
 */
export interface JobLayout {
  readonly job: string;
  readonly shared: string;
  readonly large: string;
}

export function jobLayout(workdir: string, jobId: string): JobLayout {
  const job = posix.join(workdir, 'jobs', jobId);
  return { job, shared: posix.join(job, 'shared'), large: posix.join(job, 'large') };
}

export interface SubmissionLayout {
  readonly folder: string;
  readonly runs: string;
  readonly events: string;
  readonly logs: string;
  readonly script: string;
  tryFolder(number: number): string;
  runFolder(run: number): string;
}

export function submissionLayout(job: JobLayout, token: string): SubmissionLayout {
  const folder = posix.join(job.job, token);
  return {
    folder,
    runs: posix.join(folder, 'runs'),
    events: posix.join(folder, 'events'),
    logs: posix.join(folder, 'log'),
    script: posix.join(folder, 'job.sh'),
    tryFolder: (number) => posix.join(folder, `try.${number}`),
    runFolder: (run) => posix.join(folder, 'runs', runFolderName(run)),
  };
}
