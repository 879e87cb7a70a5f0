import type { Job } from '../../../shared/contract/jobs.ts';

/** True when nothing more happens to the job by itself, so that it may be deleted. */
export function hasEnded(job: Pick<Job, 'state'>): boolean {
  return job.state === 'done' || job.state === 'failed' || job.state === 'cancelled';
}

/** Seconds from submission to the end, or to `now` (milliseconds since 1970) while the job is open. */
export function elapsedSeconds(job: Pick<Job, 'submittedAt' | 'finishedAt'>, now: number): number {
  const end = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  return Math.max(0, (end - Date.parse(job.submittedAt)) / 1000);
}
