import { useState } from 'react';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { useNow } from '../../ui/clock/use-now.ts';
import { elapsedSeconds, hasEnded } from '../../ui/jobs/job-facts.ts';
import { StateBar } from '../../ui/run-state/state-bar.tsx';
import { JobStateLabel } from '../../ui/run-state/state-label.tsx';
import { countText, plural } from '../../ui/words/number-words.ts';
import { estimateRemaining } from '../../ui/words/time-words.ts';
import styles from './job-header.module.css';
import { addSample, observedRate } from './observed-rate.ts';
import type { RateSample } from './observed-rate.ts';

/** Ended runs that an estimate is made from at least. */
const FEW = 3;

/** State, progress, rate and what is left of a job. */
export function JobProgress({ job }: { readonly job: JobDetail }): React.JSX.Element {
  const { runs } = job;
  const ended = runs.done + runs.failed + runs.cancelled;
  return (
    <div className={styles.progress}>
      <JobStateLabel state={job.state} />
      <div className={styles.bar}>
        <StateBar counts={runs} height={10} />
      </div>
      <span className={styles.figures}>
        <strong>{countText(ended)}</strong> of {plural(runs.total, 'run')} ended
      </span>
      <span className={styles.quiet}>{hasEnded(job) ? <Ended job={job} /> : <Remaining job={job} />}</span>
    </div>
  );
}

function Remaining({ job }: { readonly job: JobDetail }): React.JSX.Element {
  const now = useNow();
  const { runs, meanWallSeconds, slots } = job;
  const ended = runs.done + runs.failed + runs.cancelled;
  const observed = useObservedRate(ended, now);
  const elapsed = formatDuration(Math.max(1, Math.round(elapsedSeconds(job, now))));
  const estimated = estimateRemaining({ ...runs, slots, meanWallSeconds });
  if (job.state === 'cancelling') return <>ending {plural(runs.running, 'run')}</>;
  // Nobody knows how far the runs of a site are that does not answer.
  if (job.siteNote?.phase === 'waiting-for-site') return <>{elapsed} so far</>;
  // The quickest runs end first: one of them says little of the others.
  if (estimated === null || ended < Math.min(FEW, runs.total - 1)) {
    return (
      <>
        {elapsed} so far; what is left is known when {ended === 0 ? 'the first run has' : 'more runs have'} ended
      </>
    );
  }
  // What was seen holds also what no run's wall time does: preparing, collecting, other jobs on the same cores.
  const left = observed === null ? estimated : (runs.queued + runs.running) / observed;
  return (
    <>
      about {formatDuration(Math.max(1, Math.round(left)))} left · {elapsed} so far
      {observed !== null && ` · ${countText(Number((observed * 60).toPrecision(2)))} runs/min`}
    </>
  );
}

/** Runs per second as seen by this page; null until it has seen enough. */
function useObservedRate(ended: number, now: number): number | null {
  const [samples, setSamples] = useState<readonly RateSample[]>([]);
  if (samples.at(-1)?.ended !== ended) setSamples(addSample(samples, { at: now, ended }));
  return observedRate(samples, now);
}

function Ended({ job }: { readonly job: JobDetail }): React.JSX.Element {
  return (
    <>
      took {formatDuration(elapsedSeconds(job, 0))} · ended{' '}
      {job.finishedAt !== null && <RelativeTime time={job.finishedAt} />}
    </>
  );
}
