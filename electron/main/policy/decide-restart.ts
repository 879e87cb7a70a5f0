export type RestartDecision =
  { readonly kind: 'restart'; readonly delayMs: number } | { readonly kind: 'give-up'; readonly crashes: number };

/** Crashes further back than this no longer count. */
const MEMORY_MS = 60_000;
const MOST_CRASHES = 5;
const FIRST_DELAY_MS = 100;

/**
 * After a crash: start again, a little later each time, or ask the person when it happens again and again.
 * `crashes`: when they happened, the one just now included; any clock in milliseconds.
 */
export function decideRestart(crashes: readonly number[], now: number): RestartDecision {
  const recent = crashes.filter((at) => now - at < MEMORY_MS).length;
  if (recent > MOST_CRASHES) return { kind: 'give-up', crashes: recent };
  return { kind: 'restart', delayMs: FIRST_DELAY_MS * 2 ** Math.max(0, recent - 1) };
}
