import { ActionIcon, Button, VisuallyHidden } from '@mantine/core';
import { IconDownload, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { KeyRecipient, ProjectKey } from '../../../shared/contract/keys.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import { ErrorNote } from '../../ui/error-note/error-note.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { Section } from '../../ui/list-detail/section.tsx';
import table from '../../ui/plain-table/plain-table.module.css';
import { saveFile } from '../../ui/save-file/save-file.ts';
import { shortKey } from './key-words.ts';
import type { ToWriteDown } from './phrase-dialog.tsx';
import { RecipientDialog } from './recipient-dialog.tsx';

export interface RecipientsSectionProps {
  readonly projectKey: ProjectKey;
  readonly onRotated: (made: ToWriteDown) => void;
}

/** Who can take the key, and the file by which they do. */
export function RecipientsSection({ projectKey, onRotated }: RecipientsSectionProps): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const { name, recipients } = projectKey;
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<KeyRecipient | null>(null);
  const remove = useMutation({
    mutationFn: ({ text }: KeyRecipient) => core.keys.removeRecipient({ key: name, recipient: text }),
    onSuccess: (made) => {
      setRemoving(null);
      onRotated(made);
    },
  });
  const save = useMutation({
    mutationFn: () => core.keys.export({ key: name }),
    onSuccess: ({ fileName, content }) => saveFile(fileName, [content], 'application/octet-stream'),
  });
  return (
    <Section
      id="key-recipients"
      title="Recipients"
      action={{
        label: 'Add recipient',
        icon: <IconPlus size={14} aria-hidden />,
        disabled: stale,
        onClick: () => setAdding(true),
      }}
    >
      {recipients.length === 0 ? (
        <p className={styles.quiet}>Only this device, and whoever has the recovery phrase, can read files of {name}.</p>
      ) : (
        <table className={table.table} aria-labelledby="key-recipients">
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Public key</th>
              <th scope="col">Added</th>
              <th scope="col" className={table.rest}>
                <VisuallyHidden>Actions</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {recipients.map((recipient) => (
              <tr key={recipient.text}>
                <td>{recipient.label ?? '–'}</td>
                <td title={recipient.text}>
                  <code className={styles.code}>{shortKey(recipient.text)}</code>
                </td>
                <td>
                  <RelativeTime time={recipient.addedAt} />
                </td>
                <td className={table.rest}>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    disabled={stale}
                    aria-label={`Remove ${recipient.label ?? shortKey(recipient.text)}`}
                    onClick={() => setRemoving(recipient)}
                  >
                    <IconTrash size={14} aria-hidden />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {recipients.length > 0 && (
        <div className={styles.actions}>
          <Button
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            disabled={stale}
            loading={save.isPending}
            title="Only the recipients can open it; it can be sent on any way"
            onClick={() => save.mutate()}
          >
            Save key file for recipients
          </Button>
        </div>
      )}
      {save.error !== null && <ErrorNote title="The key file could not be made." error={save.error} />}
      {adding && <RecipientDialog name={name} onClose={() => setAdding(false)} />}
      <ConfirmDialog
        opened={removing !== null}
        title={`Remove ${removing?.label ?? 'the recipient'}?`}
        action="Remove and rotate"
        pending={remove.isPending}
        error={remove.error}
        onConfirm={() => removing !== null && remove.mutate(removing)}
        onClose={() => {
          setRemoving(null);
          remove.reset();
        }}
      >
        They keep the key as it is now, and can read what has been encrypted with it so far; nothing can take that back
        but encrypting it anew. From now on files are encrypted to a new generation, with a recovery phrase of its own.
      </ConfirmDialog>
    </Section>
  );
}
