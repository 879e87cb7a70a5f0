import { useMutation } from '@tanstack/react-query';

import type { Job } from '../../../shared/contract/jobs.ts';
import { useCore } from '../../api/core-context.tsx';
import { ConfirmDialog } from '../confirm/confirm-dialog.tsx';
import { plural } from '../words/number-words.ts';

export interface DeleteJobDialogProps {
  /** The job to ask about; null = nothing is asked. */
  readonly job: Pick<Job, 'id' | 'name' | 'runs' | 'folder'> | null;
  readonly onClose: () => void;
}

/** Asks before a job is deleted with everything its runs have written. */
export function DeleteJobDialog({ job, onClose }: DeleteJobDialogProps): React.JSX.Element {
  const core = useCore();
  const remove = useMutation({ mutationFn: (id: string) => core.jobs.remove({ job: id }), onSuccess: onClose });
  return (
    <ConfirmDialog
      opened={job !== null}
      title={`Delete job ${job?.name ?? ''}?`}
      action="Delete job"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => job !== null && remove.mutate(job.id)}
      onClose={() => {
        remove.reset();
        onClose();
      }}
    >
      {job !== null && (
        <>
          The results and files of {plural(job.runs.total, 'run')} in <code>{job.folder}</code> are deleted with it. The
          folder that the job was submitted from stays. This cannot be undone.
        </>
      )}
    </ConfirmDialog>
  );
}
