import { useEffect, useMemo, useRef } from 'react';

import { cellNumber } from '../../../../shared/domain/csv/cell-types.ts';
import styles from './preview.module.css';
import type { PreviewTable } from './read-table.ts';

/** The first rows of a CSV file as a table. */
export function TablePreview({
  table,
  label,
}: {
  readonly table: PreviewTable;
  readonly label: string;
}): React.JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  // Heads stand where their numbers do.
  const numeric = useMemo(() => table.header.map((_, column) => isNumber(table.rows[0]?.[column])), [table]);
  // The keyboard scrolls it at once.
  useEffect(() => scroller.current?.focus(), []);
  return (
    <div ref={scroller} className={styles.table} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col" className={styles.rowNumber}>
              Row
            </th>
            {table.header.map((title, i) => (
              <th key={i} scope="col" data-number={numeric[i] || undefined}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, i) => (
            <tr key={i}>
              <td className={styles.rowNumber}>{i + 1}</td>
              {table.header.map((_, column) => (
                <td key={column} data-number={isNumber(row[column]) || undefined}>
                  {row[column] ?? ''}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function isNumber(cell: string | undefined): boolean {
  return cellNumber(cell ?? '') !== null;
}
