import type { Job } from '../../../shared/contract/jobs.ts';

/** The jobs whose name, id, state or folder holds every word of the query. */
export function filterJobs(jobs: readonly Job[], query: string): readonly Job[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return jobs;
  return jobs.filter((job) => {
    const text = `${job.name}\n${job.id}\n${job.state}\n${job.folder}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
