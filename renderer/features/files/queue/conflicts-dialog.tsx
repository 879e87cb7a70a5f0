import { Modal, NativeSelect, SegmentedControl, Skeleton } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import type { Transfer, TransferConflict } from '../../../../shared/contract/transfers.ts';
import { formatBytes } from '../../../../shared/domain/units.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { useCore } from '../../../api/core-context.tsx';
import { keys } from '../../../api/queries.ts';
import { DialogActions } from '../../../ui/dialog-actions/dialog-actions.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { targetWords } from '../../../ui/transfers/transfer-words.ts';
import { countText, plural } from '../../../ui/words/number-words.ts';
import { exactTime, stampTime } from '../../../ui/words/time-words.ts';
import styles from './queue.module.css';

type ForAll = 'replace' | 'skip' | 'keep-both' | 'newer';
type ForOne = Exclude<ForAll, 'newer'>;

const FOR_ONE: readonly { readonly value: ForOne; readonly label: string }[] = [
  { value: 'replace', label: 'Replace' },
  { value: 'skip', label: 'Skip' },
  { value: 'keep-both', label: 'Keep both' },
];
const FOR_ALL: readonly { readonly value: ForAll; readonly label: string }[] = [
  { value: 'newer', label: 'Keep the newer' },
  ...FOR_ONE,
];
const MEANS: Record<ForAll, string> = {
  newer: 'A file is replaced where the one that comes is newer.',
  replace: 'The files that are there are replaced.',
  skip: 'The files that are there stay as they are.',
  'keep-both': 'What comes gets a name of its own beside what is there.',
};

/** Asks what to do with files that are there already and differ: for all, and for single ones. Nothing has been written yet. */
export function ConflictsDialog({
  transfer,
  onClose,
}: {
  readonly transfer: Transfer;
  readonly onClose: () => void;
}): React.JSX.Element {
  const core = useCore();
  const [all, setAll] = useState<ForAll>('newer');
  const [single, setSingle] = useState<Readonly<Record<string, ForOne>>>({});
  const plan = useQuery({
    queryKey: keys.transferPlan(transfer.id),
    queryFn: ({ signal }) => core.transfers.plan({ transfer: transfer.id }, { signal }),
    staleTime: Infinity,
    gcTime: 0,
  });
  const decide = useMutation({
    mutationFn: () => core.transfers.decide({ transfer: transfer.id, all, single }),
    onSuccess: onClose,
  });
  const count = plan.data?.conflictCount ?? transfer.conflictCount;
  const listed = plan.data?.conflicts ?? [];
  return (
    <Modal
      opened
      onClose={onClose}
      size={880}
      title={<strong>{count === 1 ? 'A file is there already' : `${countText(count)} files are there already`}</strong>}
    >
      <div className={styles.dialog}>
        <p>
          {targetWords(transfer)} holds {plural(count, 'file')} of the same name with another content. Nothing has been
          written yet.
        </p>
        <div>
          <SegmentedControl
            aria-label="For all files"
            data={[...FOR_ALL]}
            value={all}
            onChange={(value) => setAll(FOR_ALL.find((choice) => choice.value === value)?.value ?? all)}
          />
          <p className={styles.quiet}>{MEANS[all]}</p>
        </div>
        {plan.error !== null ? (
          <ErrorNote title="The files cannot be listed." error={plan.error} />
        ) : plan.data === undefined ? (
          <Skeleton height={120} />
        ) : (
          <div className={styles.conflicts} tabIndex={0} role="region" aria-label="Files that differ">
            <table>
              <thead>
                <tr>
                  <th scope="col">File</th>
                  <th scope="col">Comes</th>
                  <th scope="col">Is there</th>
                  <th scope="col">This one</th>
                </tr>
              </thead>
              <tbody>
                {listed.map((conflict) => (
                  <tr key={conflict.path}>
                    <td className={styles.path}>{visibleText(conflict.path)}</td>
                    <td>
                      <Side conflict={conflict} side="source" other="target" />
                    </td>
                    <td>
                      <Side conflict={conflict} side="target" other="source" />
                    </td>
                    <td>
                      <NativeSelect
                        aria-label={`What to do with ${visibleText(conflict.path)}`}
                        value={single[conflict.path] ?? ''}
                        data={[{ value: '', label: 'As for all' }, ...FOR_ONE]}
                        onChange={(event) => setSingle(withChoice(single, conflict.path, event.currentTarget.value))}
                      />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {plan.data !== undefined && listed.length < count && (
          <p className={styles.quiet}>
            The first {countText(listed.length)} are listed. For the other {countText(count - listed.length)} counts
            what is chosen for all.
          </p>
        )}
        {decide.error !== null && <ErrorNote title="That did not work." error={decide.error} />}
        <DialogActions
          cancel="Decide later"
          onCancel={onClose}
          action="Go on"
          pending={decide.isPending}
          onAction={() => decide.mutate()}
        />
      </div>
    </Modal>
  );
}

function withChoice(
  single: Readonly<Record<string, ForOne>>,
  path: string,
  value: string,
): Readonly<Record<string, ForOne>> {
  const others = Object.fromEntries(Object.entries(single).filter(([known]) => known !== path));
  const choice = FOR_ONE.find((one) => one.value === value);
  return choice === undefined ? others : { ...others, [path]: choice.value };
}

interface SideProps {
  readonly conflict: TransferConflict;
  readonly side: 'source' | 'target';
  readonly other: 'source' | 'target';
}

/** Size and time of one side; the newer one says so. */
function Side({ conflict, side, other }: SideProps): React.JSX.Element {
  const { size, modifiedAt } = conflict[side];
  if (modifiedAt === null) return <>{formatBytes(size)}</>;
  const against = conflict[other].modifiedAt;
  return (
    <span title={exactTime(modifiedAt)}>
      {formatBytes(size)}, {stampTime(modifiedAt)}
      {against !== null && modifiedAt > against && ' (newer)'}
    </span>
  );
}
