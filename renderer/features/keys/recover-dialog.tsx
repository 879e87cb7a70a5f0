import { Modal, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { keyName, PHRASE_WORDS } from '../../../shared/contract/keys.ts';
import { useCore } from '../../api/core-context.tsx';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';

type Which = 'known' | 'newer' | 'older';

export interface RecoverDialogProps {
  /** The key that is to be recovered; null = one that is not known here. */
  readonly name: string | null;
  readonly onRecovered: (name: string) => void;
  readonly onClose: () => void;
}

/** Gets a key back from the words on paper. */
export function RecoverDialog({ name: known, onRecovered, onClose }: RecoverDialogProps): React.JSX.Element {
  const core = useCore();
  const [name, setName] = useState(known ?? '');
  const [phrase, setPhrase] = useState('');
  const [which, setWhich] = useState<Which>('known');
  const [problem, setProblem] = useState<string | null>(null);
  const [requestId] = useState(() => crypto.randomUUID());
  const recover = useMutation({
    mutationFn: () => core.keys.recover({ requestId, name, phrase, generation: which }),
    onSuccess: (key) => onRecovered(key.name),
  });
  const count = phrase.match(/[a-z]+/gi)?.length ?? 0;
  const submit = (event: React.FormEvent): void => {
    event.preventDefault();
    const read = keyName.safeParse(name);
    setProblem(read.success ? null : (read.error.issues[0]?.message ?? null));
    if (read.success) recover.mutate();
  };
  return (
    <Modal opened onClose={onClose} size={560} title={<strong>Recover a key</strong>}>
      <form className={styles.stack} onSubmit={submit}>
        <TextInput
          label="Name"
          description="as it stands on the paper"
          value={name}
          error={problem}
          readOnly={known !== null}
          spellCheck={false}
          autoComplete="off"
          data-autofocus={known === null ? true : undefined}
          onChange={(event) => {
            setName(event.currentTarget.value);
            setProblem(null);
          }}
        />
        <Textarea
          label="Recovery phrase"
          description={`the ${PHRASE_WORDS} words in their order; ${count} so far`}
          autosize
          minRows={3}
          maxRows={6}
          value={phrase}
          spellCheck={false}
          autoComplete="off"
          classNames={{ input: styles.code }}
          data-autofocus={known === null ? undefined : true}
          onChange={(event) => setPhrase(event.currentTarget.value)}
        />
        {known !== null && (
          <SegmentedControl
            aria-label="Which generation"
            value={which}
            onChange={(value) => setWhich(value as Which)}
            data={[
              { value: 'known', label: 'A generation of the list' },
              { value: 'newer', label: 'A newer one' },
              { value: 'older', label: 'An older one' },
            ]}
          />
        )}
        {recover.error !== null && <ErrorNote title="The key could not be recovered." error={recover.error} />}
        <DialogActions onCancel={onClose} action="Recover the key" pending={recover.isPending} />
      </form>
    </Modal>
  );
}
