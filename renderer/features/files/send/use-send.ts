import { useMutation } from '@tanstack/react-query';

import type { Place } from '../../../../shared/contract/places.ts';
import type { TransferOptions } from '../../../../shared/contract/transfers.ts';
import { useCore } from '../../../api/core-context.tsx';

export interface SendRequest {
  readonly from: readonly Place[];
  /** The folder that they go into. */
  readonly to: Place;
  readonly options?: Partial<TransferOptions>;
}

export interface Sender {
  readonly send: (request: SendRequest) => void;
  readonly failure: unknown;
  readonly dismiss: () => void;
}

/** Begins transfers. They show in the queue; only what could not begin is told here. */
export function useSend(): Sender {
  const core = useCore();
  const begin = useMutation({
    mutationFn: ({ from, to, options }: SendRequest) =>
      core.transfers.start({
        requestId: crypto.randomUUID(),
        from: [...from],
        to,
        into: true,
        options: { ...options },
      }),
  });
  return { send: (request) => begin.mutate(request), failure: begin.error, dismiss: begin.reset };
}
