import type { Job } from '../../../shared/contract/jobs.ts';

/** The jobs of the site (null = of all) whose name, id, state, site or folder holds every word of the query. */
export function filterJobs(jobs: readonly Job[], query: string, site: string | null = null): readonly Job[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0 && site === null) return jobs;
  return jobs.filter((job) => {
    if (site !== null && job.site !== site) return false;
    const text = `${job.name}\n${job.id}\n${job.state}\n${job.site}\n${job.folder}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
