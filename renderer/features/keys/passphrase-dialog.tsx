import { Modal, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useCore } from '../../api/core-context.tsx';
import { keys } from '../../api/queries.ts';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';

export interface PassphraseDialogProps {
  /** `change`: the vault gets another passphrase. `move`: secrets go from the keyring into a vault. */
  readonly what: 'change' | 'move';
  readonly onClose: () => void;
}

/** Takes a passphrase for the vault, twice; to change it, also the one of now. */
export function PassphraseDialog({ what, onClose }: PassphraseDialogProps): React.JSX.Element {
  const core = useCore();
  const queries = useQueryClient();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const [differ, setDiffer] = useState(false);
  const save = useMutation({
    mutationFn: () =>
      what === 'change'
        ? core.secrets.changePassphrase({ current, next })
        : core.secrets.move({ to: 'passphrase', passphrase: next }),
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: keys.secrets }),
  });
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    setDiffer(next !== again);
    if (next === again) save.mutate();
  };
  const isChange = what === 'change';
  return (
    <Modal
      opened
      onClose={onClose}
      size={440}
      title={<strong>{isChange ? 'Change the passphrase of the vault' : 'Move secrets to a vault'}</strong>}
    >
      <form className={styles.stack} onSubmit={submit}>
        {isChange && (
          <PasswordInput
            label="Passphrase of now"
            required
            autoComplete="off"
            value={current}
            data-autofocus
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
        )}
        <PasswordInput
          label="New passphrase"
          description="at least 8 characters; it cannot be recovered, so note it where you keep such things"
          required
          autoComplete="off"
          value={next}
          data-autofocus={isChange ? undefined : true}
          onChange={(event) => setNext(event.currentTarget.value)}
        />
        <PasswordInput
          label="The same again"
          required
          autoComplete="off"
          value={again}
          error={differ ? 'The two differ.' : null}
          onChange={(event) => {
            setAgain(event.currentTarget.value);
            setDiffer(false);
          }}
        />
        {isChange && (
          <div className={styles.quiet}>
            Copies of the profile folder that were made before are still opened by the passphrase of now.
          </div>
        )}
        {save.error !== null && <ErrorNote title="The passphrase was not set." error={save.error} />}
        <DialogActions
          onCancel={onClose}
          action={isChange ? 'Change the passphrase' : 'Move to a vault'}
          pending={save.isPending}
        />
      </form>
    </Modal>
  );
}
