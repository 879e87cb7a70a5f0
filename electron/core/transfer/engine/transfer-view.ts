import type { Transfer, TransferPlan, TransferProblem } from '../../../../shared/contract/transfers.ts';
import type { TransferFile } from '../../storage/transfer-file-store.ts';
import type { TransferRow } from '../../storage/transfer-store.ts';
import type { ProgressMeter } from './progress-meter.ts';

/** A transfer as the contract shows it. */
export function transferView(
  row: TransferRow,
  meter: ProgressMeter | null,
  problems: readonly TransferProblem[],
): Transfer {
  const live = meter?.now ?? null;
  // What is known of the pace tells nothing of how long hashes take.
  const moving = row.state === 'moving' ? live : null;
  const isDone = row.state === 'done';
  const share = row.totalBytes === 0 ? 0 : row.arrivedBytes / row.totalBytes;
  return {
    id: row.id,
    from: row.request.from,
    to: row.request.to,
    into: row.request.into,
    options: { ...row.request.options, priority: row.priority },
    direction: row.direction,
    state: row.state,
    message: row.message,
    hint: row.hint,
    files: {
      total: row.totalFiles,
      done: live?.filesDone ?? row.arrivedFiles,
      same: row.plan?.sameFiles ?? 0,
      published: live?.filesPublished ?? null,
    },
    bytes: { total: row.totalBytes, done: live?.bytesDone ?? row.arrivedBytes, reused: row.reusedBytes },
    progress: isDone ? 1 : Math.min(0.999, live?.progress ?? share),
    bytesPerSecond: moving?.bytesPerSecond ?? null,
    filesPerSecond: moving?.filesPerSecond ?? null,
    secondsLeft: moving?.secondsLeft ?? null,
    current: live?.current ?? null,
    problemCount: row.problemCount,
    problems: [...problems],
    conflictCount: row.conflictCount,
    watch: row.watch,
    createdAt: new Date(row.createdAt).toISOString(),
    endedAt: row.endedAt === null ? null : new Date(row.endedAt).toISOString(),
  };
}

type Action = TransferPlan['actions'][number];
type Conflict = TransferPlan['conflicts'][number];

export function actionOf({
  targetPath: path,
  action,
  size: bytes,
}: Pick<TransferFile, 'targetPath' | 'action' | 'size'>): Action {
  return { path, action, bytes };
}

export function conflictOf(
  file: Pick<TransferFile, 'targetPath' | 'size' | 'modifiedAt' | 'targetSize' | 'targetModifiedAt'>,
): Conflict {
  return {
    path: file.targetPath,
    source: { size: file.size, modifiedAt: file.modifiedAt },
    target: { size: file.targetSize ?? 0, modifiedAt: file.targetModifiedAt },
  };
}
