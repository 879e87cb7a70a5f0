import type { JobService } from '../jobs/job-service.ts';
import type { JobStore } from '../storage/job-store.ts';
import type { TransferService } from '../transfer/engine/transfer-service.ts';
import type { WatchService } from '../transfer/watch/watch-service.ts';

/** What works with a project key now, in words for the middle of a sentence. */
export function usesOfKey(
  key: string,
  of: {
    readonly jobs: JobStore;
    readonly jobService: JobService;
    readonly transfers: TransferService;
    readonly watches: WatchService;
  },
): string[] {
  const jobs = of.jobs.unfinished().filter((job) => of.jobService.planOf(job).spec.storage?.encrypt === key);
  const transfers = of.transfers.list().filter(({ options, endedAt }) => options.key === key && endedAt === null);
  const watches = of.watches.list().filter(({ options }) => options.key === key);
  return [
    ...jobs.map(({ name, id }) => `the job ${name} (${id})`),
    ...transfers.map(({ id }) => `the transfer ${id}`),
    ...watches.map(({ id }) => `the folder watch ${id}`),
  ];
}
