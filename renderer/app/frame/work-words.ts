import type { Job } from '../../../shared/contract/jobs.ts';
import { countText, plural } from '../../ui/words/number-words.ts';

/** Runs that are open, over all jobs. */
export interface OpenWork {
  readonly running: number;
  readonly queued: number;
  readonly unknown: number;
  /** Jobs with at least one open run. */
  readonly jobs: number;
}

/** Sums the open runs of all jobs. */
export function sumWork(jobs: readonly Pick<Job, 'runs'>[]): OpenWork {
  const sum = { running: 0, queued: 0, unknown: 0, jobs: 0 };
  for (const { runs } of jobs) {
    sum.running += runs.running;
    sum.queued += runs.queued;
    sum.unknown += runs.unknown;
    if (runs.running + runs.queued + runs.unknown > 0) sum.jobs += 1;
  }
  return sum;
}

/** `2 runs running, 30 queued in 1 job`, or `Nothing is running`. */
export function workText({ running, queued, unknown, jobs }: OpenWork): string {
  const parts: string[] = [];
  if (running > 0) parts.push(`${plural(running, 'run')} running`);
  if (queued > 0) parts.push(running > 0 ? `${countText(queued)} queued` : `${plural(queued, 'run')} queued`);
  if (unknown > 0) parts.push(`${countText(unknown)} unknown`);
  return parts.length === 0 ? 'Nothing is running' : `${parts.join(', ')} in ${plural(jobs, 'job')}`;
}
