import type { Place, PlaceEntry } from '../../../shared/contract/places.ts';
import { place as placeSchema } from '../../../shared/contract/places.ts';
import { visibleText } from '../../../shared/domain/visible-text.ts';
import { z } from '../../../shared/zod.ts';

const dragged = z.array(placeSchema).min(1);

/** Our own kind of drag: places as JSON, with the pane that they come from, which can be told before they are dropped. A drag of files from outside does not carry it. */
function typeOf(side: 'here' | 'there'): string {
  return `application/x-slipway-places-${side}`;
}

/** Gives a drag the places that it carries to the other pane. */
export function carryPlaces(transfer: DataTransfer, side: 'here' | 'there', places: readonly Place[]): void {
  transfer.setData(typeOf(side), JSON.stringify(places));
  transfer.effectAllowed = 'copy';
}

/** True when a drag began in that pane. What it carries can be read only when it is dropped. */
export function carriesPlaces(transfer: DataTransfer | null, side: 'here' | 'there'): boolean {
  return transfer?.types.includes(typeOf(side)) ?? false;
}

/** The places of a drop from that pane; null when it carries none, or something that only looks like them. */
export function droppedPlaces(transfer: DataTransfer, side: 'here' | 'there'): readonly Place[] | null {
  try {
    return dragged.parse(JSON.parse(transfer.getData(typeOf(side))));
  } catch {
    return null;
  }
}

/** How files are spoken of: `beam.inp`, `3 files`, `3 files and folders`. */
export function entriesWords(entries: readonly Pick<PlaceEntry, 'name' | 'kind'>[]): string {
  const [first] = entries;
  if (first !== undefined && entries.length === 1) return visibleText(first.name);
  const folders = entries.filter(({ kind }) => kind === 'folder').length;
  if (folders === 0) return `${entries.length} files`;
  return folders === entries.length ? `${entries.length} folders` : `${entries.length} files and folders`;
}
