import type { RunsPreview } from '../../../shared/contract/drafts.ts';
import styles from './table.module.css';

/** The first runs with their texts as they stand in the file; a row can be chosen. */
export function RunsTable({
  preview,
  run,
  onRun,
}: {
  readonly preview: RunsPreview;
  readonly run: number;
  readonly onRun: (run: number) => void;
}): React.JSX.Element {
  const { columns, rows } = preview;
  const keyDown = (event: React.KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const next = rows.find((row) => row.run === run + step);
    if (step === 0 || !next) return;
    event.preventDefault();
    onRun(next.run);
  };
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label="First runs" onKeyDown={keyDown}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th data-number className={styles.first}>
              Run
            </th>
            {columns.map((column) => (
              <th
                key={column.name}
                data-number={column.kind === 'number' || undefined}
                title={column.label ?? undefined}
              >
                <span className={styles.name}>{column.name}</span>
                {[column.label, column.kind, column.unit === null ? null : `[${column.unit}]`]
                  .filter((word) => word !== null && word !== '')
                  .join(' ')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.run} data-active={row.run === run || undefined} onClick={() => onRun(row.run)}>
              <td data-number className={styles.quiet}>
                {row.run}
              </td>
              {columns.map((column, i) => (
                <td
                  key={column.name}
                  data-number={column.kind === 'number' || undefined}
                  className={styles.cell}
                  title={row.values[i]}
                >
                  {row.values[i]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
