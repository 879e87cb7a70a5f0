import { Button } from '@mantine/core';
import { IconArrowNarrowRight } from '@tabler/icons-react';

import type { Transfer } from '../../../../shared/contract/transfers.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { visibleText } from '../../../../shared/domain/visible-text.ts';
import { RelativeTime } from '../../../ui/clock/relative-time.tsx';
import { ErrorNote } from '../../../ui/error-note/error-note.tsx';
import { StateIcon } from '../../../ui/run-state/state-icon.tsx';
import {
  amountWords,
  filesRateWords,
  hasEnded,
  isGoingOn,
  leftWords,
  rateWords,
  sourceWords,
  stateWords,
  targetWords,
  transferTone,
} from '../../../ui/transfers/transfer-words.ts';
import styles from './queue.module.css';
import { MainAct, MoreActs } from './transfer-acts.tsx';
import { useTransferActions } from './use-transfer-actions.ts';

export interface TransferRowProps {
  readonly transfer: Transfer;
  readonly stale: boolean;
  readonly onDecide: () => void;
  readonly onProblems: () => void;
  /** Shows both folders in the panes. */
  readonly onShow: () => void;
}

/** One transfer: where it stands, how fast it goes, and what can be done with it. */
export function TransferRow(props: TransferRowProps): React.JSX.Element {
  const { transfer, stale } = props;
  const { state } = transfer;
  const { act, pending, failure, dismiss } = useTransferActions(transfer);
  const tone = transferTone(state);
  const ended = hasEnded(transfer);
  const source = sourceWords(transfer);
  const target = targetWords(transfer);
  const name = `${source} to ${target}`;
  const disabled = stale || pending;
  return (
    <li className={styles.transfer} data-state={state} aria-label={name}>
      <div className={styles.line}>
        <span className={styles.state} style={{ color: `var(--state-${tone}-text)` }}>
          <StateIcon tone={tone} size={14} />
          {stateWords(transfer)}
        </span>
        <span className={styles.what} title={`${transfer.from.map(formatPlace).join('\n')}\n→ ${target}`}>
          <span className={styles.source}>{source}</span>
          <IconArrowNarrowRight size={14} aria-label="to" className={styles.arrow} />
          <span className={styles.target}>
            <bdi dir="ltr">{target}</bdi>
          </span>
        </span>
        {state === 'done' ? <span /> : <ProgressBar transfer={transfer} name={name} />}
        <span className={styles.amount} title={amountWords(transfer)}>
          {amountWords(transfer)}
        </span>
        <span className={styles.rate} title={filesRateWords(transfer) ?? undefined}>
          {ended && transfer.endedAt !== null ? <RelativeTime time={transfer.endedAt} /> : rateWords(transfer)}
        </span>
        <span className={styles.left}>{ended ? '' : leftWords(transfer.secondsLeft)}</span>
        <span className={styles.acts}>
          {state === 'needs-you' && (
            <Button size="compact-xs" disabled={stale} onClick={props.onDecide}>
              Decide…
            </Button>
          )}
          {transfer.problemCount > 0 && (
            <Button size="compact-xs" variant="default" onClick={props.onProblems}>
              {state === 'done' ? 'Warnings' : 'Problems'}
            </Button>
          )}
          <MainAct transfer={transfer} disabled={disabled} act={act} />
          <MoreActs transfer={transfer} disabled={disabled} act={act} onShow={props.onShow} />
        </span>
      </div>
      {transfer.message !== null && (
        <div className={styles.message}>
          {transfer.message} {transfer.hint}
        </div>
      )}
      {transfer.message === null && isGoingOn(transfer) && transfer.current !== null && (
        <div className={styles.current}>{visibleText(transfer.current)}</div>
      )}
      {failure !== null && <ErrorNote {...failure} onClose={dismiss} />}
    </li>
  );
}

function ProgressBar({ transfer, name }: { readonly transfer: Transfer; readonly name: string }): React.JSX.Element {
  const share = Math.max(0, Math.min(1, transfer.progress));
  const percent = Math.floor(share * 100);
  return (
    <span className={styles.progress}>
      <span
        className={styles.track}
        role="progressbar"
        aria-label={`Progress of ${name}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
      >
        <span className={styles.fill} data-tone={transferTone(transfer.state)} style={{ width: `${share * 100}%` }} />
      </span>
      <span className={styles.percent}>{transfer.state === 'planning' ? '' : `${percent} %`}</span>
    </span>
  );
}
