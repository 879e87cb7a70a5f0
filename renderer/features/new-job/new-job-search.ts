import type { SectionId } from './problem-places.ts';
import { SECTIONS } from './problem-places.ts';

/** What the address of the New job page selects: `/jobs/new?draft=ID&section=…&run=N&template=K`. */
export interface NewJobSearch {
  readonly draft?: string;
  /** A folder to open as a draft, as handed over by the shell (`slipway FOLDER`, a second start). */
  readonly folder?: string;
  readonly section?: SectionId;
  /** The run that templates and command are shown for; 1-based. */
  readonly run?: number;
  /** Index of the template that is shown. */
  readonly template?: number;
  /** Where the job is to run; absent: this workstation. */
  readonly site?: string;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readNewJobSearch(search: Readonly<Record<string, unknown>>): NewJobSearch {
  const draft =
    typeof search['draft'] === 'string' || typeof search['draft'] === 'number' ? String(search['draft']) : '';
  const section = SECTIONS.find((id) => id === search['section']);
  const run = wholeNumber(search['run'], 1);
  const template = wholeNumber(search['template'], 0);
  return {
    ...(draft === '' ? {} : { draft }),
    ...(draft === '' && typeof search['folder'] === 'string' && search['folder'] !== ''
      ? { folder: search['folder'] }
      : {}),
    ...(section === undefined ? {} : { section }),
    ...(run === undefined ? {} : { run }),
    ...(template === undefined ? {} : { template }),
    ...(typeof search['site'] === 'string' && search['site'] !== '' ? { site: search['site'] } : {}),
  };
}

function wholeNumber(value: unknown, least: number): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isInteger(number) && number >= least ? number : undefined;
}
