import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useMemo, useSyncExternalStore } from 'react';

import { useConnection } from '../../api/core-context.tsx';
import { LiveJob } from '../../api/live-job.ts';
import type { JobView } from '../../api/live-job.ts';
import { refreshResults } from '../../api/stale-results.ts';
import type { RunSource } from '../../ui/run-map/run-source.ts';

/** Follows a job while its page shows, and keeps all answers about it fresh. */
export function useLiveJob(id: string): { readonly live: LiveJob; readonly view: JobView } {
  const connection = useConnection();
  const queries = useQueryClient();
  const live = useMemo(() => new LiveJob(connection, id), [connection, id]);
  const view = useSyncExternalStore(live.subscribe, live.getSnapshot);
  useEffect(() => refreshResults(queries, live), [queries, live]);
  return { live, view };
}

/** The runs of a job as the run map reads them. */
export function useRunSource(live: LiveJob, count: number): RunSource {
  return useMemo(
    () => ({
      count,
      stateOf: live.stateOf,
      subscribe: (listener) =>
        live.onChanges(({ states }) => {
          if (states === 'all' || states.length > 0) listener(states);
        }),
    }),
    [live, count],
  );
}
