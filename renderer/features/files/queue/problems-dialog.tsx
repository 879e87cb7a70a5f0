import { Button, Modal, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';

import type { Transfer } from '../../../../shared/contract/transfers.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { useCore } from '../../../api/core-context.tsx';
import { keys } from '../../../api/queries.ts';
import { DialogActions } from '../../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../../ui/run-state/state-icon.tsx';
import { sourceWords } from '../../../ui/transfers/transfer-words.ts';
import { countText, plural } from '../../../ui/words/number-words.ts';
import styles from './queue.module.css';

const PAGE = 200;

/** What did not get there, and what of a file was lost, one by one. */
export function ProblemsDialog({
  transfer,
  onClose,
}: {
  readonly transfer: Transfer;
  readonly onClose: () => void;
}): React.JSX.Element {
  const core = useCore();
  const pages = useInfiniteQuery({
    queryKey: [...keys.transferProblems(transfer.id), transfer.problemCount],
    queryFn: ({ pageParam, signal }) =>
      core.transfers.problems({ transfer: transfer.id, offset: pageParam, limit: PAGE }, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ total, problems: last }, all) => {
      const seen = all.reduce((sum, { problems }) => sum + problems.length, 0);
      return seen < total && last.length > 0 ? seen : undefined;
    },
  });
  const problems = pages.data?.pages.flatMap((page) => page.problems) ?? [];
  const total = pages.data?.pages[0]?.total ?? transfer.problemCount;
  return (
    <Modal
      opened
      onClose={onClose}
      size={760}
      title={
        <strong>
          {plural(total, transfer.state === 'done' ? 'warning' : 'problem')} with {sourceWords(transfer)}
        </strong>
      }
    >
      <div className={styles.dialog}>
        {pages.error !== null && <ErrorNote title="The problems cannot be listed." error={pages.error} />}
        {pages.isPending && <Skeleton height={120} />}
        <ul className={styles.problems} tabIndex={0} aria-label="Problems">
          {problems.map(({ path, severity, message, hint }, i) => (
            <li key={i}>
              <StateIcon tone={severity === 'error' ? 'failed' : 'attention'} size={14} />
              <div>
                {path !== '' && <code className={styles.path}>{visibleText(path)}</code>}
                <div>
                  {message} {hint}
                </div>
              </div>
            </li>
          ))}
        </ul>
        <DialogActions action="Close" onAction={onClose}>
          {pages.hasNextPage && (
            <Button variant="default" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
              Show more ({countText(total - problems.length)} left)
            </Button>
          )}
        </DialogActions>
      </div>
    </Modal>
  );
}
