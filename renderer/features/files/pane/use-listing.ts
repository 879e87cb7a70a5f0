import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { UseQueryResult } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

import type { Place, PlaceListing } from '../../../../shared/contract/places.ts';
import { formatPlace } from '../../../../shared/domain/transfer/place.ts';
import { ownerOf } from '../../../../shared/domain/transfer/place-path.ts';
import { useCore, useStale } from '../../../api/core-context.tsx';
import { keys, useSites } from '../../../api/queries.ts';

/** Milliseconds after which a folder of this workstation is looked at again by itself. Sites are not asked without a reason. */
const LOOK_AGAIN_MS = 5000;
/** Milliseconds during which a listing is as good as new. */
const FRESH_MS = 1500;
/** A folder with more entries than this is looked at again only when it is asked for. */
const LARGE_FOLDER = 5000;

/**
 * The content of a folder. While another folder of the same place is read, the last one stays (`isPlaceholderData`). A failed look keeps what was seen before; a site that is signed in to
 * again is looked at again.
 */
export function useListing(place: Place | null): UseQueryResult<PlaceListing> {
  const core = useCore();
  const queries = useQueryClient();
  const listing = useQuery<PlaceListing>({
    queryKey: keys.folder(place === null ? '' : formatPlace(place)),
    queryFn: async ({ signal }) => {
      const found = await core.places.list({ place: place! }, { signal });
      // The page goes on under the folder's real name; it need not be read twice.
      const real = formatPlace(found.place);
      if (real !== formatPlace(place!)) queries.setQueryData(keys.folder(real), found);
      return found;
    },
    enabled: place !== null,
    staleTime: FRESH_MS,
    placeholderData: (last) =>
      last !== undefined && place !== null && ownerOf(last.place) === ownerOf(place) ? last : undefined,
    // Comparing old and new is not worth it where each look may bring 100,000 entries.
    structuralSharing: false,
    refetchInterval: ({ state }) =>
      place?.kind === 'local' && state.data !== undefined && state.data.entries.length <= LARGE_FOLDER
        ? LOOK_AGAIN_MS
        : false,
  });
  const stale = useStale();
  const connected = useConnected(place) && !stale;
  const { isError, refetch } = listing;
  const was = useRef(connected);
  useEffect(() => {
    if (connected && !was.current && isError) void refetch();
    was.current = connected;
  }, [connected, isError, refetch]);
  return listing;
}

/** Whether the site of a place is signed in to; true for what is no site. */
function useConnected(place: Place | null): boolean {
  const sites = useSites();
  if (place?.kind !== 'site') return true;
  const site = sites.data?.find(({ name }) => name === place.site);
  const through = site?.transferHost?.connection ?? site?.connection;
  return through?.state === 'connected';
}
