import { watch } from 'chokidar';
import { basename } from 'node:path';
import { isOwnName } from '../local/part-names.ts';

/** Nothing has changed for this long: a program that writes many files has probably ended. */
const SETTLE_MS = 2000;

export interface FolderEventsOptions {
  readonly path: string;
  /** Something below the folder has changed, and it is quiet now. */
  readonly onChange: () => void;
  /** The system does not tell of changes (any more), in words; looks at intervals go on. */
  readonly onBlind: (why: string) => void;
}

const LIMITS = 'the system watches no more files (fs.inotify.max_user_watches)';
const WHY: Readonly<Record<string, string>> = { ENOSPC: LIMITS, EMFILE: LIMITS, EACCES: 'a folder may not be read' };

/** Listens to what the system tells of a folder. What it tells are hints: network drives tell nothing, and limits are met in silence. */
export class FolderEvents {
  readonly #watcher;
  #settling: NodeJS.Timeout | null = null;

  constructor({ path, onChange, onBlind }: FolderEventsOptions) {
    this.#watcher = watch(path, { ignoreInitial: true, ignored: (path) => isOwnName(basename(path)) });
    this.#watcher.on('all', () => {
      if (this.#settling !== null) clearTimeout(this.#settling);
      this.#settling = setTimeout(onChange, SETTLE_MS);
    });
    // Without a listener an error would end the process.
    this.#watcher.on('error', (error) => {
      const { code, message } = error as NodeJS.ErrnoException;
      onBlind(WHY[code ?? ''] ?? message);
    });
  }

  async close(): Promise<void> {
    if (this.#settling !== null) clearTimeout(this.#settling);
    await this.#watcher.close();
  }
}
