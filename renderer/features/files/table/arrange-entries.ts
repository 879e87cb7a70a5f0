import type { PlaceEntry } from '../../../../shared/contract/places.ts';

export const ENTRY_COLUMNS = ['name', 'size', 'modified'] as const;
export type EntryColumn = (typeof ENTRY_COLUMNS)[number];

/** By which column a listing is sorted. */
export interface EntryOrder {
  readonly column: EntryColumn;
  readonly descending: boolean;
}

export interface Arrangement {
  readonly order: EntryOrder;
  /** Part of a name; upper and lower case are the same. Empty = all. */
  readonly filter: string;
  /** Whether names that begin with a dot are shown. */
  readonly hidden: boolean;
}

/** The entries that are shown, in order: folders first, numbers within names by their value, nothing before something. Quick also for 100,000 entries. */
export function arrangeEntries(
  entries: readonly PlaceEntry[],
  { order, filter, hidden }: Arrangement,
): readonly PlaceEntry[] {
  const wanted = filter.trim().toLowerCase();
  const shown = entries.filter(
    ({ name }) => (hidden || !name.startsWith('.')) && (wanted === '' || name.toLowerCase().includes(wanted)),
  );
  const keyed = shown.map((entry) => ({ entry, folder: isFolder(entry), name: sortKey(entry) }));
  const sign = order.descending ? -1 : 1;
  keyed.sort((a, b) => {
    if (a.folder !== b.folder) return a.folder ? -1 : 1;
    const byColumn = order.column === 'name' ? 0 : numberOf(a.entry, order.column) - numberOf(b.entry, order.column);
    return sign * (byColumn || compareText(a.name, b.name) || compareText(a.entry.name, b.entry.name));
  });
  return keyed.map(({ entry }) => entry);
}

/** Folders, and links that lead to folders. */
export function isFolder({ kind, opensAs }: PlaceEntry): boolean {
  return kind === 'folder' || opensAs === 'folder';
}

const SORT_KEYS = new WeakMap<PlaceEntry, string>();

/** Lower case, and numbers padded so that they sort by their value: comparing such keys is far quicker than a collator that reads numbers. Made once for each entry. */
function sortKey(entry: PlaceEntry): string {
  const known = SORT_KEYS.get(entry);
  if (known !== undefined) return known;
  const key = entry.name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, '0'));
  SORT_KEYS.set(entry, key);
  return key;
}

function numberOf(entry: PlaceEntry, column: 'size' | 'modified'): number {
  return (column === 'size' ? entry.size : entry.modifiedAt) ?? -1;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
