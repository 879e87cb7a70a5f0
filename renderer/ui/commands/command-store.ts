import { useEffect, useRef } from 'react';
import { create } from 'zustand';

/** Something that the command field can do. */
export interface Command {
  /** Stable within the app: `job.cancel`. */
  readonly id: string;
  /** A verb: `Cancel job`. */
  readonly title: string;
  /** Where it belongs: `Job`, `App`. */
  readonly group: string;
  /** Further words that find it. */
  readonly keywords?: string;
  /** False = greyed out on the page, so not offered. */
  readonly enabled?: boolean;
  readonly run: () => void;
}

interface CommandState {
  readonly bySource: ReadonlyMap<symbol, readonly Command[]>;
  readonly offer: (source: symbol, commands: readonly Command[]) => void;
  readonly withdraw: (source: symbol) => void;
}

/** The commands of all that is on screen. */
export const useCommandStore = create<CommandState>()((set, get) => ({
  bySource: new Map(),
  offer: (source, commands) => set({ bySource: new Map(get().bySource).set(source, commands) }),
  withdraw: (source) => {
    const bySource = new Map(get().bySource);
    bySource.delete(source);
    set({ bySource });
  },
}));

/** Offers commands in the command field while the component shows. Titles and enabling are watched; `run` is always the newest. */
export function useCommands(commands: readonly Command[]): void {
  const newest = useRef(commands);
  useEffect(() => {
    newest.current = commands;
  });
  const shape = JSON.stringify(
    commands
      .filter(({ enabled }) => enabled !== false)
      .map(({ id, title, group, keywords }) => ({ id, title, group, keywords })),
  );
  useEffect(() => {
    const source = Symbol('commands');
    const { offer, withdraw } = useCommandStore.getState();
    const offered = (JSON.parse(shape) as readonly Omit<Command, 'run'>[]).map((command) => ({
      ...command,
      run: () => newest.current.find(({ id }) => id === command.id)?.run(),
    }));
    offer(source, offered);
    return () => withdraw(source);
  }, [shape]);
}
