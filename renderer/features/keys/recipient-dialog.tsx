import { Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { useCore } from '../../api/core-context.tsx';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';

export interface RecipientDialogProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** Lets somebody take the key. */
export function RecipientDialog({ name, onClose }: RecipientDialogProps): React.JSX.Element {
  const core = useCore();
  const [recipient, setRecipient] = useState('');
  const [label, setLabel] = useState('');
  const add = useMutation({
    mutationFn: () => core.keys.addRecipient({ key: name, recipient, label: label.trim() === '' ? null : label }),
    onSuccess: onClose,
  });
  return (
    <Modal opened onClose={onClose} size={560} title={<strong>Recipient of {name}</strong>}>
      <form
        className={styles.stack}
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Textarea
          label="Public key"
          description="age1… as their Slipway or age-keygen shows it, or a line of an ssh-ed25519 .pub file"
          autosize
          minRows={2}
          maxRows={4}
          required
          value={recipient}
          spellCheck={false}
          classNames={{ input: styles.code }}
          data-autofocus
          onChange={(event) => setRecipient(event.currentTarget.value)}
        />
        <TextInput
          label="Who that is"
          description="such as Grace, workstation"
          value={label}
          autoComplete="off"
          onChange={(event) => setLabel(event.currentTarget.value)}
        />
        {add.error !== null && <ErrorNote title="The recipient could not be added." error={add.error} />}
        <DialogActions onCancel={onClose} action="Add recipient" pending={add.isPending} />
      </form>
    </Modal>
  );
}
