import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useImperativeHandle, useRef } from 'react';

import styles from './virtual-grid.module.css';

/** What a page does with a grid from outside. */
export interface GridHandle {
  /** Gives it the keyboard. */
  focus(): void;
}

/** Where a row stands. */
export interface GridRow {
  /** 0-based. */
  readonly index: number;
  /** Id of its element, by which the grid says which row has the keyboard. */
  readonly id: string;
  /** Pixels from the first row. */
  readonly top: number;
}

export interface VirtualGridProps {
  readonly ref?: React.Ref<GridHandle>;
  readonly label: string;
  readonly count: number;
  /** Widths of the columns, as CSS takes them; the rows share them with the head. */
  readonly columns: string;
  readonly columnCount: number;
  /** Pixels below which it scrolls sideways. */
  readonly leastWidth?: number;
  /** Pixels; the head is as high. */
  readonly rowHeight: number;
  /** The row that has the keyboard; null = none yet. */
  readonly current: number | null;
  /** Names what is shown in which order; another view begins at its top. */
  readonly viewKey: string;
  /** Heads of the columns. */
  readonly head: React.ReactNode;
  /** A row, with the class `row` of virtual-grid.module.css and `data-index`. */
  readonly renderRow: (row: GridRow) => React.ReactNode;
  /** Which rows are in sight, so that they can be fetched. */
  readonly onSight?: (first: number, last: number) => void;
  /** A key on the grid itself, and how many rows fit into the view. */
  readonly onKeyDown: (event: React.KeyboardEvent, page: number) => void;
  readonly onClick: (event: React.MouseEvent) => void;
  readonly onDoubleClick?: (event: React.MouseEvent) => void;
  readonly onDragStart?: (event: React.DragEvent) => void;
}

/** A table that is worked in: rows of one height, only those in sight in the document, below heads that stay. */
export function VirtualGrid(props: VirtualGridProps): React.JSX.Element {
  const { count, rowHeight, current, viewKey, onSight } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const idBase = useId();
  useImperativeHandle(props.ref, () => ({ focus: () => scroller.current?.focus() }), []);
  // oxlint-disable-next-line react/incompatible-library -- concerns the React Compiler, which is not used
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onSight?.(first, last), [onSight, first, last]);
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [viewKey]);
  // Scrolls to the row that has the keyboard when another one gets it, or another view is shown.
  const height = virtual.scrollRect?.height ?? 0;
  const before = useRef({ current, height, viewKey });
  useEffect(() => {
    const node = scroller.current;
    const old = before.current;
    before.current = { current, height, viewKey };
    if (node === null || current === null) return;
    const top = current * rowHeight;
    const room = node.clientHeight - rowHeight;
    // A grid that becomes lower keeps its row in sight, unless the person has scrolled away from it.
    const wasSeen = top >= node.scrollTop && top + rowHeight <= node.scrollTop + old.height - rowHeight;
    if (current === old.current && viewKey === old.viewKey && old.height > 0 && !wasSeen) return;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + rowHeight > node.scrollTop + room) node.scrollTop = top + rowHeight - room;
  }, [current, rowHeight, height, viewKey]);
  const sizes = {
    '--columns': props.columns,
    '--least-width': `${props.leastWidth ?? 0}px`,
    '--row-height': `${rowHeight}px`,
  } as React.CSSProperties;
  return (
    <div
      ref={scroller}
      className={styles.scroller}
      style={sizes}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-multiselectable
      aria-rowcount={count + 1}
      aria-colcount={props.columnCount}
      aria-activedescendant={current === null ? undefined : `${idBase}-${current}`}
      onKeyDown={(event) => {
        if (event.target !== event.currentTarget) return;
        props.onKeyDown(event, Math.max(1, Math.floor(event.currentTarget.clientHeight / rowHeight) - 2));
      }}
      onClick={props.onClick}
      onDoubleClick={props.onDoubleClick}
      onDragStart={props.onDragStart}
    >
      <div role="row" aria-rowindex={1} className={styles.head}>
        {props.head}
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => props.renderRow({ index, id: `${idBase}-${index}`, top: start }))}
      </div>
    </div>
  );
}

/** The row that a part of it belongs to; null outside of rows. */
export function rowIndexAt(target: EventTarget | null): number | null {
  const row = target instanceof Element ? target.closest<HTMLElement>('[data-index]') : null;
  return row === null ? null : Number(row.dataset['index']);
}
