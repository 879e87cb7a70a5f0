import { useEffect, useState } from 'react';

import type { CoreClient } from '../../../shared/contract/index.ts';

type FilesClient = { readonly files: Pick<CoreClient['files'], 'list'> };
export type FolderListing = Awaited<ReturnType<CoreClient['files']['list']>>;

/** The content of a folder of this workstation. While another folder loads, the last listing stays. */
export function useFolderListing(
  client: FilesClient,
  path: string | null,
): { readonly listing: FolderListing | null; readonly problem: string | null; readonly loading: boolean } {
  const [listing, setListing] = useState<FolderListing | null>(null);
  const [answer, setAnswer] = useState<{ readonly path: string | null; readonly problem: string | null } | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    client.files.list({ path }, { signal: stop.signal }).then(
      (found) => {
        if (stop.signal.aborted) return;
        setListing(found);
        setAnswer({ path, problem: null });
      },
      (error: unknown) => {
        if (stop.signal.aborted) return;
        setAnswer({ path, problem: error instanceof Error ? error.message : String(error) });
      },
    );
    return () => stop.abort();
  }, [client, path]);
  const current = answer !== null && answer.path === path;
  return { listing, problem: current ? answer.problem : null, loading: !current };
}
