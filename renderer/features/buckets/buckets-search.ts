/** What the address of the Buckets page selects: `/buckets?bucket=NAME`, or `/buckets?add=true`. */
export interface BucketsSearch {
  readonly bucket?: string;
  readonly add?: true;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readBucketsSearch(search: Readonly<Record<string, unknown>>): BucketsSearch {
  if (search['add'] === true || search['add'] === 'true') return { add: true };
  return typeof search['bucket'] === 'string' && search['bucket'] !== '' ? { bucket: search['bucket'] } : {};
}
