import { VisuallyHidden } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useCallback, useState } from 'react';

import type { Job } from '../../../shared/contract/jobs.ts';
import { JobRow } from './job-row.tsx';
import styles from './jobs-page.module.css';

export interface JobsTableProps {
  readonly jobs: readonly Job[];
  /** Whether to tell where each job runs. */
  readonly withSites: boolean;
  readonly onDelete: (job: Job) => void;
}

/** Rows of jobs. Up, Down, Home and End move between them, Enter opens, Delete deletes an ended one. */
export function JobsTable({ jobs, withSites, onDelete }: JobsTableProps): React.JSX.Element {
  const navigate = useNavigate();
  const [current, setCurrent] = useState<string | null>(null);
  const open = useCallback((job: Job) => void navigate({ to: '/jobs/$jobId', params: { jobId: job.id } }), [navigate]);
  const tabStop = jobs.some((job) => job.id === current) ? current : jobs[0]?.id;

  const onKeyDown = (event: React.KeyboardEvent<HTMLElement>): void => {
    const row = event.target instanceof HTMLElement ? event.target.closest('tr') : null;
    if (row === null) return;
    const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('tbody tr')];
    const at = rows.indexOf(row);
    const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    rows[Math.min(rows.length - 1, Math.max(0, target))]?.focus();
  };

  return (
    <table className={styles.table} onKeyDown={onKeyDown} aria-label="Jobs">
      <thead>
        <tr>
          <th scope="col">Name</th>
          {withSites && (
            <th scope="col" className={styles.siteColumn}>
              Site
            </th>
          )}
          <th scope="col" className={styles.stateColumn}>
            State
          </th>
          <th scope="col" className={styles.progressColumn}>
            Runs
          </th>
          <th scope="col" className={`${styles.number} ${styles.doneColumn}`}>
            Done
          </th>
          <th scope="col" className={`${styles.number} ${styles.failedColumn}`}>
            Failed
          </th>
          <th scope="col" className={styles.startedColumn}>
            Started
          </th>
          <th scope="col" className={`${styles.number} ${styles.durationColumn}`}>
            Duration
          </th>
          <th scope="col" className={styles.folderColumn}>
            Folder
          </th>
          <th scope="col" className={styles.actionColumn}>
            <VisuallyHidden>Actions</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {jobs.map((job) => (
          <JobRow
            key={job.id}
            job={job}
            withSite={withSites}
            tabStop={job.id === tabStop}
            onOpen={open}
            onDelete={onDelete}
            onFocus={setCurrent}
          />
        ))}
      </tbody>
    </table>
  );
}
