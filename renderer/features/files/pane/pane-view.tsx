import { Skeleton } from '@mantine/core';
import { IconFolderOpen } from '@tabler/icons-react';
import { useRef, useState } from 'react';

import type { Place } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { ownerWords } from '../../../../shared/domain/transfer/place-path.ts';
import { carriesFiles, droppedFrom } from '../../../ui/file-drop/dropped-files.ts';
import { rowIndexAt } from '../../../ui/virtual-grid/virtual-grid.tsx';
import type { GridHandle } from '../../../ui/virtual-grid/virtual-grid.tsx';
import { carriesPlaces, carryPlaces, droppedPlaces } from '../place-drag.ts';
import { isFolder } from '../table/arrange-entries.ts';
import { FileTable } from '../table/file-table.tsx';
import type { TableAct } from '../table/table-keys.ts';
import { ListingProblem } from './listing-problem.tsx';
import { PaneFoot } from './pane-foot.tsx';
import { PaneHead } from './pane-head.tsx';
import styles from './pane.module.css';
import type { PaneActions } from './pane-actions.ts';
import type { Pane } from './use-pane.ts';

export interface PaneViewProps {
  readonly pane: Pane;
  /** Its table, for whoever gives it the keyboard. */
  readonly tableRef: React.RefObject<GridHandle | null>;
  /** Where `send` brings files; null = nowhere yet. */
  readonly other: Place | null;
  readonly actions: PaneActions;
  /** Disabled while the core is not heard. */
  readonly stale: boolean;
}

/** A folder with its path, its tools, its files and what is known of it. */
export function PaneView({ pane, tableRef, other, actions, stale }: PaneViewProps): React.JSX.Element {
  const { folder, listing, entries } = pane;
  const [editing, setEditing] = useState(false);
  const filterRef = useRef<HTMLInputElement>(null);
  const focus = (): void => tableRef.current?.focus();
  const drop = useDrop(pane, actions);
  if (folder === null) throw new Error('a pane is shown once it has a place');
  // Both panes may show this workstation; their names must differ.
  const isSecond = pane.side === 'there' && folder.kind === 'local';
  const label = isSecond ? 'Files of the other folder' : `Files of ${ownerWords(folder)}`;

  const act = ({ act: kind }: TableAct, shift: boolean): boolean => {
    switch (kind) {
      case 'open': {
        const entry = entries.find(({ name }) => name === pane.selection.current);
        if (entry !== undefined) actions.open(entry);
        return true;
      }
      case 'all':
        pane.pickAll();
        return true;
      case 'none':
        pane.pickNone();
        return true;
      case 'up':
        actions.up();
        return true;
      case 'rename':
        actions.rename();
        return true;
      case 'trash':
        actions.trash();
        return true;
      case 'new-folder':
        actions.newFolder();
        return true;
      case 'preview':
        actions.preview();
        return true;
      case 'send':
        actions.send();
        return true;
      case 'refresh':
        void listing.refetch();
        return true;
      case 'hidden':
        pane.showHidden(!pane.hidden);
        return true;
      case 'edit-path':
        setEditing(true);
        return true;
      case 'filter':
        filterRef.current?.focus();
        return true;
      case 'other-pane':
        // Out of the panes Tab goes on as everywhere: forward from the right one, back from the left one.
        return shift === (pane.side === 'there') && actions.toOtherPane();
      default:
        return false;
    }
  };

  return (
    <section
      className={styles.pane}
      aria-label={label}
      data-over={drop.over || undefined}
      data-reading={listing.isPlaceholderData || undefined}
      {...drop.handlers}
    >
      <PaneHead
        {...{ pane, other, actions, stale, editing, filterRef }}
        onLeaveFilter={focus}
        onEdit={(next) => {
          setEditing(next);
          if (!next) focus();
        }}
      />
      {listing.error !== null && <ListingProblem pane={pane} error={listing.error} onGo={actions.go} />}
      {listing.data !== undefined ? (
        <>
          <FileTable
            ref={tableRef}
            label={label}
            {...{ entries, names: pane.names, positions: pane.positions, order: pane.order, selection: pane.selection }}
            onOrder={pane.sortBy}
            onPick={pane.pick}
            onAct={act}
            onOpen={(index) => actions.open(entries[index]!)}
            onDragStart={(index, transfer) => {
              const entry = entries[index]!;
              const chosen = pane.selection.chosen.has(entry.name);
              if (!chosen) pane.pick(index, 'move');
              carryPlaces(transfer, pane.side, (chosen ? pane.acted : [entry]).map(pane.placeOf));
            }}
            target={drop.index}
            viewKey={formatPlace(listing.data.place)}
          />
          {entries.length === 0 && <NothingHere pane={pane} />}
        </>
      ) : (
        <>{listing.error === null ? <Waiting /> : <div className={styles.rest} />}</>
      )}
      <PaneFoot pane={pane} />
    </section>
  );
}

function Waiting(): React.JSX.Element {
  return (
    <div className={styles.waiting} aria-busy aria-label="Reading the folder">
      {Array.from({ length: 8 }, (_, i) => (
        <Skeleton key={i} height={12} width={`${72 - i * 5}%`} />
      ))}
    </div>
  );
}

function NothingHere({ pane }: { readonly pane: Pane }): React.JSX.Element {
  const all = pane.listing.data?.entries.length ?? 0;
  return (
    <div className={styles.nothing} role="status">
      <IconFolderOpen size={28} stroke={1.25} aria-hidden />
      {all === 0
        ? 'This folder is empty. Drop files here, or make a folder with F7.'
        : pane.filter !== ''
          ? `Nothing here has “${pane.filter}” in its name.`
          : `All ${all} names here begin with a dot. Show hidden files with Ctrl H.`}
    </div>
  );
}

/** Takes what is dropped on a pane, or on one of the folders in it. */
function useDrop(pane: Pane, actions: PaneActions) {
  const [over, setOver] = useState<{ readonly index: number | null } | null>(null);
  const folderAt = (event: React.DragEvent): number | null => {
    const index = rowIndexAt(event.target);
    const entry = index === null ? undefined : pane.entries[index];
    return entry !== undefined && isFolder(entry) ? index : null;
  };
  // What comes from this very pane stays where it is.
  const otherSide = pane.side === 'here' ? 'there' : 'here';
  const takes = ({ dataTransfer }: React.DragEvent): boolean =>
    pane.listing.data !== undefined && (carriesPlaces(dataTransfer, otherSide) || carriesFiles(dataTransfer));
  const handlers = {
    onDragOver: (event: React.DragEvent): void => {
      if (!takes(event)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = 'copy';
      const index = folderAt(event);
      if (over === null || over.index !== index) setOver({ index });
    },
    onDragLeave: (event: React.DragEvent): void => {
      const to = event.relatedTarget;
      if (!(to instanceof Node) || !event.currentTarget.contains(to)) setOver(null);
    },
    onDrop: (event: React.DragEvent): void => {
      setOver(null);
      if (!takes(event)) return;
      event.preventDefault();
      const index = folderAt(event);
      const onto = index === null ? pane.folder! : pane.placeOf(pane.entries[index]!);
      const places = droppedPlaces(event.dataTransfer, otherSide);
      if (places !== null) actions.dropPlaces(places, onto);
      else if (carriesFiles(event.dataTransfer)) actions.dropFiles(droppedFrom(event.dataTransfer), onto);
    },
  };
  return { over: over !== null && over.index === null, index: over?.index ?? null, handlers };
}
