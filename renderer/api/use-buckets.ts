import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';

import type { Bucket } from '../../shared/contract/buckets.ts';
import { useConnection, useCore } from './core-context.tsx';
import { keys } from './queries.ts';

/** The customer's buckets; kept current while the component shows. */
export function useBuckets(): UseQueryResult<readonly Bucket[]> {
  const connection = useConnection();
  const core = useCore();
  const queries = useQueryClient();
  useEffect(
    () =>
      connection.watch(
        (client, options) => client.buckets.watch({}, options),
        ({ buckets }) => queries.setQueryData(keys.buckets, buckets),
      ),
    [connection, queries],
  );
  return useQuery({
    queryKey: keys.buckets,
    queryFn: async ({ signal }) => (await core.buckets.list({}, { signal })).buckets,
    staleTime: 60_000,
  });
}
