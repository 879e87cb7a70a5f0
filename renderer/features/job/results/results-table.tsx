import { VisuallyHidden } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useId, useRef } from 'react';

import type { ResultRow as Row } from '../../../../shared/contract/jobs.ts';
import { ColumnHead } from '../../../ui/column-head/column-head.tsx';
import type { RunSelection, SelectMode } from '../../../ui/run-map/run-selection.ts';
import type { SortOrder } from '../job-search.ts';
import type { ResultColumn } from './result-columns.ts';
import { ResultRow } from './result-row.tsx';
import styles from './results-table.module.css';

const ROW = 28;
const HEAD = 28;
const CHECK_WIDTH = 36;
const RUN_WIDTH = 72;
const STATE_WIDTH = 116;

export interface ResultsTableProps {
  readonly label: string;
  readonly total: number;
  readonly columns: readonly ResultColumn[];
  readonly rowAt: (index: number) => Row | undefined;
  readonly sort: SortOrder | null;
  readonly onSort: (column: string) => void;
  readonly selection: RunSelection;
  /** A row was pressed or moved to. `from` is the row where a range began. */
  readonly onPick: (index: number, mode: SelectMode) => void;
  readonly onPickAll: () => void;
  readonly onOpen: () => void;
  /** Which rows are in sight, so that they can be fetched. */
  readonly onSight: (first: number, last: number) => void;
  /** Names which rows are shown in which order; another view begins at its top. */
  readonly viewKey: string;
  /** The row that has the keyboard; null = none yet. */
  readonly current: number | null;
}

/** Rows of runs, only those in sight in the document. Arrows move, Shift extends, Space adds, Ctrl+A takes all, Enter opens. */
export function ResultsTable(props: ResultsTableProps): React.JSX.Element {
  const { total, columns, rowAt, sort, selection, onPick, onSight, viewKey, current } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const idBase = useId();
  // oxlint-disable-next-line react/incompatible-library -- concerns the React Compiler, which is not used
  const virtual = useVirtualizer({
    count: total,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => onSight(first, last), [onSight, first, last]);
  useEffect(() => {
    if (scroller.current !== null) scroller.current.scrollTop = 0;
  }, [viewKey]);
  const height = virtual.scrollRect?.height ?? 0;
  const before = useRef({ current, height });
  useEffect(() => {
    const node = scroller.current;
    const last = before.current;
    before.current = { current, height };
    if (node === null || current === null) return;
    const top = current * ROW;
    const room = node.clientHeight - HEAD;
    // A table that becomes lower keeps its row in sight, unless the person has scrolled away from it.
    const wasSeen = top >= node.scrollTop && top + ROW <= node.scrollTop + last.height - HEAD;
    if (current === last.current && last.height > 0 && !wasSeen) return;
    if (top < node.scrollTop) node.scrollTop = top;
    else if (top + ROW > node.scrollTop + room) node.scrollTop = top + ROW - room;
  }, [current, height]);

  const onKeyDown = (event: React.KeyboardEvent): void => {
    if (event.target !== event.currentTarget || total === 0) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? ROW) / ROW) - 2);
    const at = current ?? -1;
    const command = event.ctrlKey || event.metaKey;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: total - 1,
    };
    const target = targets[event.key];
    if (target !== undefined) {
      event.preventDefault();
      onPick(Math.min(total - 1, Math.max(0, target)), event.shiftKey ? 'range' : 'move');
    } else if (event.key === ' ' && current !== null) {
      event.preventDefault();
      onPick(current, 'check');
    } else if (event.key === 'Enter' && current !== null) {
      event.preventDefault();
      props.onOpen();
    } else if (command && event.key.toLowerCase() === 'a') {
      event.preventDefault();
      props.onPickAll();
    }
  };
  const onClick = (event: React.MouseEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    const index = Number(target?.closest<HTMLElement>('[data-index]')?.dataset['index'] ?? Number.NaN);
    if (!Number.isInteger(index)) return;
    const mode = target?.closest('[data-check]') ? 'check' : event.ctrlKey || event.metaKey ? 'toggle' : 'move';
    onPick(index, event.shiftKey ? 'range' : mode);
  };

  const template = `${CHECK_WIDTH}px ${RUN_WIDTH}px ${STATE_WIDTH}px ${columns
    .map(({ width }) => `minmax(${width}px, 1fr)`)
    .join(' ')}`;
  const least = columns.reduce((sum, { width }) => sum + width, CHECK_WIDTH + RUN_WIDTH + STATE_WIDTH);
  const variables = { '--columns': template, '--least': `${least}px` } as React.CSSProperties;

  return (
    <div
      ref={scroller}
      className={styles.scroller}
      style={variables}
      role="grid"
      tabIndex={0}
      aria-label={props.label}
      aria-multiselectable
      aria-rowcount={total + 1}
      aria-colcount={columns.length + 3}
      aria-activedescendant={current === null ? undefined : `${idBase}-${current}`}
      onKeyDown={onKeyDown}
      onClick={onClick}
    >
      <div role="row" aria-rowindex={1} className={styles.head}>
        <div role="columnheader" className={styles.check}>
          <VisuallyHidden>Chosen</VisuallyHidden>
        </div>
        <Head title="Run" column="run" sort={sort} onSort={props.onSort} />
        <Head title="State" column="state" sort={sort} onSort={props.onSort} />
        {columns.map((column) => (
          <Head
            key={column.key}
            title={column.title}
            unit={column.unit}
            hint={column.hint}
            column={column.key}
            numeric={column.numeric}
            begins={column.begins}
            sort={sort}
            onSort={props.onSort}
          />
        ))}
      </div>
      <div role="rowgroup" className={styles.body} style={{ height: virtual.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const row = rowAt(index);
          return (
            <ResultRow
              key={index}
              id={`${idBase}-${index}`}
              row={row}
              index={index}
              top={start}
              columns={columns}
              focused={row !== undefined && row.run === selection.focused}
              chosen={row !== undefined && selection.runs.has(row.run)}
            />
          );
        })}
      </div>
    </div>
  );
}

interface HeadProps {
  readonly title: string;
  readonly unit?: string | null;
  readonly hint?: string;
  readonly column: string;
  readonly numeric?: boolean;
  readonly begins?: boolean;
  readonly sort: SortOrder | null;
  readonly onSort: (column: string) => void;
}

function Head(props: HeadProps): React.JSX.Element {
  const { title, unit = null, column, sort } = props;
  const sorted = sort?.column === column;
  return (
    <ColumnHead
      sorted={sorted ? (sort.descending ? 'descending' : 'ascending') : null}
      numeric={props.numeric === true}
      hint={props.hint}
      className={props.begins === true ? styles.beginsHead : undefined}
      onSort={() => props.onSort(column)}
    >
      <span className={styles.title}>{title}</span>
      {unit !== null && <span className={styles.unit}>{unit}</span>}
    </ColumnHead>
  );
}
