/** Polls until the condition holds; for what only the file system or another process can show. Half of the time is left to what is waited for. */
export async function eventually<T>(look: () => T | Promise<T>, seconds = 40): Promise<NonNullable<Awaited<T>>> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const began = performance.now();
    const found = await look();
    if (found) return found as NonNullable<Awaited<T>>;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s`);
    const pause = Math.min(Math.max(performance.now() - began, 25), 1000);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
