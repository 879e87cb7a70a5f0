import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { keys } from '../../api/queries.ts';
import { repairsFor } from './repairs.ts';
import styles from './site-note.module.css';
import type { JobActions } from './use-job-actions.ts';

/** Failed runs that are looked at for what they ran out of. */
const LOOKED_AT = 10_000;

/** Offers to run again, with more of it, what ran out of memory or time. */
export function RepairBar({
  job,
  actions,
}: {
  readonly job: JobDetail;
  readonly actions: JobActions;
}): React.JSX.Element | null {
  const core = useCore();
  const stale = useStale();
  const failed = useQuery({
    queryKey: [...keys.results(job.id), 'failed', job.runs.failed],
    queryFn: async ({ signal }) =>
      (await core.jobs.results({ job: job.id, limit: LOOKED_AT, states: ['failed'] }, { signal })).rows,
    enabled: job.runs.failed > 0,
  });
  const repairs = job.runs.failed === 0 ? [] : repairsFor(job, failed.data ?? []);
  if (repairs.length === 0) return null;
  return (
    <div className={styles.note}>
      {repairs.map((repair) => (
        <span key={repair.kind} className={styles.phase}>
          {repair.sentence}
          <Button
            size="compact-xs"
            variant="default"
            disabled={stale || actions.pending !== null}
            onClick={() => actions.act({ kind: 'rerun', runs: repair.runs, more: repair.more })}
          >
            {repair.action}
          </Button>
        </span>
      ))}
    </div>
  );
}
