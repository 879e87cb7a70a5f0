import { Modal, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useState } from 'react';

import type { SignInPrompt } from '../../../shared/contract/connections.ts';
import { useConnection, useCore } from '../../api/core-context.tsx';
import { DialogActions } from '../../ui/dialog-actions/dialog-actions.tsx';
import styles from './sign-in-dialog.module.css';

/** Puts the questions of connections before the person: passwords, codes, passphrases, and keys of hosts that are not known yet. */
export function SignInDialog(): React.JSX.Element | null {
  const connection = useConnection();
  const core = useCore();
  const [prompts, setPrompts] = useState<readonly SignInPrompt[]>([]);
  useEffect(
    () =>
      connection.watch(
        (client, options) => client.connections.watchPrompts({}, options),
        (item) => setPrompts(item.prompts),
      ),
    [connection],
  );
  const prompt = prompts[0];
  if (prompt === undefined) return null;
  const answer = (answers: string[] | null): void => {
    setPrompts((open) => open.filter(({ id }) => id !== prompt.id));
    void core.connections.answer({ prompt: prompt.id, answers });
  };
  return (
    <Modal
      opened
      onClose={() => answer(null)}
      title={<strong>{prompt.title}</strong>}
      size={prompt.hostKey === null ? 480 : 640}
    >
      {prompt.hostKey === null ? (
        <Questions key={prompt.id} prompt={prompt} onAnswer={answer} />
      ) : (
        <HostKey prompt={prompt} hostKey={prompt.hostKey} onAnswer={answer} />
      )}
    </Modal>
  );
}

/** Who asks for what; null where the prompt's own text says it. */
function introduction({ kind, site, host, user }: SignInPrompt): string | null {
  if (kind === 'vault') return null;
  // While a site is being added, it goes by its address.
  const where = [host, `${user}@${host}`].includes(site) ? '' : ` for site ${site}`;
  return kind === 'passphrase' ? `To sign in to ${user}@${host}${where}.` : `${host} asks ${user} to sign in${where}.`;
}

interface Answering {
  readonly prompt: SignInPrompt;
  readonly onAnswer: (answers: string[] | null) => void;
}

function Questions({ prompt, onAnswer }: Answering): React.JSX.Element {
  // Secrets live in this dialog only, and go with it.
  const intro = introduction(prompt);
  const isNew = prompt.kind === 'vault' && prompt.fields.length > 1;
  const [values, setValues] = useState<readonly string[]>(() => prompt.fields.map(() => ''));
  return (
    <form
      className={styles.stack}
      onSubmit={(event) => {
        event.preventDefault();
        onAnswer([...values]);
      }}
    >
      {intro !== null && <div>{intro}</div>}
      {prompt.kind === 'vault' ? (
        <div>{prompt.text}</div>
      ) : (
        prompt.text !== '' && <pre className={styles.text}>{prompt.text}</pre>
      )}
      {prompt.fields.map((field, i) => {
        const Input = field.secret ? PasswordInput : TextInput;
        return (
          <Input
            // The questions of one prompt never change places.
            key={`${prompt.id}-${i}`}
            label={field.label === '' ? 'Answer' : field.label}
            value={values[i] ?? ''}
            autoComplete="off"
            data-autofocus={i === 0 ? true : undefined}
            onChange={(event) => {
              const { value } = event.currentTarget;
              setValues((old) => old.map((v, j) => (j === i ? value : v)));
            }}
          />
        );
      })}
      <DialogActions
        onCancel={() => onAnswer(null)}
        action={prompt.kind !== 'vault' ? 'Sign in' : isNew ? 'Make the vault' : 'Unlock'}
      />
    </form>
  );
}

function HostKey({
  prompt,
  hostKey,
  onAnswer,
}: Answering & { readonly hostKey: NonNullable<SignInPrompt['hostKey']> }): React.JSX.Element {
  return (
    <div className={styles.stack}>
      <div>{prompt.text}</div>
      <div className={styles.key}>
        <pre className={styles.art} aria-hidden>
          {hostKey.randomart}
        </pre>
        <dl className={styles.facts}>
          <dt>Host</dt>
          <dd>{prompt.host}</dd>
          <dt>Key type</dt>
          <dd>{hostKey.type}</dd>
          <dt>Fingerprint</dt>
          <dd>
            <code className={styles.fingerprint}>{hostKey.fingerprint}</code>
          </dd>
        </dl>
      </div>
      <DialogActions
        cancel="Do not connect"
        onCancel={() => onAnswer(null)}
        action="It is the right key"
        onAction={() => onAnswer(['accept'])}
        careful
      />
    </div>
  );
}
