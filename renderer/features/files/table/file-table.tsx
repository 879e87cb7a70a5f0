import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useImperativeHandle, useRef } from 'react';

import type { PlaceEntry } from '../../../../shared/contract/places.ts';
import { ColumnHead } from '../../../ui/column-head/column-head.tsx';
import { ENTRY_COLUMNS } from './arrange-entries.ts';
import type { EntryColumn, EntryOrder } from './arrange-entries.ts';
import type { EntrySelection, PickMode } from './entry-selection.ts';
import { FileRow } from './file-row.tsx';
import styles from './file-table.module.css';
import type { TableAct } from './table-keys.ts';
import { findTyped, readTableKey } from './table-keys.ts';

const ROW = 26;
const HEAD = 26;
/** Milliseconds between two letters that still belong to one name. */
const TYPING_PAUSE = 900;
const TITLES: Record<EntryColumn, string> = { name: 'Name', size: 'Size', modified: 'Modified' };

/** What the page does with a table from outside. */
export interface FileTableHandle {
  /** Gives it the keyboard. */
  focus(): void;
}

export interface FileTableProps {
  readonly ref: React.Ref<FileTableHandle>;
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
  const { entries, names, positions, order, selection, onPick, viewKey } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: '', at: 0 });
  const idBase = useId();
  const current = selection.current === null ? -1 : (positions.get(selection.current) ?? -1);
  useImperativeHandle(props.ref, () => ({ focus: () => scroller.current?.focus() }), []);
  // oxlint-disable-next-line react/incompatible-library -- concerns the React Compiler, which is not used
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [viewKey]);
  useEffect(() => {
    const node = scroller.current;
    if (node === null || current < 0) return;
    const top = current * ROW;
    const room = node.clientHeight - HEAD;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + ROW > node.scrollTop + room) node.scrollTop = top + ROW - room;
  }, [current, viewKey]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? ROW) - HEAD) / ROW) - 1);
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
    const index = indexAt(event.target);
    if (index === null) return;
    onPick(index, event.shiftKey ? 'range' : event.ctrlKey || event.metaKey ? 'toggle' : 'move');
  };

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-multiselectable
      aria-rowcount={entries.length + 1}
      aria-colcount={ENTRY_COLUMNS.length}
      aria-activedescendant={current < 0 ? undefined : `${idBase}-${current}`}
      onKeyDown={onKeyDown}
      onClick={onClick}
      onDoubleClick={(event) => {
        const index = indexAt(event.target);
        if (index !== null) props.onOpen(index);
      }}
      onDragStart={(event) => {
        const index = indexAt(event.target);
        if (index !== null) props.onDragStart(index, event.dataTransfer);
      }}
    >
      <div role="row" aria-rowindex={1} className={styles.head}>
        {ENTRY_COLUMNS.map((column) => (
          <ColumnHead
            key={column}
            sorted={order.column === column ? (order.descending ? 'descending' : 'ascending') : null}
            numeric={column === 'size'}
            onSort={() => props.onOrder(column)}
          >
            {TITLES[column]}
          </ColumnHead>
        ))}
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const entry = entries[index];
          if (entry === undefined) return null;
          return (
            <FileRow
              key={entry.name}
              id={`${idBase}-${index}`}
              entry={entry}
              index={index}
              top={start}
              current={index === current}
              chosen={selection.chosen.has(entry.name)}
              target={index === props.target}
            />
          );
        })}
      </div>
    </div>
  );
}

/** The row that a part of it belongs to; null outside of rows. */
export function indexAt(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
  return row === null ? null : Number(row.dataset['index']);
}
