import type { Clock } from './clock.ts';

/** How often the clock is looked at. */
const TICK_MS = 2_000;
/** A tick that comes so much too late means that the machine, or this process, has slept. */
const SLEPT_MS = 6_000;

/**
 * Calls `onWake` shortly after this machine has slept. It is seen by the clock of the wall, which goes on during sleep while timers do not, so that it works for
 * every way in which the core is run, not only below a desktop shell. Returns what ends the watch.
 */
export function watchSleep(clock: Clock, onWake: (sleptMs: number) => void): () => void {
  let last = clock.now();
  const timer = setInterval(() => {
    const now = clock.now();
    const late = now - last - TICK_MS;
    last = now;
    if (late >= SLEPT_MS) onWake(late);
  }, TICK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
