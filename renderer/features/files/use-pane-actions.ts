import type { Place } from '../../../shared/contract/places.ts';
import { childOf, nameOf, parentOf } from '../../../shared/domain/transfer/place-path.ts';
import type { Dropped } from '../../ui/file-drop/dropped-files.ts';
import type { GridHandle } from '../../ui/virtual-grid/virtual-grid.tsx';
import type { OpenDialog } from './pane-dialog.tsx';
import type { PaneActions } from './pane/pane-actions.ts';
import type { Pane, PaneSide } from './pane/use-pane.ts';
import type { Sender } from './send/use-send.ts';
import { isFolder } from './table/arrange-entries.ts';

export interface PaneActionsDeps {
  readonly pane: Pane;
  readonly other: Pane;
  readonly otherRef: React.RefObject<GridHandle | null>;
  readonly go: (side: PaneSide, place: Place) => void;
  readonly send: Sender['send'];
  readonly take: (dropped: Dropped, onto: Place) => void;
  readonly setDialog: (dialog: OpenDialog) => void;
  /** True while nothing can be done because the core is not heard. */
  readonly stale: boolean;
}

/** What the buttons, keys and drops of a pane do. */
export function usePaneActions(deps: PaneActionsDeps): PaneActions {
  const { pane, other, otherRef, go, send, take, setDialog, stale } = deps;
  const { side, acted } = pane;
  const current = pane.entries.find(({ name }) => name === pane.selection.current) ?? acted[0];
  const canAct = acted.length > 0 && !stale;
  const chosen = (): readonly Place[] => acted.map(pane.placeOf);
  return {
    go: (place) => go(side, place),
    open: (entry) => {
      if (isFolder(entry)) go(side, pane.placeOf(entry));
      else setDialog({ kind: 'preview', side, entry });
    },
    up: () => {
      if (pane.folder === null) return;
      const above = parentOf(pane.folder);
      if (above === null) return;
      pane.expect(nameOf(pane.folder));
      go(side, above);
    },
    send: () => {
      if (canAct && other.folder !== null) send({ from: chosen(), to: other.folder });
    },
    sendWithOptions: () => {
      if (canAct && other.folder !== null) setDialog({ kind: 'send', side, entries: acted });
    },
    keepInStep: () => {
      const folder = acted.length === 1 && acted[0] !== undefined && isFolder(acted[0]) ? acted[0] : null;
      if (pane.folder === null || other.folder === null || stale) return;
      const from = folder === null ? pane.folder : pane.placeOf(folder);
      setDialog({ kind: 'keep', side, from, to: childOf(other.folder, nameOf(from)) });
    },
    newFolder: () => {
      if (pane.listing.data !== undefined && !stale) setDialog({ kind: 'new-folder', side });
    },
    rename: () => {
      if (current !== undefined && !stale) setDialog({ kind: 'rename', side, entry: current });
    },
    trash: () => {
      if (canAct) setDialog({ kind: 'trash', side, entries: acted });
    },
    preview: () => {
      if (current === undefined) return;
      if (!isFolder(current)) setDialog({ kind: 'preview', side, entry: current });
    },
    toOtherPane: () => {
      otherRef.current?.focus();
      return otherRef.current !== null;
    },
    dropPlaces: (places, onto) => {
      if (!stale) send({ from: places, to: onto });
    },
    dropFiles: (files, onto) => {
      if (!stale) take(files, onto);
    },
  };
}
