import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';

import type { ResultRow } from '../../../../shared/contract/jobs.ts';
import type { CountName } from '../../../../shared/domain/run-state.ts';
import { useCore } from '../../../api/core-context.tsx';
import { keys } from '../../../api/queries.ts';
import { STATES_OF_COUNT } from '../../../ui/run-state/state-words.ts';
import type { SortOrder } from '../job-search.ts';

/** Which rows in which order. */
export interface ResultsView {
  readonly sort: SortOrder | null;
  /** Null = runs of all states. */
  readonly show: readonly CountName[] | null;
}

/** What `jobs.results` is asked for a view. */
export function resultsInput(job: string, { sort, show }: ResultsView) {
  return {
    job,
    ...(sort === null ? {} : { sort: { ...sort } }),
    ...(show === null ? {} : { states: show.flatMap((name) => [...STATES_OF_COUNT[name]]) }),
  };
}

const PAGE = 100;

/** The rows that are known of a view. */
export interface ResultPages {
  readonly total: number | null;
  /** Undefined = not here yet. */
  readonly rowAt: (index: number) => ResultRow | undefined;
  readonly error: Error | null;
}

/** Fetches the pages that show rows `first`…`last` (0-based), and keeps them fresh as the job's answers grow stale. */
export function useResultPages(job: string, view: ResultsView, first: number, last: number): ResultPages {
  const core = useCore();
  const firstPage = Math.floor(Math.max(0, first) / PAGE);
  const lastPage = Math.floor(Math.max(0, first, last) / PAGE);
  const pages = Array.from({ length: lastPage - firstPage + 1 }, (_, index) => firstPage + index);
  const answers = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...keys.results(job), view, page],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        core.jobs.results({ ...resultsInput(job, view), offset: page * PAGE, limit: PAGE }, { signal }),
      staleTime: Infinity,
      gcTime: 30_000,
    })),
  });
  const [lastTotal, setLastTotal] = useState<{ readonly view: string; readonly total: number } | null>(null);
  const viewKey = JSON.stringify(view);
  const known = answers.find((answer) => answer.data !== undefined)?.data;
  if (known !== undefined && (lastTotal?.view !== viewKey || lastTotal.total !== known.total)) {
    setLastTotal({ view: viewKey, total: known.total });
  }
  // Scrolling to a page that is not here yet must not make the table forget how long it is.
  const total = known?.total ?? (lastTotal?.view === viewKey ? lastTotal.total : null);
  return {
    total,
    rowAt: (index) => answers[Math.floor(index / PAGE) - firstPage]?.data?.rows[index % PAGE],
    error: answers.find((answer) => answer.error !== null)?.error ?? null,
  };
}
