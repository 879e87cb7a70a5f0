import { Modal } from '@mantine/core';

import { DialogActions } from '../dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../error-note/error-note.tsx';

export interface ConfirmDialogProps {
  readonly opened: boolean;
  /** The question: `Delete job Cantilever?` */
  readonly title: string;
  /** What will happen, and what cannot be undone. */
  readonly children: React.ReactNode;
  /** The verb on the button: `Delete job`. */
  readonly action: string;
  readonly pending?: boolean;
  /** Why it did not work the last time. */
  readonly error?: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something that cannot be undone. The safe answer has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps): React.JSX.Element {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={<strong>{props.title}</strong>} size={440}>
      <div>{props.children}</div>
      {props.error !== null && props.error !== undefined && (
        <div style={{ marginTop: 12 }}>
          <ErrorNote title="That did not work." error={props.error} />
        </div>
      )}
      <DialogActions
        cancel="Keep"
        onCancel={props.onClose}
        action={props.action}
        onAction={props.onConfirm}
        pending={props.pending === true}
        careful
        destructive
      />
    </Modal>
  );
}
