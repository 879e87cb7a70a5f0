import type { Place, PlaceEntry } from '../../../../shared/contract/places.ts';
import type { Dropped } from '../../../ui/file-drop/dropped-files.ts';

/** What can be done with what is chosen in a pane; the page does it. */
export interface PaneActions {
  readonly go: (place: Place) => void;
  readonly open: (entry: PlaceEntry) => void;
  readonly up: () => void;
  readonly send: () => void;
  readonly sendWithOptions: () => void;
  readonly keepInStep: () => void;
  readonly newFolder: () => void;
  readonly rename: () => void;
  readonly trash: () => void;
  readonly preview: () => void;
  /** Gives the keyboard to the other pane; false when it has no table. */
  readonly toOtherPane: () => boolean;
  /** Places of the other pane, or files from outside, were dropped on a folder. */
  readonly dropPlaces: (places: readonly Place[], onto: Place) => void;
  readonly dropFiles: (files: Dropped, onto: Place) => void;
}
