import styles from './empty-state.module.css';

export interface EmptyStateProps {
  readonly icon: React.ReactNode;
  readonly title: string;
  /** What to do next. */
  readonly children?: React.ReactNode;
  /** Buttons. */
  readonly actions?: React.ReactNode;
}

/** A place without content that says what to do next. */
export function EmptyState({ icon, title, children, actions }: EmptyStateProps): React.JSX.Element {
  return (
    <div className={styles.state}>
      <div className={styles.icon} aria-hidden>
        {icon}
      </div>
      <h2 className={styles.title}>{title}</h2>
      {children && <div className={styles.words}>{children}</div>}
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
