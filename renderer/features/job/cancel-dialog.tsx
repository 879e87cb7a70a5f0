import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { plural } from '../../ui/words/number-words.ts';

export interface CancelDialogProps {
  readonly job: Pick<JobDetail, 'name' | 'runs'>;
  /** The runs to end; null = the whole job. */
  readonly runs: readonly number[] | null;
  readonly opened: boolean;
  readonly onConfirm: (runs: readonly number[] | null) => void;
  readonly onClose: () => void;
}

/** Asks before computing time is thrown away. */
export function CancelDialog({ job, runs, opened, onConfirm, onClose }: CancelDialogProps): React.JSX.Element {
  const what = runs === null ? `job ${job.name}` : plural(runs.length, 'run');
  return (
    <ConfirmDialog
      opened={opened}
      title={`Cancel ${what}?`}
      action={runs === null ? 'Cancel job' : 'Cancel runs'}
      onConfirm={() => onConfirm(runs)}
      onClose={onClose}
    >
      {runs === null ? wholeJobWords(job.runs) : 'Those that run are ended now; those that wait are not started. '}
      Results that are there stay, and every cancelled run can be started again.
    </ConfirmDialog>
  );
}

function wholeJobWords({ running, queued }: JobDetail['runs']): string {
  const parts = [
    running > 0 ? `${plural(running, 'running run')} will be ended` : '',
    queued > 0 ? `${plural(queued, 'queued run')} will not start` : '',
  ].filter(Boolean);
  return parts.length === 0 ? '' : `${parts.join(', ')}. `;
}
