import { useCallback, useRef, useState } from 'react';

import type { Draft } from '../../../shared/contract/drafts.ts';
import type { CoreClient } from '../../../shared/contract/index.ts';
import type { Dropped } from '../../ui/file-drop/dropped-files.ts';
import { pathsOf } from '../../ui/file-drop/dropped-paths.ts';
import type { UploadProgress } from '../../ui/file-drop/upload-files.ts';
import { bringIn } from './bring-in.ts';

/** Files on their way into a draft. */
export interface BringIn {
  readonly start: (dropped: Dropped, into: Draft | null) => void;
  readonly busy: boolean;
  readonly progress: UploadProgress | null;
  readonly failure: unknown;
  readonly cancel: () => void;
  readonly dismiss: () => void;
}

/** Brings dropped files in, one drop at a time; `onDone` gets the draft that holds them. */
export function useBringIn(client: CoreClient, dropPaths: boolean, onDone: (draft: Draft) => void): BringIn {
  const [busy, setBusy] = useState(false);
  const [progress, setProgress] = useState<UploadProgress | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const running = useRef<AbortController | null>(null);

  const start = useCallback(
    (dropped: Dropped, into: Draft | null): void => {
      running.current?.abort();
      const stop = new AbortController();
      running.current = stop;
      const paths = dropPaths ? pathsOf(dropped.handles) : null;
      setBusy(true);
      setFailure(null);
      setProgress(null);
      bringIn(client, dropped, { paths, into, signal: stop.signal, onProgress: setProgress })
        .then(onDone, (error: unknown) => {
          if (!stop.signal.aborted) setFailure(error);
        })
        .finally(() => {
          if (running.current === stop) setBusy(false);
        });
    },
    [client, dropPaths, onDone],
  );
  const cancel = useCallback((): void => {
    running.current?.abort();
    setBusy(false);
  }, []);
  return { start, busy, progress, failure, cancel, dismiss: () => setFailure(null) };
}
