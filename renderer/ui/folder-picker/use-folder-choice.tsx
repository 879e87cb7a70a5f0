import { useCallback, useRef, useState } from 'react';

import type { CoreClient } from '../../../shared/contract/index.ts';
import { FolderPicker } from './folder-picker.tsx';

type Client = {
  readonly files: Pick<CoreClient['files'], 'list'>;
  readonly system: Pick<CoreClient['system'], 'pickFolder'>;
};

/** Lets a person choose a folder: with the system's dialog where the shell has one, else with our own. */
export interface FolderChoice {
  /** Resolves with the path, or null when the person cancels. */
  readonly choose: (title: string) => Promise<string | null>;
  /** Must be rendered somewhere on the page. */
  readonly dialog: React.ReactNode;
}

/** `native` = the core's capability `pickFolder`. */
export function useFolderChoice(client: Client, native: boolean): FolderChoice {
  const [title, setTitle] = useState<string | null>(null);
  const settle = useRef<((path: string | null) => void) | null>(null);

  const choose = useCallback(
    async (text: string) => {
      if (native) return (await client.system.pickFolder({ title: text })).path;
      settle.current?.(null);
      setTitle(text);
      return new Promise<string | null>((resolve) => {
        settle.current = resolve;
      });
    },
    [client, native],
  );
  const finish = (path: string | null): void => {
    settle.current?.(path);
    settle.current = null;
    setTitle(null);
  };
  const dialog = (
    <FolderPicker
      client={client}
      title={title ?? ''}
      opened={title !== null}
      onChoose={finish}
      onClose={() => finish(null)}
    />
  );
  return { choose, dialog };
}
