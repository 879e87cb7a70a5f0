import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { useConnection } from './core-context.tsx';
import { keys } from './queries.ts';

/** Keeps the sites current as long as the app is open; whoever asks for them by `useSites` sees each change. */
export function useLiveSites(): void {
  const connection = useConnection();
  const queries = useQueryClient();
  useEffect(
    () =>
      connection.watch(
        (client, options) => client.sites.watch({}, options),
        ({ sites }) => queries.setQueryData(keys.sites, sites),
      ),
    [connection, queries],
  );
}
