import { useEffect } from 'react';

import type { CoreClient } from '../../../shared/contract/index.ts';
import { useDropStore } from '../../ui/file-drop/drop-store.ts';
import type { BringIn } from './use-bring-in.ts';

/** Takes what was dropped anywhere in the app: into the open draft when it owns its files, else into a new one. */
export function useDropTaker(client: CoreClient, draft: string | undefined, start: BringIn['start']): void {
  const pending = useDropStore((state) => state.pending);
  useEffect(() => {
    if (pending === null) return;
    const dropped = useDropStore.getState().take();
    if (!dropped) return;
    if (draft === undefined) {
      start(dropped, null);
      return;
    }
    client.drafts.get({ draft }).then(
      (into) => start(dropped, into),
      () => start(dropped, null),
    );
  }, [client, draft, pending, start]);
}
