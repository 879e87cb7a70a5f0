import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import type { Transfer } from '../../../../shared/contract/transfers.ts';
import { useCore } from '../../../api/core-context.tsx';
import { useTransfers } from '../../../api/live-transfers.ts';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { hasEnded, sumWords } from '../../../ui/transfers/transfer-words.ts';
import { ConflictsDialog } from './conflicts-dialog.tsx';
import { LimitMenu } from './limit-menu.tsx';
import { ProblemsDialog } from './problems-dialog.tsx';
import styles from './queue.module.css';
import { TransferRow } from './transfer-row.tsx';
import { WatchRow } from './watch-row.tsx';

export interface QueueProps {
  readonly stale: boolean;
  /** Shows the folders of a transfer in the panes. */
  readonly onShow: (of: Pick<Transfer, 'from' | 'to'>) => void;
  /** What is going on before a transfer can begin, such as files that are being taken in. */
  readonly children?: React.ReactNode;
}

/** The transfers, newest first, and the folders that are kept in step. */
export function Queue({ stale, onShow, children }: QueueProps): React.JSX.Element {
  const core = useCore();
  const { loaded, transfers, watches, bytesPerSecondLimit, problem } = useTransfers();
  const [deciding, setDeciding] = useState<string | null>(null);
  const [problemsOf, setProblemsOf] = useState<string | null>(null);
  const ended = transfers.filter(({ state }) => state === 'done' || state === 'cancelled');
  const clear = useMutation({ mutationFn: () => core.transfers.forget({ transfers: ended.map(({ id }) => id) }) });
  const decided = transfers.find(({ id }) => id === deciding);
  const troubled = transfers.find(({ id }) => id === problemsOf);
  return (
    <section className={styles.queue} aria-label="Transfers">
      <div className={styles.head}>
        <h2 className={styles.title}>Transfers</h2>
        <span className={styles.quiet}>{sumWords(transfers) ?? ''}</span>
        <span className={styles.spacer} />
        <LimitMenu bytesPerSecond={bytesPerSecondLimit} stale={stale} />
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          disabled={stale || ended.length === 0}
          loading={clear.isPending}
          onClick={() => clear.mutate()}
        >
          Clear done
        </Button>
      </div>
      <div className={styles.list}>
        {problem !== null && <ErrorNote title="The transfers cannot be followed." error={problem} />}
        {clear.error !== null && (
          <ErrorNote title="The list could not be cleared." error={clear.error} onClose={clear.reset} />
        )}
        {children}
        {watches.length > 0 && (
          <ul className={styles.rows} aria-label="Folders kept in step">
            {watches.map((watch) => (
              <WatchRow key={watch.id} watch={watch} stale={stale} />
            ))}
          </ul>
        )}
        {transfers.length > 0 && (
          <ul className={styles.rows} aria-label="Transfers">
            {transfers.map((transfer) => (
              <TransferRow
                key={transfer.id}
                transfer={transfer}
                stale={stale}
                onDecide={() => setDeciding(transfer.id)}
                onProblems={() => setProblemsOf(transfer.id)}
                onShow={() => onShow(transfer)}
              />
            ))}
          </ul>
        )}
        {loaded && transfers.length === 0 && watches.length === 0 && (
          <p className={styles.none}>
            Nothing is on its way. Choose files and press F6, or drag them from one pane to the other. Transfers go on
            after a restart, and are done only once every file is proven to be there.
          </p>
        )}
      </div>
      {decided !== undefined && !hasEnded(decided) && (
        <ConflictsDialog transfer={decided} onClose={() => setDeciding(null)} />
      )}
      {troubled !== undefined && <ProblemsDialog transfer={troubled} onClose={() => setProblemsOf(null)} />}
    </section>
  );
}
