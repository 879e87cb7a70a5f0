import { createContext, useContext, useSyncExternalStore } from 'react';

import type { CoreContract } from '../../shared/contract/index.ts';
import type { FolderWatch, Transfer } from '../../shared/contract/transfers.ts';
import type { Connection } from './connection.ts';
import { FollowedView } from './followed-view.ts';

/** All transfers that are not forgotten, newest first, and what is kept in step. */
export interface TransfersView {
  /** False until the first answer. */
  readonly loaded: boolean;
  readonly transfers: readonly Transfer[];
  readonly watches: readonly FolderWatch[];
  /** For all transfers together; null = no limit. */
  readonly bytesPerSecondLimit: number | null;
  /** Why they cannot be had; null = they can. */
  readonly problem: unknown;
}

const EMPTY: TransfersView = {
  loaded: false,
  transfers: [],
  watches: [],
  bytesPerSecondLimit: null,
  problem: null,
};

/** The transfers, followed as long as somebody looks. The last view stays while the core is not heard. */
export class LiveTransfers extends FollowedView<TransfersView> {
  readonly #connection: Pick<Connection<CoreContract>, 'watch'>;

  constructor(connection: Pick<Connection<CoreContract>, 'watch'>) {
    super(EMPTY);
    this.#connection = connection;
  }

  protected follow(): () => void {
    return this.#connection.watch(
      (client, options) => client.transfers.watch({}, options),
      (item) => this.show({ ...item, loaded: true, problem: null }),
      (problem) => this.show({ ...this.getSnapshot(), problem }),
    );
  }
}

const TransfersContext = createContext<LiveTransfers | null>(null);

/** Lends the transfers to all pages below, so that they are followed once. */
export const LiveTransfersProvider = TransfersContext.Provider;

export function useTransfers(): TransfersView {
  const transfers = useContext(TransfersContext);
  if (transfers === null) throw new Error('useTransfers needs a LiveTransfersProvider above it');
  return useSyncExternalStore(transfers.subscribe, transfers.getSnapshot);
}
