import { plural } from '../../ui/words/number-words.ts';

/** How many runs there are and how many go together: `48 runs, 4 at once`. */
export function runsSentence(runs: number, slots: number): string {
  const together = Math.min(runs, slots);
  return runs > 1 && together > 1 ? `${plural(runs, 'run')}, ${together} at once` : plural(runs, 'run');
}

/** How slots × cores per slot sit on a machine. */
export interface HardwareUse {
  readonly sentence: string;
  readonly usedCores: number;
  /** Cores asked for beyond what the machine has. */
  readonly overCores: number;
}

/** `4 runs at once, 2 cores each; 8 of 8 cores`. Figures that are no whole numbers of at least 1 count as 1. */
export function hardwareUse(slots: number, coresPerSlot: number, machineCores: number): HardwareUse {
  const whole = (n: number): number => (Number.isInteger(n) && n >= 1 ? n : 1);
  const used = whole(slots) * whole(coresPerSlot);
  const over = Math.max(0, used - machineCores);
  const each = `${plural(whole(coresPerSlot), 'core')}${whole(slots) > 1 ? ' each' : ''}`;
  const asked =
    over > 0
      ? `${plural(used, 'core')} asked for, the machine has ${machineCores}`
      : `${used} of ${plural(machineCores, 'core')}`;
  return { sentence: `${plural(whole(slots), 'run')} at once, ${each}; ${asked}`, usedCores: used, overCores: over };
}

/** Rounds of runs that go one after another: 48 runs in 4 slots = 12. */
export function roundsOf(runs: number, slots: number): number {
  return Math.ceil(runs / Math.max(1, slots));
}
