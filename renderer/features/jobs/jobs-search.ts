/** What the address of the jobs page selects: `/jobs?site=NAME` shows the jobs of one site. */
export interface JobsSearch {
  readonly site?: string;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readJobsSearch(search: Readonly<Record<string, unknown>>): JobsSearch {
  return typeof search['site'] === 'string' && search['site'] !== '' ? { site: search['site'] } : {};
}
