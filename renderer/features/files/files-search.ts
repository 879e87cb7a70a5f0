import { formatPlace, parsePlace } from '../../../shared/domain/transfer/place.ts';
import type { Place } from '../../../shared/domain/transfer/place.ts';

/** What the address of the Files page selects: `/files?here=/data/beam&there=hpc:/scratch/me`. Both are places in their text form. */
export interface FilesSearch {
  /** The left pane: a folder of this workstation. */
  readonly here?: string;
  /** The right pane: a folder of a site, a bucket or this workstation. */
  readonly there?: string;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readFilesSearch(search: Readonly<Record<string, unknown>>): FilesSearch {
  const here = placeText(search['here']);
  const there = placeText(search['there']);
  return {
    ...(here?.kind === 'local' ? { here: formatPlace(here) } : {}),
    ...(there === null ? {} : { there: formatPlace(there) }),
  };
}

function placeText(value: unknown): Place | null {
  return typeof value === 'string' ? parsePlace(value) : null;
}
