import { Button, CopyButton, Group, Modal, TextInput } from '@mantine/core';
import { IconCheck, IconCopy, IconPrinter } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { isAppError } from '../../../shared/errors.ts';
import { useCore } from '../../api/core-context.tsx';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { PhraseSheet } from './phrase-sheet.tsx';

/** A key whose phrase has to be written down. */
export interface ToWriteDown {
  readonly key: ProjectKey;
  readonly phrase: RecoveryPhrase;
}

export interface PhraseDialogProps {
  readonly shown: ToWriteDown;
  /** Confirmed, or left for later. */
  readonly onClose: () => void;
}

/** Shows a recovery phrase, and asks two of its words back. */
export function PhraseDialog({ shown, onClose }: PhraseDialogProps): React.JSX.Element {
  const [asking, setAsking] = useState(false);
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnClickOutside={false}
      size={680}
      title={<strong>Recovery phrase of {shown.key.name}</strong>}
    >
      {asking ? (
        <AskBack shown={shown} onBack={() => setAsking(false)} onClose={onClose} />
      ) : (
        <WriteDown shown={shown} onWritten={() => setAsking(true)} onClose={onClose} />
      )}
    </Modal>
  );
}

function WriteDown({ shown, onWritten, onClose }: PhraseDialogProps & { readonly onWritten: () => void }) {
  const { key, phrase } = shown;
  return (
    <div className={styles.stack}>
      <div>
        Write these 24 words on paper, or print them. Whoever has them can read everything encrypted to {key.name}.
        Without them, and without this device, nobody can.
      </div>
      <PhraseSheet projectKey={key} phrase={phrase} />
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconPrinter size={14} aria-hidden />}
          onClick={() => {
            window.print();
          }}
        >
          Print
        </Button>
        <CopyButton value={phrase.words.join(' ')}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
              title="Other programs can read the clipboard: copy something else afterwards"
              onClick={copy}
            >
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
        <Group gap="sm" ml="auto">
          <Button variant="default" onClick={onClose}>
            Later
          </Button>
          <Button onClick={onWritten} data-autofocus>
            It is written down
          </Button>
        </Group>
      </Group>
    </div>
  );
}

function AskBack({ shown, onBack, onClose }: PhraseDialogProps & { readonly onBack: () => void }) {
  const core = useCore();
  const { key, phrase } = shown;
  const [typed, setTyped] = useState<Readonly<Record<number, string>>>({});
  const confirm = useMutation({
    mutationFn: () =>
      core.keys.confirm({
        key: key.name,
        words: phrase.ask.map((number) => ({ number, word: typed[number] ?? '' })),
      }),
    onSuccess: onClose,
  });
  const wrong = wrongNumbers(confirm.error);
  return (
    <form
      className={styles.stack}
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate();
      }}
    >
      <div>Look at the paper and type two of the words.</div>
      <div className={styles.pairs}>
        {phrase.ask.map((number, i) => (
          <TextInput
            key={number}
            label={`Word ${number}`}
            value={typed[number] ?? ''}
            error={wrong.includes(number) ? 'not what the phrase says' : undefined}
            spellCheck={false}
            autoComplete="off"
            autoCapitalize="none"
            data-autofocus={i === 0 ? true : undefined}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setTyped((old) => ({ ...old, [number]: value }));
            }}
          />
        ))}
      </div>
      {confirm.error !== null && wrong.length === 0 && (
        <ErrorNote title="The phrase could not be confirmed." error={confirm.error} />
      )}
      <DialogActions cancel="Show the words again" onCancel={onBack} action="Confirm" pending={confirm.isPending} />
    </form>
  );
}

/** Numbers of the words that the core has refused. */
function wrongNumbers(error: unknown): readonly number[] {
  if (!isAppError(error) || error.code !== 'keys/wrong_phrase') return [];
  const { numbers } = (error.details ?? {}) as { readonly numbers?: readonly number[] };
  return numbers ?? [];
}
