import { useMutation } from '@tanstack/react-query';

import type { CoreClient } from '../../../../shared/contract/index.ts';
import type { Transfer, TransferOptions } from '../../../../shared/contract/transfers.ts';
import { useCore } from '../../../api/core-context.tsx';

/** What a person does to one transfer by a button. */
export type TransferAct =
  | { readonly act: 'pause' | 'resume' | 'retry' | 'cancel' | 'forget' }
  | { readonly act: 'prioritize'; readonly priority: TransferOptions['priority'] };

const FAILED: Record<TransferAct['act'], string> = {
  pause: 'It could not be paused.',
  resume: 'It could not go on.',
  retry: 'It could not be tried again.',
  cancel: 'It could not be cancelled.',
  forget: 'It could not be taken off the list.',
  prioritize: 'Its priority could not be changed.',
};

export interface TransferActions {
  readonly act: (act: TransferAct) => void;
  readonly pending: boolean;
  readonly failure: { readonly title: string; readonly error: unknown } | null;
  readonly dismiss: () => void;
}

/** Acts on a transfer; what went wrong is kept until the next act. */
export function useTransferActions(transfer: Transfer): TransferActions {
  const core = useCore();
  const work = useMutation({ mutationFn: (act: TransferAct) => doAct(core, transfer.id, act) });
  return {
    act: (act) => work.mutate(act),
    pending: work.isPending,
    failure: work.isError ? { title: FAILED[work.variables.act], error: work.error } : null,
    dismiss: work.reset,
  };
}

function doAct({ transfers }: CoreClient, transfer: string, act: TransferAct): Promise<unknown> {
  if (act.act === 'forget') return transfers.forget({ transfers: [transfer] });
  if (act.act === 'prioritize') return transfers.prioritize({ transfer, priority: act.priority });
  return transfers[act.act]({ transfer });
}
