import { useNavigate, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';

import { NO_SELECTION, selectRun } from '../../ui/run-map/run-selection.ts';
import type { RunSelection } from '../../ui/run-map/run-selection.ts';
import type { JobSearch } from './job-search.ts';

/** Milliseconds without a move before the address follows: holding an arrow key must not write history at the rate of the key. */
const ADDRESS_PAUSE = 120;

/** The search parameters of the job page and the way to change some of them. Nothing is added to the history: Back leaves the page. */
export function useJobSearch(): {
  readonly search: JobSearch;
  readonly change: (changes: Partial<JobSearch>) => void;
} {
  const search = useSearch({ from: '/jobs/$jobId' });
  const navigate = useNavigate({ from: '/jobs/$jobId' });
  const change = useCallback(
    (changes: Partial<JobSearch>) =>
      void navigate({ search: (old) => ({ ...old, ...changes }), replace: true, resetScroll: false }),
    [navigate],
  );
  return { search, change };
}

/** Which runs are chosen. The shown run is in the address; a run beyond `count` is not shown. */
export function useRunSelection(count: number): readonly [RunSelection, (selection: RunSelection) => void] {
  const { search, change } = useJobSearch();
  const fromAddress = search.run !== undefined && search.run <= count ? search.run : null;
  const [selection, setSelection] = useState<RunSelection>(() =>
    fromAddress === null ? NO_SELECTION : selectRun(NO_SELECTION, fromAddress, 'only'),
  );
  const written = useRef(fromAddress);

  useEffect(() => {
    // The address was changed by a link, not by us.
    if (fromAddress === null || fromAddress === written.current) return;
    written.current = fromAddress;
    setSelection((old) => (old.focused === fromAddress ? old : selectRun(old, fromAddress, 'only')));
  }, [fromAddress]);

  const { focused } = selection;
  useEffect(() => {
    if (focused === null || focused === written.current) return;
    const timer = setTimeout(() => {
      written.current = focused;
      change({ run: focused });
    }, ADDRESS_PAUSE);
    return () => clearTimeout(timer);
  }, [focused, change]);
  return [selection, setSelection];
}
