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
