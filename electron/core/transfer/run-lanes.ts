/**
 * Runs works side by side. When one fails the others are told to stop, and all have ended before the first failure is thrown: nothing goes on behind the back of
 * whoever asked.
 */
export async function runLanes(
  works: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  let failure: { readonly error: unknown } | null = null;
  await Promise.all(
    works.map(async (work) => {
      try {
        await work(either);
      } catch (error) {
        failure ??= { error };
        stop.abort();
      }
    }),
  );
  signal.throwIfAborted();
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}

/** Does something for each item, so many at once; the results are in the order of the items. @throws the first failure, at once */
export async function inLanes<T, R>(items: readonly T[], lanes: number, act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      results[at] = await act(items[at]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
  return results;
}
