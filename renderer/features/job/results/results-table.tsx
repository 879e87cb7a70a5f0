import { VisuallyHidden } from '@mantine/core';

import type { ResultRow as Row } from '../../../../shared/contract/jobs.ts';
import { ColumnHead } from '../../../ui/column-head/column-head.tsx';
import type { RunSelection, SelectMode } from '../../../ui/run-map/run-selection.ts';
import { rowAfterKey } from '../../../ui/virtual-grid/row-moves.ts';
import { rowIndexAt, VirtualGrid } from '../../../ui/virtual-grid/virtual-grid.tsx';
import type { SortOrder } from '../job-search.ts';
import type { ResultColumn } from './result-columns.ts';
import { ResultRow } from './result-row.tsx';
import styles from './results-table.module.css';

const ROW = 28;
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
  const onKeyDown = (event: React.KeyboardEvent, page: number): void => {
    if (total === 0) return;
    const command = event.ctrlKey || event.metaKey;
    const target = rowAfterKey(event.key, { current: current ?? -1, count: total, page });
    if (target !== null) {
      event.preventDefault();
      onPick(target, event.shiftKey ? 'range' : 'move');
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
    const index = rowIndexAt(event.target);
    if (index === null) return;
    const onBox = event.target instanceof Element && event.target.closest('[data-check]') !== null;
    const mode = onBox ? 'check' : event.ctrlKey || event.metaKey ? 'toggle' : 'move';
    onPick(index, event.shiftKey ? 'range' : mode);
  };

  const template = `${CHECK_WIDTH}px ${RUN_WIDTH}px ${STATE_WIDTH}px ${columns
    .map(({ width }) => `minmax(${width}px, 1fr)`)
    .join(' ')}`;
  const least = columns.reduce((sum, { width }) => sum + width, CHECK_WIDTH + RUN_WIDTH + STATE_WIDTH);

  return (
    <VirtualGrid
      label={props.label}
      count={total}
      columns={template}
      columnCount={columns.length + 3}
      leastWidth={least}
      rowHeight={ROW}
      current={current}
      viewKey={viewKey}
      onSight={onSight}
      onKeyDown={onKeyDown}
      onClick={onClick}
      head={
        <>
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
        </>
      }
      renderRow={({ index, id, top }) => {
        const row = rowAt(index);
        return (
          <ResultRow
            key={index}
            id={id}
            row={row}
            index={index}
            top={top}
            columns={columns}
            focused={row !== undefined && row.run === selection.focused}
            chosen={row !== undefined && selection.runs.has(row.run)}
          />
        );
      }}
    />
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
