import { inLanes } from '../run-lanes.ts';
import { localProblem } from '../local/local-problem.ts';
import { EndError } from './far-end.ts';
import type { FileOutcome } from './far-end.ts';

const FILES_AT_ONCE = 8;

/** Does something for each file of this workstation, a few at once; what fails for one is told for it alone. Being told to stop, or a disk without room, ends it all. @throws EndError `space` */
export function eachFile<T extends { readonly path: string }>(
  items: readonly T[],
  act: (item: T) => Promise<void>,
): Promise<FileOutcome[]> {
  return inLanes(items, FILES_AT_ONCE, async (item) => {
    const { path } = item;
    try {
      await act(item);
      return { path, problem: null };
    } catch (error) {
      if ((error as Error).name === 'AbortError') throw error;
      const problem = localProblem(path, error);
      if (problem.kind === 'space') throw new EndError(problem, { cause: error });
      return { path, problem };
    }
  });
}
