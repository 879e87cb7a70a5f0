import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';

import styles from './column-head.module.css';

export interface ColumnHeadProps {
  /** How the column is sorted; null = by another one. */
  readonly sorted: 'ascending' | 'descending' | null;
  /** Stands at the right, above its numbers. */
  readonly numeric?: boolean;
  /** What the column is, on hover. */
  readonly hint?: string | undefined;
  /** For what the table adds around it. */
  readonly className?: string | undefined;
  readonly onSort: () => void;
  readonly children: React.ReactNode;
}

/** The head of a grid's column: pressing it sorts by the column, pressing it again the other way round. */
export function ColumnHead(props: ColumnHeadProps): React.JSX.Element {
  const { sorted, numeric = false, className = '' } = props;
  const Arrow = sorted === 'descending' ? IconArrowDown : IconArrowUp;
  return (
    <div
      role="columnheader"
      aria-sort={sorted ?? 'none'}
      className={`${styles.head} ${className}`}
      data-numeric={numeric || undefined}
    >
      <button type="button" className={styles.sort} title={props.hint} onClick={props.onSort}>
        {props.children}
        {sorted !== null && <Arrow size={13} aria-hidden />}
      </button>
    </div>
  );
}
