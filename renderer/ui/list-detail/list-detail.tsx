import { Skeleton } from '@mantine/core';

import styles from './list-detail.module.css';

export interface ListDetailProps {
  /** What the list is of: `Sites`. */
  readonly title: string;
  /** False hides the list: one of nothing would only push aside what says what to do. */
  readonly listed: boolean;
  /** Before the list is known. */
  readonly loading: boolean;
  /** A button beside the title. */
  readonly action: React.ReactNode;
  /** Links, one per thing. */
  readonly rows: React.ReactNode;
  /** The one that is chosen, or what is to be done. */
  readonly children: React.ReactNode;
}

/** A list at the left and one of its things in depth at the right. */
export function ListDetail({ title, listed, loading, action, rows, children }: ListDetailProps): React.JSX.Element {
  return (
    <div className={styles.page} data-listed={listed}>
      {listed && (
        <nav className={styles.list} aria-label={title}>
          <div className={styles.head}>
            <strong>{title}</strong>
            {action}
          </div>
          {loading && <Skeleton height={64} />}
          {rows}
        </nav>
      )}
      <div className={styles.detail}>{children}</div>
    </div>
  );
}
