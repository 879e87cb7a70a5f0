import { Modal, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { keyName } from '../../../shared/contract/keys.ts';
import { useCore } from '../../api/core-context.tsx';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import type { ToWriteDown } from './phrase-dialog.tsx';

export interface CreateKeyDialogProps {
  readonly onCreated: (made: ToWriteDown) => void;
  readonly onClose: () => void;
}

/** Names a new key, and who else can take it. */
export function CreateKeyDialog({ onCreated, onClose }: CreateKeyDialogProps): React.JSX.Element {
  const core = useCore();
  const [name, setName] = useState('');
  const [recipients, setRecipients] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  // The same dialog asked twice is one intention.
  const [requestId] = useState(() => crypto.randomUUID());
  const create = useMutation({
    mutationFn: () =>
      core.keys.create({
        requestId,
        name,
        recipients: recipients
          .split('\n')
          .map((line) => line.trim())
          .filter((line) => line !== ''),
      }),
    onSuccess: onCreated,
  });
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const read = keyName.safeParse(name);
    setProblem(read.success ? null : (read.error.issues[0]?.message ?? null));
    if (read.success) create.mutate();
  };
  return (
    <Modal opened onClose={onClose} size={560} title={<strong>New key</strong>}>
      <form className={styles.stack} onSubmit={submit}>
        <TextInput
          label="Name"
          description="of the project, such as turbine-2027"
          value={name}
          error={problem}
          spellCheck={false}
          autoComplete="off"
          data-autofocus
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Textarea
          label="Recipients"
          description="who else can take the key: their public keys (age1… or ssh-ed25519 …), one a line; can be added later"
          autosize
          minRows={2}
          maxRows={6}
          value={recipients}
          spellCheck={false}
          classNames={{ input: styles.code }}
          onChange={(event) => setRecipients(event.currentTarget.value)}
        />
        {create.error !== null && <ErrorNote title="The key could not be made." error={create.error} />}
        <DialogActions onCancel={onClose} action="Make the key" pending={create.isPending} />
      </form>
    </Modal>
  );
}
