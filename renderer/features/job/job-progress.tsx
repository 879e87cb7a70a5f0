import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { useNow } from '../../ui/clock/use-now.ts';
import { elapsedSeconds, hasEnded } from '../../ui/jobs/job-facts.ts';
import { StateBar } from '../../ui/run-state/state-bar.tsx';
import { JobStateLabel } from '../../ui/run-state/state-label.tsx';
import { countText, plural, valueText } from '../../ui/words/number-words.ts';
import { estimateRemaining } from '../../ui/words/time-words.ts';
import styles from './job-header.module.css';

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
  const { meanWallSeconds, slots } = job;
  const left = estimateRemaining({ ...job.runs, slots, meanWallSeconds });
  const elapsed = formatDuration(Math.round(elapsedSeconds(job, now)));
  if (left === null || meanWallSeconds === null) {
    return <>{elapsed} so far; what is left is known when the first run has ended</>;
  }
  const perMinute = meanWallSeconds > 0 ? (Math.min(slots, job.runs.total) * 60) / meanWallSeconds : null;
  return (
    <>
      about {formatDuration(left)} left · {elapsed} so far
      {perMinute !== null && ` · ${valueText(Number(perMinute.toPrecision(2)))} runs/min`}
    </>
  );
}

function Ended({ job }: { readonly job: JobDetail }): React.JSX.Element {
  return (
    <>
      took {formatDuration(elapsedSeconds(job, 0))} · ended{' '}
      {job.finishedAt !== null && <RelativeTime time={job.finishedAt} />}
    </>
  );
}
