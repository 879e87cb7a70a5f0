import type { FileOutcome } from '../far-end.ts';
import { problemOfOne } from './s3-problem.ts';

/** Works that wait here for their turn; how many requests go to the store at once its gate decides. */
export const AT_ONCE = 32;

/** Does something for each item, many at once. When one throws the others end, too, before it is told. */
export async function inParallel<T>(
  items: Iterable<T>,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
  atOnce = AT_ONCE,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const rest = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | null = null;
  const lane = async (): Promise<void> => {
    for (let next = rest.next(); next.done !== true && failure === null; next = rest.next()) {
      try {
        either.throwIfAborted();
        await work(next.value, either);
      } catch (error) {
        failure ??= { error };
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  signal.throwIfAborted();
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}

/** The same, telling for each item how it went. @throws EndError when all would fare the same */
export async function outcomeOfEach<T extends { readonly path: string }>(
  items: readonly T[],
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = [];
  await inParallel(items.entries(), signal, async ([at, item], either) => {
    try {
      await work(item, either);
      outcomes[at] = { path: item.path, problem: null };
    } catch (error) {
      either.throwIfAborted();
      outcomes[at] = { path: item.path, problem: problemOfOne(error) };
    }
  });
  return outcomes;
}
