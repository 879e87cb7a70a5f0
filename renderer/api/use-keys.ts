import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { ProjectKey } from '../../shared/contract/keys.ts';
import type { SecretsStatus } from '../../shared/contract/secrets.ts';
import { useConnection, useCore } from './core-context.tsx';
import { keys } from './queries.ts';

/** The project keys, and the public half of this device's own key (null until there is one). */
export interface KnownKeys {
  readonly keys: readonly ProjectKey[];
  readonly device: string | null;
}

/** What keys there are; kept current while the component shows. */
export function useKeys(): UseQueryResult<KnownKeys> {
  const connection = useConnection();
  const core = useCore();
  const queries = useQueryClient();
  useEffect(
    () =>
      connection.watch(
        (client, options) => client.keys.watch({}, options),
        (known) => {
          queries.setQueryData(keys.projectKeys, known);
          // What changes a key may have opened or made the vault.
          void queries.invalidateQueries({ queryKey: keys.secrets });
        },
      ),
    [connection, queries],
  );
  return useQuery({
    queryKey: keys.projectKeys,
    queryFn: ({ signal }) => core.keys.list({}, { signal }),
    staleTime: 60_000,
  });
}

/** Where secrets are kept on this device. */
export function useSecretsStatus(): UseQueryResult<SecretsStatus> {
  const core = useCore();
  return useQuery({ queryKey: keys.secrets, queryFn: ({ signal }) => core.secrets.status({}, { signal }) });
}
