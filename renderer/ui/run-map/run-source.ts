import type { RunState } from '../../../shared/domain/run-state.ts';

/** Where a run map reads states from. Reading is free of React: ten thousand changes a second reach the canvas without a render. */
export interface RunSource {
  readonly count: number;
  readonly stateOf: (run: number) => RunState;
  /** Tells which runs changed (`all` after a reconnect); returns the way to stop listening. */
  readonly subscribe: (listener: (changed: readonly number[] | 'all') => void) => () => void;
}
