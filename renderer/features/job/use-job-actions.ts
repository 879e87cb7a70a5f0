import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

import type { JobDetail } from '../../../shared/contract/jobs.ts';
import { useCore } from '../../api/core-context.tsx';
import { useNoticeStore } from '../../ui/notice/notice-store.ts';
import { plural } from '../../ui/words/number-words.ts';
import { exportResults } from './export-results.ts';
import type { ExportFormat } from './export-results.ts';

/** What a person can do with a job; each ends in `jobs.watch` telling what became of it. */
export type JobAction =
  | { readonly kind: 'cancel'; readonly runs: readonly number[] | null }
  | {
      readonly kind: 'rerun';
      readonly runs: readonly number[] | 'failed' | 'all';
      /** Factors on memory and time limit. */
      readonly more?: { readonly memory?: number; readonly walltime?: number };
    }
  | { readonly kind: 'open-folder'; readonly run: number | null }
  | { readonly kind: 'export'; readonly format: ExportFormat }
  | { readonly kind: 'edit-as-new' };

const FAILED: Record<JobAction['kind'], string> = {
  cancel: 'The runs could not be cancelled.',
  rerun: 'The runs could not be started again.',
  'open-folder': 'The folder could not be opened.',
  export: 'The results could not be exported.',
  'edit-as-new': 'No new job could be made from this one.',
};

export interface JobActions {
  readonly act: (action: JobAction) => void;
  /** The action under way; null = none. */
  readonly pending: JobAction['kind'] | null;
  /** The last action when it failed: what was tried, and why it did not work. */
  readonly problem: { readonly title: string; readonly error: unknown } | null;
  readonly dismiss: () => void;
}

/** The actions of a job's page, one at a time. */
export function useJobActions(job: Pick<JobDetail, 'id' | 'name' | 'source'>): JobActions {
  const core = useCore();
  const navigate = useNavigate();
  const say = useNoticeStore((state) => state.say);
  const mutation = useMutation({
    mutationFn: async (action: JobAction) => {
      const requestId = crypto.randomUUID();
      switch (action.kind) {
        case 'cancel':
          await core.jobs.cancel({ requestId, job: job.id, ...(action.runs && { runs: [...action.runs] }) });
          return null;
        case 'rerun':
          await core.jobs.rerun({
            requestId,
            job: job.id,
            runs: typeof action.runs === 'string' ? action.runs : [...action.runs],
            ...(action.more && { more: action.more }),
          });
          return typeof action.runs === 'string'
            ? 'The runs are queued again'
            : `${plural(action.runs.length, 'run')} queued again`;
        case 'open-folder':
          await core.jobs.openFolder({ job: job.id, run: action.run });
          return null;
        case 'export':
          return `Exported as ${await exportResults(core, job, action.format)}`;
        case 'edit-as-new': {
          const draft = await core.drafts.create({ requestId, folder: job.source });
          await navigate({ to: '/jobs/new', search: { draft: draft.id } });
          return null;
        }
      }
    },
    onSuccess: (notice) => {
      if (notice !== null) say(notice);
    },
  });
  return {
    act: (action) => mutation.mutate(action),
    pending: mutation.isPending ? mutation.variables.kind : null,
    problem: mutation.isError ? { title: FAILED[mutation.variables.kind], error: mutation.error } : null,
    dismiss: mutation.reset,
  };
}
