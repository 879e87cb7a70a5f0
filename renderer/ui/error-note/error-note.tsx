import { ActionIcon } from '@mantine/core';
import { IconAlertTriangle, IconX } from '@tabler/icons-react';

import { errorWords } from './error-words.ts';
import styles from './error-note.module.css';

export interface ErrorNoteProps {
  /** What was tried: `Run 12 could not be cancelled.` */
  readonly title: string;
  readonly error: unknown;
  /** The next step, as a button. */
  readonly action?: React.ReactNode;
  readonly onClose?: () => void;
}

/** An error at the place where it happened: what, why, and the next step. */
export function ErrorNote({ title, error, action, onClose }: ErrorNoteProps): React.JSX.Element {
  const { message, ref } = errorWords(error);
  return (
    <div className={styles.note} role="alert">
      <IconAlertTriangle size={16} aria-hidden className={styles.icon} />
      <div className={styles.words}>
        <strong>{title}</strong> {message}
        {ref !== null && <span className={styles.ref}> In the log under {ref}.</span>}
      </div>
      {action}
      {onClose && (
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Dismiss" onClick={onClose}>
          <IconX size={14} />
        </ActionIcon>
      )}
    </div>
  );
}
