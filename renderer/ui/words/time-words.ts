const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How long ago (or how far ahead) a time is, both in milliseconds since 1970: `just now`, `40 s ago`, `3 min ago`, `2 h ago`, `5 d ago`, then the date. */
export function relativeTime(time: number, now: number): string {
  const age = Math.abs(now - time);
  const say = (amount: number, unit: string): string =>
    now >= time ? `${Math.floor(amount)} ${unit} ago` : `in ${Math.floor(amount)} ${unit}`;
  if (age < 5000) return 'just now';
  if (age < MINUTE) return say(age / 1000, 's');
  if (age < HOUR) return say(age / MINUTE, 'min');
  if (age < DAY) return say(age / HOUR, 'h');
  if (age < 14 * DAY) return say(age / DAY, 'd');
  return new Date(time).toLocaleDateString(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
}

/** The exact local time with seconds and zone, for the hover of a relative time. */
export function exactTime(time: number): string {
  return new Date(time).toLocaleString(undefined, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  });
}

/** Local time to the minute in the order in which it sorts, for columns: `2026-11-26 14:02`. */
export function stampTime(time: number): string {
  const at = new Date(time);
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Hours and minutes, for "not heard from since 14:02". */
export function clockTime(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** What an estimate needs to know about a job. */
export interface RemainingWork {
  readonly queued: number;
  readonly running: number;
  readonly slots: number;
  /** Mean wall seconds of the ended runs, or null. */
  readonly meanWallSeconds: number | null;
}

/**
 * Seconds until a job ends: queued runs take their mean time, running ones half of it, over the slots that can be busy.
 * Null when no run has ended yet or nothing is left.
 */
export function estimateRemaining({ queued, running, slots, meanWallSeconds }: RemainingWork): number | null {
  if (meanWallSeconds === null || queued + running === 0) return null;
  const busy = Math.max(1, Math.min(slots, queued + running));
  return ((queued + running / 2) * meanWallSeconds) / busy;
}
