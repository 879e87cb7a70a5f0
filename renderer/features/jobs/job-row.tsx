import { ActionIcon } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';

import type { Job } from '../../../shared/contract/jobs.ts';
import { formatDuration } from '../../../shared/domain/units.ts';
import { useStale } from '../../api/core-context.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { useNow } from '../../ui/clock/use-now.ts';
import { elapsedSeconds, hasEnded } from '../../ui/jobs/job-facts.ts';
import { StateBar } from '../../ui/run-state/state-bar.tsx';
import { JobStateLabel } from '../../ui/run-state/state-label.tsx';
import { countText } from '../../ui/words/number-words.ts';
import styles from './jobs-page.module.css';
import { siteWord } from './site-word.ts';

export interface JobRowProps {
  readonly job: Job;
  /** Whether to tell where it runs. */
  readonly withSite: boolean;
  /** True for the one row that Tab goes to. */
  readonly tabStop: boolean;
  readonly onOpen: (job: Job) => void;
  readonly onDelete: (job: Job) => void;
  readonly onFocus: (id: string) => void;
}

/** One job. Rendered again only when the job itself changed. */
export const JobRow = memo(function JobRow({ job, withSite, tabStop, onOpen, onDelete, onFocus }: JobRowProps) {
  const ended = hasEnded(job);
  const stale = useStale();
  return (
    <tr
      tabIndex={tabStop ? 0 : -1}
      className={styles.row}
      onFocus={() => onFocus(job.id)}
      onClick={() => onOpen(job)}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        if (event.key === 'Enter') onOpen(job);
        if (event.key === 'Delete' && ended && !stale) onDelete(job);
      }}
    >
      <td className={styles.name}>
        <Link
          to="/jobs/$jobId"
          params={{ jobId: job.id }}
          tabIndex={-1}
          title={job.name}
          onClick={(event) => event.stopPropagation()}
        >
          {job.name}
        </Link>
      </td>
      {withSite && (
        <td className={job.site === 'local' ? styles.quiet : undefined} title={siteWord(job.site)}>
          {siteWord(job.site)}
        </td>
      )}
      <td>
        <JobStateLabel state={job.state} />
      </td>
      <td>
        <StateBar counts={job.runs} />
      </td>
      <td className={styles.number}>
        {countText(job.runs.done)}
        <span className={styles.quiet}> / {countText(job.runs.total)}</span>
      </td>
      <td className={styles.number} data-failed={job.runs.failed > 0 || undefined}>
        {countText(job.runs.failed)}
      </td>
      <td>
        <RelativeTime time={job.submittedAt} />
      </td>
      <td className={styles.number}>
        {job.finishedAt === null ? <Elapsed job={job} /> : formatDuration(elapsedSeconds(job, 0))}
      </td>
      <td className={styles.folder} title={job.folder}>
        <bdi>{job.folder}</bdi>
      </td>
      <td className={styles.action}>
        {ended && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size={24}
            disabled={stale}
            aria-label={`Delete job ${job.name}`}
            onClick={(event) => {
              event.stopPropagation();
              onDelete(job);
            }}
          >
            <IconTrash size={15} stroke={1.6} />
          </ActionIcon>
        )}
      </td>
    </tr>
  );
});

function Elapsed({ job }: { readonly job: Job }): React.JSX.Element {
  const now = useNow();
  return <>{formatDuration(Math.round(elapsedSeconds(job, now)))}</>;
}
