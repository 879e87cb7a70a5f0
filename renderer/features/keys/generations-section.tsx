import { IconRotate } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { ProjectKey } from '../../../shared/contract/keys.ts';
import { useCore, useStale } from '../../api/core-context.tsx';
import { RelativeTime } from '../../ui/clock/relative-time.tsx';
import { ConfirmDialog } from '../../ui/confirm/confirm-dialog.tsx';
import styles from '../../ui/list-detail/list-detail.module.css';
import { Section } from '../../ui/list-detail/section.tsx';
import table from '../../ui/plain-table/plain-table.module.css';
import { shortKey } from './key-words.ts';
import type { ToWriteDown } from './phrase-dialog.tsx';

export interface GenerationsSectionProps {
  readonly projectKey: ProjectKey;
  readonly onRotated: (made: ToWriteDown) => void;
}

/** The key's generations, and the way to a new one. */
export function GenerationsSection({ projectKey, onRotated }: GenerationsSectionProps): React.JSX.Element {
  const core = useCore();
  const stale = useStale();
  const { name, generations } = projectKey;
  const [intention, setIntention] = useState<string | null>(null);
  const rotate = useMutation({
    mutationFn: (requestId: string) => core.keys.rotate({ key: name, requestId }),
    onSuccess: (made) => {
      setIntention(null);
      onRotated(made);
    },
  });
  return (
    <Section
      id="key-generations"
      title="Generations"
      action={{
        label: 'Rotate…',
        icon: <IconRotate size={14} aria-hidden />,
        disabled: stale,
        onClick: () => setIntention(crypto.randomUUID()),
      }}
    >
      <table className={table.table} aria-labelledby="key-generations">
        <thead>
          <tr>
            <th scope="col">Number</th>
            <th scope="col">Since</th>
            <th scope="col">Public key</th>
            <th scope="col">Recovery phrase</th>
            <th scope="col">On this device</th>
          </tr>
        </thead>
        <tbody>
          {generations.map((generation, i) => (
            <tr key={generation.publicKey}>
              <td>{generations.length - i}</td>
              <td>
                <RelativeTime time={generation.createdAt} />
              </td>
              <td title={generation.publicKey}>
                <code className={styles.code}>{shortKey(generation.publicKey)}</code>
              </td>
              <td>{generation.confirmed ? 'confirmed' : 'not confirmed'}</td>
              <td>{!generation.usable ? 'no access' : i === 0 ? 'encrypts and reads' : 'reads'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ConfirmDialog
        opened={intention !== null}
        title={`Rotate ${name}?`}
        action="Begin a new generation"
        pending={rotate.isPending}
        error={rotate.error}
        onConfirm={() => intention !== null && rotate.mutate(intention)}
        onClose={() => {
          setIntention(null);
          rotate.reset();
        }}
      >
        New files are encrypted to the new generation, which has a recovery phrase of its own. What is stored already is
        not touched: it is read with the old one, so keep that paper too.
      </ConfirmDialog>
    </Section>
  );
}
