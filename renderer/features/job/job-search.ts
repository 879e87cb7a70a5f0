import type { CountName } from '../../../shared/domain/run-state.ts';
import { COUNT_ORDER } from '../../ui/run-state/state-words.ts';

/** Tabs of the run panel. */
export const RUN_TABS = ['output', 'values', 'files', 'command'] as const;
export type RunTab = (typeof RUN_TABS)[number];

/** What the address of a job's page selects: `/jobs/ID?run=12&tab=values&color=output:tip&sort=-output:tip&show=failed`. */
export interface JobSearch {
  /** The run that the panel shows. */
  readonly run?: number;
  readonly tab?: RunTab;
  /** The file that the output tab shows; default stdout. */
  readonly file?: string;
  /** The column that colours the map; default the state. */
  readonly color?: string;
  /** The column that sorts the table, with `-` before it descending; default run. */
  readonly sort?: string;
  /** The only states that the table shows; default all. */
  readonly show?: readonly CountName[];
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Reads the search parameters of the address; what is not understood is left out. */
export function readJobSearch(search: Readonly<Record<string, unknown>>): JobSearch {
  const run = Number(search['run']);
  const tab = RUN_TABS.find((name) => name === search['tab']);
  const file = text(search['file']);
  const color = text(search['color']);
  const sort = text(search['sort']);
  const asked = Array.isArray(search['show']) ? search['show'] : [search['show']];
  const show = COUNT_ORDER.filter((name) => asked.includes(name));
  return {
    ...(Number.isInteger(run) && run >= 1 ? { run } : {}),
    ...(tab === undefined ? {} : { tab }),
    ...(file === undefined ? {} : { file }),
    ...(color === undefined ? {} : { color }),
    ...(sort === undefined ? {} : { sort }),
    ...(show.length === 0 ? {} : { show }),
  };
}

export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** The order of the table that an address asks for; null = by run. */
export function readSort(sort: string | undefined): SortOrder | null {
  if (sort === undefined) return null;
  return sort.startsWith('-') ? { column: sort.slice(1), descending: true } : { column: sort, descending: false };
}

/** The order after a click on a column's head: up, down, back to by run. */
export function nextSort(current: SortOrder | null, column: string): string | undefined {
  if (current?.column !== column) return column;
  return current.descending ? undefined : `-${column}`;
}
