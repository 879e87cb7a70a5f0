import { Button, Group } from '@mantine/core';

export interface DialogActionsProps {
  /** What leaves things as they are; default: `Cancel`. */
  readonly cancel?: string;
  /** Without it there is nothing to cancel. */
  readonly onCancel?: () => void;
  /** The verb on the main button; without it `children` hold the main button. */
  readonly action?: string;
  /** Without it the main button submits the form around it. */
  readonly onAction?: () => void;
  readonly pending?: boolean;
  /** What the main button does cannot be undone, or is meant to be thought about: the other one has the focus. */
  readonly careful?: boolean;
  /** The main button takes something away. */
  readonly destructive?: boolean;
  /** Buttons between the two. */
  readonly children?: React.ReactNode;
}

/** The closing line of a dialog: the way out, and the verb. */
export function DialogActions(props: DialogActionsProps): React.JSX.Element {
  const { cancel = 'Cancel', onCancel, action, onAction, careful = false, destructive = false } = props;
  return (
    <Group justify="flex-end" gap="sm" mt="sm">
      {onCancel !== undefined && (
        <Button variant="default" onClick={onCancel} data-autofocus={careful || undefined}>
          {cancel}
        </Button>
      )}
      {props.children}
      {action !== undefined && (
        <Button
          type={onAction === undefined ? 'submit' : 'button'}
          loading={props.pending === true}
          {...(destructive ? { color: 'vermilion' } : {})}
          {...(onAction === undefined ? {} : { onClick: onAction })}
        >
          {action}
        </Button>
      )}
    </Group>
  );
}
