import { useCallback, useRef, useState } from 'react';

import type { CoreClient } from '../../../../shared/contract/index.ts';
import type { Place } from '../../../../shared/contract/places.ts';
import { childOf } from '../../../../shared/domain/transfer/place-path.ts';
import { useCore, useSystemInfo } from '../../../api/core-context.tsx';
import type { Dropped } from '../../../ui/file-drop/dropped-files.ts';
import { pathsOf } from '../../../ui/file-drop/dropped-paths.ts';
import { uploadFiles } from '../../../ui/file-drop/upload-files.ts';
import type { UploadOptions, UploadProgress } from '../../../ui/file-drop/upload-files.ts';
import type { Sender } from './use-send.ts';

/** Files from outside on their way in: only shells that know no paths take the bytes first. */
export interface TakingIn {
  readonly take: (dropped: Dropped, onto: Place) => void;
  readonly busy: boolean;
  readonly progress: UploadProgress | null;
  readonly failure: unknown;
  readonly cancel: () => void;
  readonly dismiss: () => void;
}

/** Sends files that were dropped from the system's file manager: by their paths where they are known, else by way of a folder of the profile. One drop at a time. */
export function useDroppedFiles(send: Sender['send']): TakingIn {
  const core = useCore();
  const { dropPaths } = useSystemInfo().capabilities;
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);

  const take = (dropped: Dropped, onto: Place): void => {
    const paths = dropPaths ? pathsOf(dropped.handles) : null;
    if (paths !== null) return send({ from: paths.map((path) => ({ kind: 'local', path })), to: onto });
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setBusy(true);
    setProgress(null);
    setFailure(null);
    takeIn(core, dropped, { signal: stop.signal, onProgress: setProgress })
      .then(
        (from) => send({ from, to: onto }),
        (error: unknown) => {
          if (!stop.signal.aborted) setFailure(error);
        },
      )
      .finally(() => {
        if (running.current === stop) setBusy(false);
      });
  };
  const cancel = useCallback((): void => {
    running.current?.abort();
    setBusy(false);
  }, []);
  return { take, busy, progress, failure, cancel, dismiss: () => setFailure(null) };
}

/** Brings the bytes into a folder of the profile; resolves to what lies in it. Nothing stays when it does not work out. */
async function takeIn(
  { places }: Pick<CoreClient, 'places'>,
  dropped: Dropped,
  options: UploadOptions,
): Promise<readonly Place[]> {
  const files = await dropped.list(options.signal);
  if (files.length === 0) throw new Error('There are no files in what was dropped.');
  const drop = crypto.randomUUID();
  const { folder } = await places.beginDrop({ drop });
  try {
    await uploadFiles((piece, { signal }) => places.putDropped({ drop, ...piece }, { signal }), files, options);
  } catch (error) {
    await places.discardDrop({ drop }).catch(() => undefined); // What stays is removed at the next start.
    throw error;
  }
  return dropped.roots.map(({ name }) => childOf(folder, name));
}
