import { Button } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import { isAppError } from '../../shared/errors.ts';
import { SystemInfoProvider, useConnection, useConnectionState } from '../api/core-context.tsx';
import { keys } from '../api/queries.ts';
import { EmptyState } from '../ui/empty-state/empty-state.tsx';
import { errorWords } from '../ui/error-note/error-words.ts';
import styles from './start-gate.module.css';

/** Shows the app once the core has said who it is, and why not as long as it has not. */
export function StartGate({ children }: { readonly children: React.ReactNode }): React.JSX.Element {
  const connection = useConnection();
  const { state, problem } = useConnectionState();
  const info = useQuery({
    queryKey: keys.info,
    queryFn: ({ signal }) => connection.client.system.info({}, { signal }),
    staleTime: Infinity,
  });
  useRefreshAfterLoss(state);

  if (info.data) return <SystemInfoProvider value={info.data}>{children}</SystemInfoProvider>;
  const trouble = state === 'lost' ? problem : info.error;
  if (!trouble) {
    return (
      <main className={styles.gate} data-app-state="connecting">
        <p className={styles.wait} role="status">
          Connecting to Slipway…
        </p>
      </main>
    );
  }
  const { message, ref } = errorWords(trouble);
  const refused = isAppError(trouble) && trouble.code === 'unauthorized';
  return (
    <main className={styles.gate} data-app-state="failed">
      <EmptyState
        icon={<IconPlugConnectedX size={40} stroke={1.25} />}
        title={refused ? 'This tab may not use Slipway' : 'Slipway’s core does not answer'}
        actions={
          <Button
            variant="default"
            onClick={() => {
              connection.retry();
              void info.refetch();
            }}
          >
            Try again
          </Button>
        }
      >
        <p role="alert">{message}</p>
        {ref !== null && <p>In the log under {ref}.</p>}
        {!refused && <p>Runs that were started go on without it.</p>}
      </EmptyState>
    </main>
  );
}

/** What was asked before the core was lost may be wrong now: asks again for all that is on screen. */
function useRefreshAfterLoss(state: 'connecting' | 'open' | 'lost'): void {
  const queries = useQueryClient();
  const before = useRef(state);
  useEffect(() => {
    if (before.current === 'lost' && state === 'open') void queries.invalidateQueries();
    before.current = state;
  }, [state, queries]);
}
