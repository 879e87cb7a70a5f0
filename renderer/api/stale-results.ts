import type { QueryClient } from '@tanstack/react-query';

import type { LiveJob, RunChanges } from './live-job.ts';
import { keys } from './queries.ts';

/** Milliseconds between two refreshes of tables and columns while a sweep runs: quick enough to watch, slow enough to read. */
const REFRESH_PAUSE = 1000;

/**
 * Marks answers about a job as stale when its runs change, so that what is on screen is fetched again: single runs at once,
 * tables and columns at most once a second. Returns the way to stop.
 */
export function refreshResults(client: QueryClient, job: LiveJob): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let last = 0;
  const refreshTables = (): void => {
    timer = null;
    last = performance.now();
    void client.invalidateQueries({ queryKey: keys.results(job.id) });
    void client.invalidateQueries({ queryKey: [...keys.job(job.id), 'column'] });
  };
  const refreshRuns = ({ states, results }: RunChanges): void => {
    if (states === 'all' || results === 'all') {
      void client.invalidateQueries({ queryKey: keys.job(job.id) });
      return;
    }
    for (const run of new Set([...states, ...results])) {
      // Only runs that were looked at have answers; asking the cache first keeps ten thousand changes cheap.
      if (client.getQueryState(keys.run(job.id, run)) === undefined) continue;
      void client.invalidateQueries({ queryKey: keys.run(job.id, run) });
      void client.invalidateQueries({ queryKey: keys.files(job.id, run) });
    }
  };
  const leave = job.onChanges((changes) => {
    refreshRuns(changes);
    timer ??= setTimeout(refreshTables, Math.max(0, last + REFRESH_PAUSE - performance.now()));
  });
  return () => {
    leave();
    if (timer !== null) clearTimeout(timer);
  };
}
