import { IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { ProjectKey } from '../../../shared/contract/keys.ts';
import { keyLossWords } from '../../../shared/domain/keys/loss-words.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { Section } from '../../ui/list-detail/section.tsx';

/** Takes the key off this device; says before what cannot be read any more. */
export function RemoveKeySection({ projectKey }: { readonly projectKey: ProjectKey }): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const { name } = projectKey;
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => core.keys.remove({ key: name }),
    onSuccess: () => setAsking(false),
  });
  return (
    <Section
      id="key-remove"
      title="Removal"
      action={{
        label: 'Remove key…',
        icon: <IconTrash size={14} aria-hidden />,
        disabled: stale,
        onClick: () => setAsking(true),
      }}
    >
      <p className={styles.quiet}>Takes {name} off this device. Files that are stored are left alone.</p>
      <ConfirmDialog
        opened={asking}
        title={`Remove the key ${name}?`}
        action="Remove key"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate()}
        onClose={() => {
          setAsking(false);
          remove.reset();
        }}
      >
        <div className={styles.stack}>
          {keyLossWords(projectKey).map((sentence) => (
            <div key={sentence}>{sentence}</div>
          ))}
        </div>
      </ConfirmDialog>
    </Section>
  );
}
