import { ActionIcon, Switch } from '@mantine/core';
import { IconArrowNarrowRight, IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';

import type { FolderWatch } from '../../../../shared/contract/transfers.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { useCore } from '../../../api/core-context.tsx';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../../ui/run-state/state-icon.tsx';
import type { Tone } from '../../../ui/run-state/state-words.ts';
import styles from './queue.module.css';

const STATES: Record<FolderWatch['state'], { readonly tone: Tone; readonly words: string }> = {
  'in-step': { tone: 'done', words: 'In step' },
  looking: { tone: 'running', words: 'Comparing' },
  moving: { tone: 'running', words: 'Bringing in step' },
  waiting: { tone: 'queued', words: 'Waiting' },
  off: { tone: 'planned', words: 'Off' },
};

/** A folder that is kept in step with another one. */
export function WatchRow({
  watch,
  stale,
}: {
  readonly watch: FolderWatch;
  readonly stale: boolean;
}): React.JSX.Element {
  const core = useCore();
  const set = useMutation({
    mutationFn: (enabled: boolean) => core.transfers.setWatch({ watch: watch.id, enabled }),
  });
  const remove = useMutation({ mutationFn: () => core.transfers.removeWatch({ watch: watch.id }) });
  const { tone, words } = STATES[watch.state];
  const from = formatPlace(watch.from);
  const to = formatPlace(watch.to);
  const error = set.error ?? remove.error;
  return (
    <li className={styles.transfer} aria-label={`${from} kept in step with ${to}`}>
      <div className={styles.line}>
        <span className={styles.state} style={{ color: `var(--state-${tone}-text)` }}>
          <StateIcon tone={tone} size={14} />
          {words}
        </span>
        <span className={styles.what} data-wide title={`${from}\n→ ${to}`}>
          <span className={styles.source}>{from}</span>
          <IconArrowNarrowRight size={14} aria-label="to" className={styles.arrow} />
          <span className={styles.target}>
            <bdi dir="ltr">{to}</bdi>
          </span>
        </span>
        <span className={styles.since}>
          {watch.inStepAt !== null && (
            <>
              in step <RelativeTime time={watch.inStepAt} />
            </>
          )}
        </span>
        <span className={styles.acts}>
          <Switch
            aria-label={`Keep ${to} in step`}
            checked={watch.enabled}
            disabled={stale || set.isPending}
            onChange={(event) => set.mutate(event.currentTarget.checked)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size={22}
            aria-label="No longer keep in step"
            title="No longer keep in step. Nothing is deleted."
            disabled={stale || remove.isPending}
            onClick={() => remove.mutate()}
          >
            <IconX size={15} />
          </ActionIcon>
        </span>
      </div>
      {watch.message !== null && <div className={styles.message}>{watch.message}</div>}
      {error !== null && <ErrorNote title="That did not work." error={error} />}
    </li>
  );
}
