import { useRef } from 'react';

import type { PlaceEntry } from '../../../../shared/contract/places.ts';
import { ColumnHead } from '../../../ui/column-head/column-head.tsx';
import { rowIndexAt, VirtualGrid } from '../../../ui/virtual-grid/virtual-grid.tsx';
import type { GridHandle } from '../../../ui/virtual-grid/virtual-grid.tsx';
import { ENTRY_COLUMNS } from './arrange-entries.ts';
import type { EntryColumn, EntryOrder } from './arrange-entries.ts';
import type { EntrySelection, PickMode } from './entry-selection.ts';
import { FileRow } from './file-row.tsx';
import type { TableAct } from './table-keys.ts';
import { findTyped, readTableKey } from './table-keys.ts';

const ROW = 26;
const COLUMNS = 'minmax(120px, 1fr) 80px 146px';
/** Milliseconds between two letters that still belong to one name. */
const TYPING_PAUSE = 900;
const TITLES: Record<EntryColumn, string> = { name: 'Name', size: 'Size', modified: 'Modified' };

export interface FileTableProps {
  readonly ref: React.Ref<GridHandle>;
  readonly label: string;
  readonly entries: readonly PlaceEntry[];
  readonly names: readonly string[];
  /** Where each name stands. */
  readonly positions: ReadonlyMap<string, number>;
  readonly order: EntryOrder;
  readonly onOrder: (column: EntryColumn) => void;
  readonly selection: EntrySelection;
  readonly onPick: (index: number, mode: PickMode) => void;
  /** A key that the table does not handle by itself. Returns false when it means nothing now, so that the browser has it. */
  readonly onAct: (act: TableAct, shift: boolean) => boolean;
  /** An entry was opened by a double click. */
  readonly onOpen: (index: number) => void;
  readonly onDragStart: (index: number, transfer: DataTransfer) => void;
  /** The folder that something is dragged over; null = the listing as a whole, or nothing. */
  readonly target: number | null;
  /** Names the folder; another one begins at its top. */
  readonly viewKey: string;
}

/** Files and folders, only those in sight in the document. */
export function FileTable(props: FileTableProps): React.JSX.Element {
  const { ref, label, entries, names, positions, order, selection, onPick, viewKey } = props;
  const typed = useRef({ text: '', at: 0 });
  const current = selection.current === null ? -1 : (positions.get(selection.current) ?? -1);

  const onKeyDown = (event: React.KeyboardEvent, page: number): void => {
    const { key, shiftKey, altKey } = event;
    const command = event.ctrlKey || event.metaKey;
    const act = readTableKey({ key, shiftKey, altKey, command }, { current, count: entries.length, page });
    if (act === null) return;
    if (act.act !== 'type') typed.current = { text: '', at: 0 };
    if (act.act === 'move') onPick(act.index, act.range ? 'range' : 'move');
    else if (act.act === 'toggle') {
      if (current >= 0) onPick(current, 'toggle');
    } else if (act.act === 'type') {
      const now = event.timeStamp;
      const more = now - typed.current.at < TYPING_PAUSE;
      typed.current = { text: (more ? typed.current.text : '') + act.text, at: now };
      const index = findTyped(names, typed.current.text, current);
      if (index >= 0) onPick(index, 'move');
    } else if (!props.onAct(act, shiftKey)) return;
    event.preventDefault();
  };
  const onClick = (event: React.MouseEvent): void => {
    const index = rowIndexAt(event.target);
    if (index === null) return;
    onPick(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'move');
  };

  return (
    <VirtualGrid
      ref={ref}
      label={label}
      count={entries.length}
      columns={COLUMNS}
      columnCount={ENTRY_COLUMNS.length}
      rowHeight={ROW}
      current={current < 0 ? null : current}
      viewKey={viewKey}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={(event) => {
        const index = rowIndexAt(event.target);
        if (index !== null) props.onOpen(index);
      }}
      onDragStart={(event) => {
        const index = rowIndexAt(event.target);
        if (index !== null) props.onDragStart(index, event.dataTransfer);
      }}
      head={ENTRY_COLUMNS.map((column) => (
        <ColumnHead
          key={column}
          sorted={order.column === column ? (order.descending ? 'descending' : 'ascending') : null}
          numeric={column === 'size'}
          onSort={() => props.onOrder(column)}
        >
          {TITLES[column]}
        </ColumnHead>
      ))}
      renderRow={({ index, id, top }) => {
        const entry = entries[index];
        if (entry === undefined) return null;
        return (
          <FileRow
            key={entry.name}
            id={id}
            entry={entry}
            index={index}
            top={top}
            current={index === current}
            chosen={selection.chosen.has(entry.name)}
            target={index === props.target}
          />
        );
      }}
    />
  );
}
