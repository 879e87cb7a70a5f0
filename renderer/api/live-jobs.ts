import { createContext, useContext, useSyncExternalStore } from 'react';

import type { CoreContract } from '../../shared/contract/index.ts';
import type { Job } from '../../shared/contract/jobs.ts';
import type { Connection } from './connection.ts';
import { FollowedView } from './followed-view.ts';

/** All jobs, newest first. */
export interface JobsView {
  /** False until the first snapshot. */
  readonly loaded: boolean;
  readonly jobs: readonly Job[];
  /** Why the list cannot be had; null = it can. */
  readonly problem: unknown;
}

type JobsConnection = Pick<Connection<CoreContract>, 'watch'>;

const EMPTY: JobsView = { loaded: false, jobs: [], problem: null };

/** The list of jobs, followed as long as somebody looks. The last list stays while the core is not heard. */
export class LiveJobs extends FollowedView<JobsView> {
  readonly #connection: JobsConnection;
  readonly #byId = new Map<string, Job>();

  constructor(connection: JobsConnection) {
    super(EMPTY);
    this.#connection = connection;
  }

  protected follow(): () => void {
    return this.#connection.watch(
      (client, options) => client.jobs.watchList({}, options),
      (item) => {
        if (item.kind === 'snapshot') this.#byId.clear();
        else for (const id of item.removed) this.#byId.delete(id);
        for (const job of item.jobs) this.#byId.set(job.id, job);
        this.#update(null);
      },
      (problem) => this.#update(problem),
    );
  }

  #update(problem: unknown): void {
    const jobs = [...this.#byId.values()].sort((a, b) => b.submittedAt.localeCompare(a.submittedAt));
    this.show({ loaded: this.getSnapshot().loaded || problem === null, jobs, problem });
  }
}

const JobsContext = createContext<LiveJobs | null>(null);

/** Lends the list of jobs to all pages below, so that it is followed once. */
export const LiveJobsProvider = JobsContext.Provider;

export function useJobs(): JobsView {
  const jobs = useContext(JobsContext);
  if (jobs === null) throw new Error('useJobs needs a LiveJobsProvider above it');
  return useSyncExternalStore(jobs.subscribe, jobs.getSnapshot);
}
