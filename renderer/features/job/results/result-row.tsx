import { memo } from 'react';

import type { ResultRow as Row } from '../../../../shared/contract/jobs.ts';
import { RunStateLabel } from '../../../ui/run-state/state-label.tsx';
import grid from '../../../ui/virtual-grid/virtual-grid.module.css';
import type { ResultColumn } from './result-columns.ts';
import styles from './results-table.module.css';

export interface ResultRowProps {
  readonly id: string;
  readonly row: Row | undefined;
  /** 0-based place in the table. */
  readonly index: number;
  readonly top: number;
  readonly columns: readonly ResultColumn[];
  readonly focused: boolean;
  readonly chosen: boolean;
}

/** One run of the table; clicks are handled by the table, so that rows render again only when their own facts change. */
export const ResultRow = memo(function ResultRow(props: ResultRowProps) {
  const { row, index, top, columns, focused, chosen } = props;
  const place = { transform: `translateY(${top}px)` };
  if (row === undefined) {
    return (
      <div role="row" aria-rowindex={index + 2} className={`${grid.row} ${styles.row}`} style={place}>
        <div role="gridcell" className={styles.waiting} aria-label="Being read" />
      </div>
    );
  }
  return (
    <div
      id={props.id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={chosen}
      className={`${grid.row} ${styles.row}`}
      data-focused={focused || undefined}
      data-chosen={chosen || undefined}
      data-index={index}
      style={place}
    >
      <div role="gridcell" className={styles.check} data-check>
        <span className={styles.box} aria-hidden />
      </div>
      <div role="gridcell" className={`${grid.cell} ${styles.run}`}>
        {row.run}
      </div>
      <div role="gridcell" className={`${grid.cell} ${styles.state}`} title={row.failure?.message}>
        <RunStateLabel state={row.state} />
      </div>
      {columns.map((column) => {
        const { text, exact } = column.cell(row);
        return (
          <div
            key={column.key}
            role="gridcell"
            className={`${grid.cell} ${styles.cell}`}
            data-numeric={column.numeric || undefined}
            data-begins={column.begins || undefined}
            title={exact ?? (text.length > 12 ? text : undefined)}
          >
            {text}
          </div>
        );
      })}
    </div>
  );
});
