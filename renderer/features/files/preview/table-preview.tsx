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
  return (
    <div className={styles.table} tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col" className={styles.rowNumber}>
              Row
            </th>
            {table.header.map((title, i) => (
              <th key={i} scope="col">
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
                <td key={column} data-number={cellNumber(row[column] ?? '') !== null || undefined}>
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
