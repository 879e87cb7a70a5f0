import { Button } from '@mantine/core';

import styles from './list-detail.module.css';

export interface SectionProps {
  readonly id: string;
  readonly title: string;
  /** A button beside the title. */
  readonly action?: {
    readonly label: string;
    readonly icon: React.ReactNode;
    readonly disabled: boolean;
    /** It is going on. */
    readonly pending?: boolean;
    readonly onClick: () => void;
  };
  readonly children: React.ReactNode;
}

/** A part of the details, with what can be added to it or done with it. */
export function Section({ id, title, action, children }: SectionProps): React.JSX.Element {
  return (
    <section className={styles.section} aria-labelledby={id}>
      <div className={styles.sectionHead}>
        <h2 id={id}>{title}</h2>
        {action !== undefined && (
          <Button
            variant="default"
            size="compact-xs"
            leftSection={action.icon}
            loading={action.pending === true}
            disabled={action.disabled}
            onClick={action.onClick}
          >
            {action.label}
          </Button>
        )}
      </div>
      {children}
    </section>
  );
}
