/** What the address of the Sites page selects: `/sites?site=NAME`, or `/sites?add=true`. */
export interface SitesSearch {
  readonly site?: string;
  readonly add?: true;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readSitesSearch(search: Readonly<Record<string, unknown>>): SitesSearch {
  if (search['add'] === true || search['add'] === 'true') return { add: true };
  return typeof search['site'] === 'string' && search['site'] !== '' ? { site: search['site'] } : {};
}
