import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { useCore, useStale } from '../../api/core-context.tsx';
import { keys } from '../../api/queries.ts';
import { useSecretsStatus } from '../../api/use-keys.ts';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import { Facts } from '../../ui/facts/facts.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { Section } from '../../ui/list-detail/section.tsx';
import { keeperWords } from './key-words.ts';
import { PassphraseDialog } from './passphrase-dialog.tsx';

/** What keeps the secrets of this profile, and how that is changed. */
export function VaultSection(): React.JSX.Element | null {
  const core = useCore();
  const stale = useStale();
  const queries = useQueryClient();
  const { data: status } = useSecretsStatus();
  const [dialog, setDialog] = useState<'change' | 'move' | null>(null);
  const move = useMutation({
    mutationFn: () => core.secrets.move({ to: 'keyring' }),
    onSettled: () => queries.invalidateQueries({ queryKey: keys.secrets }),
  });
  if (status === undefined) return null;
  const inVault = status.keeper === 'passphrase' && status.state !== 'new';
  const inKeyring = status.keeper === 'keyring' && status.state === 'open';
  return (
    <Section id="key-vault" title="Secrets of this profile">
      <Facts facts={[{ title: 'Kept', value: keeperWords(status) }]} />
      <div className={styles.actions}>
        {inVault && (
          <Button variant="default" disabled={stale} onClick={() => setDialog('change')}>
            Change the passphrase…
          </Button>
        )}
        {inVault && status.couldKeepIn !== null && (
          <Button
            variant="default"
            disabled={stale}
            loading={move.isPending}
            title="Secrets are then open whenever you are logged in here"
            onClick={() => move.mutate()}
          >
            Move to {status.couldKeepIn}
          </Button>
        )}
        {inKeyring && (
          <Button variant="default" disabled={stale} onClick={() => setDialog('move')}>
            Move to a vault with a passphrase…
          </Button>
        )}
      </div>
      {move.error !== null && <ErrorNote title="The secrets stay where they are." error={move.error} />}
      {dialog !== null && <PassphraseDialog what={dialog} onClose={() => setDialog(null)} />}
    </Section>
  );
}
