import { useQuery } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';

import type { CoreClient } from '../../../../shared/contract/index.ts';
import { useCore } from '../../../api/core-context.tsx';
import { keys, useSites } from '../../../api/queries.ts';

export type PlaceRoots = Awaited<ReturnType<CoreClient['places']['roots']>>;

/** Where one can begin; asked again when there are other sites. */
export function usePlaceRoots(): UseQueryResult<PlaceRoots> {
  const core = useCore();
  const names = useSites().data?.map(({ name, workdir }) => `${name} ${workdir ?? ''}`) ?? [];
  return useQuery({
    queryKey: [...keys.placeRoots, ...names],
    queryFn: ({ signal }) => core.places.roots({}, { signal }),
    placeholderData: (before) => before,
  });
}
