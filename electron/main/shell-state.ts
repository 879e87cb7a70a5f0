import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { z } from '../../shared/zod.ts';

const shellState = z.object({
  /** Where the window was when it was not maximised. */
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int(), height: z.int() }).nullable().catch(null),
  maximized: z.boolean().catch(false),
  /** Where the last folder dialog ended. */
  lastFolder: z.string().nullable().catch(null),
});
export type ShellState = Readonly<z.infer<typeof shellState>>;

const NOTHING: ShellState = { bounds: null, maximized: false, lastFolder: null };

/** Small things the shell remembers in a file. They are conveniences: what cannot be read or written is forgotten. */
export interface ShellMemory {
  get(): ShellState;
  set(change: Partial<ShellState>): void;
}

function read(path: string): ShellState {
  try {
    return shellState.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return NOTHING;
  }
}

export function openShellMemory(path: string): ShellMemory {
  let state = read(path);
  return {
    get: () => state,
    set: (change) => {
      state = { ...state, ...change };
      try {
        writeFileSync(`${path}.part`, JSON.stringify(state));
        renameSync(`${path}.part`, path);
      } catch {
        // A full or read-only disk must not keep the window from closing.
      }
    },
  };
}
