import type { UseQueryResult } from '@tanstack/react-query';
import { useDeferredValue, useMemo, useState } from 'react';

import type { Place, PlaceEntry, PlaceListing } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { childOf } from '../../../../shared/domain/transfer/place-path.ts';
import { arrangeEntries } from '../table/arrange-entries.ts';
import type { EntryColumn, EntryOrder } from '../table/arrange-entries.ts';
import { actedOn, keepSeen, NOTHING_CHOSEN, onlyChosen, pick, pickAll } from '../table/entry-selection.ts';
import type { EntrySelection, PickMode } from '../table/entry-selection.ts';
import { useListing } from './use-listing.ts';

export type PaneSide = 'here' | 'there';

/** One pane: a folder, how it is shown, and what is chosen in it. */
export interface Pane {
  readonly side: PaneSide;
  /** As it was asked for; null = none is chosen yet. */
  readonly place: Place | null;
  /** The folder as it is really called; what was asked for until that is known. */
  readonly folder: Place | null;
  readonly listing: UseQueryResult<PlaceListing>;
  /** In sight, in order. */
  readonly entries: readonly PlaceEntry[];
  readonly names: readonly string[];
  /** Where each name stands. */
  readonly positions: ReadonlyMap<string, number>;
  readonly order: EntryOrder;
  readonly sortBy: (column: EntryColumn) => void;
  readonly filter: string;
  readonly setFilter: (filter: string) => void;
  readonly hidden: boolean;
  readonly showHidden: (hidden: boolean) => void;
  readonly selection: EntrySelection;
  readonly pick: (index: number, mode: PickMode) => void;
  readonly pickAll: () => void;
  readonly pickNone: () => void;
  /** Puts the keyboard on an entry. */
  readonly pickName: (name: string) => void;
  /** Which entry has the keyboard in the next folder that is shown. */
  readonly expect: (name: string) => void;
  /** What an action works on. */
  readonly acted: readonly PlaceEntry[];
  readonly placeOf: (entry: PlaceEntry) => Place;
}

/** The state of a pane that shows `place`. Another folder begins with nothing chosen and no filter. */
export function usePane(side: PaneSide, place: Place | null): Pane {
  const text = place === null ? '' : formatPlace(place);
  const [order, setOrder] = useState<EntryOrder>({ column: 'name', descending: false });
  const [hidden, showHidden] = useState(false);
  const [filter, setFilter] = useState('');
  const [selection, setSelection] = useState<EntrySelection>(NOTHING_CHOSEN);
  const [expected, expect] = useState<string | null>(null);
  const listing = useListing(place);
  const query = useDeferredValue(filter);
  const { data } = listing;
  const entries = useMemo(
    () => (data === undefined ? [] : arrangeEntries(data.entries, { order, filter: query, hidden })),
    [data, order, query, hidden],
  );
  const names = useMemo(() => entries.map(({ name }) => name), [entries]);
  const positions = useMemo(() => new Map(names.map((name, index) => [name, index])), [names]);

  const [shown, setShown] = useState({ text, names });
  if (shown.text !== text) {
    setShown({ text, names });
    setFilter('');
    setSelection(expected === null ? NOTHING_CHOSEN : onlyChosen(expected));
    expect(null);
  } else if (shown.names !== names) {
    setShown({ text, names });
    if (data !== undefined) setSelection((old) => keepSeen(old, names, shown.names));
  }
  const acted = useMemo(() => {
    const found = actedOn(selection).flatMap((name) => positions.get(name) ?? []);
    return found.sort((a, b) => a - b).map((index) => entries[index]!);
  }, [entries, positions, selection]);
  const folder = data?.place ?? place;

  return {
    ...{ side, place, folder, listing, entries, names, positions, order, filter, setFilter, hidden, showHidden },
    ...{ selection, acted },
    sortBy: (column) =>
      setOrder((old) => ({
        column,
        // The largest and the newest are what one looks for.
        descending: old.column === column ? !old.descending : column !== 'name',
      })),
    pick: (index, mode) => setSelection((old) => pick(old, names, index, mode)),
    pickAll: () => setSelection((old) => pickAll(old, names)),
    pickNone: () => setSelection((old) => ({ ...old, anchor: old.current, chosen: new Set() })),
    pickName: (name) => setSelection(onlyChosen(name)),
    expect,
    placeOf: (entry) => childOf(folder!, entry.name),
  };
}
