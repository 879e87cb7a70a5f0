/**
 * Durations and memory sizes as people write them (`1h30m`, `2G`) and as the app shows them.
 * Durations are seconds, memory is bytes. Memory units are powers of 1024 with or without `i` and `B` (`2G` = `2GB` = `2GiB`),
 * because that is what schedulers mean by them.
 */

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, min: 60, h: 3600, d: 86_400, w: 604_800 };
const MEMORY_STEPS = ['', 'K', 'M', 'G', 'T', 'P'] as const;

/**
 * Seconds of a duration: `10m`, `1h30m`, `1 h 30 min`, `2d`, `90s`, `1.5h`, `HH:MM:SS`, `D-HH:MM:SS`, or a plain number of seconds.
 * Null when the text is none of these, or a unit is repeated.
 */
export function parseDuration(text: string | number): number | null {
  const source = String(text).trim().toLowerCase();
  if (/^(\d+(\.\d*)?|\.\d+)$/.test(source)) return Number(source);
  const clock = /^(?:(\d+)-)?(\d+):([0-5]\d):([0-5]\d)$/.exec(source);
  if (clock) {
    return Number(clock[1] ?? 0) * 86_400 + Number(clock[2]) * 3600 + Number(clock[3]) * 60 + Number(clock[4]);
  }
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)\s*(?:ms|min|[smhdw])\s*)+$/.test(source)) return null;
  const seen = new Set<string>();
  let sum = 0;
  for (const [, amount, unit] of source.matchAll(/(\d+(?:\.\d*)?|\.\d+)\s*(ms|min|[smhdw])/g)) {
    const name = unit === 'min' ? 'm' : unit!;
    if (seen.has(name)) return null;
    seen.add(name);
    sum += Number(amount) * SECONDS[name]!;
  }
  // Removes the dust of 0.001-steps, so that `1s500ms` is exactly 1.5.
  return Number(sum.toFixed(6));
}

/** Bytes of a memory size: `2G`, `512M`, `1.5GiB`, `4096`, `100 kB`; null when the text is no size. Fractions of a byte are rounded. */
export function parseMemory(text: string | number): number | null {
  const match = /^(\d+(?:\.\d*)?|\.\d+)\s*([kmgtp]?)(?:i?b)?$/i.exec(String(text).trim());
  if (!match) return null;
  const step = MEMORY_STEPS.indexOf(match[2]!.toUpperCase() as (typeof MEMORY_STEPS)[number]);
  const bytes = Math.round(Number(match[1]) * 1024 ** step);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Shortest text that `parseDuration` reads back as exactly `seconds` (`5400` → `1h30m`), for files that people edit. */
export function durationText(seconds: number): string {
  if (!Number.isInteger(seconds) || seconds < 1) return String(seconds);
  let rest = seconds;
  let text = '';
  for (const unit of ['d', 'h', 'm', 's']) {
    const size = SECONDS[unit]!;
    const amount = Math.floor(rest / size);
    rest -= amount * size;
    if (amount > 0) text += `${amount}${unit}`;
  }
  return text;
}

/** Shortest text that `parseMemory` reads back as exactly `bytes` (`2147483648` → `2G`), for files that people edit. */
export function memoryText(bytes: number): string {
  for (let step = MEMORY_STEPS.length - 1; step > 0; step--) {
    const amount = bytes / 1024 ** step;
    if (amount >= 1 && Number.isInteger(amount)) return `${amount}${MEMORY_STEPS[step]}`;
  }
  return String(bytes);
}

/** A size for people, three significant digits: `512 B`, `1.5 KiB`, `2 GiB`. */
export function formatBytes(bytes: number): string {
  let amount = bytes;
  let step = 0;
  while (Math.abs(amount) >= 999.5 && step < MEMORY_STEPS.length - 1) {
    amount /= 1024;
    step += 1;
  }
  if (step === 0) return `${Math.round(amount)} B`;
  return `${Number(amount.toPrecision(3))} ${MEMORY_STEPS[step]}iB`;
}

/** A duration for people, at most two units: `350 ms`, `12.4 s`, `3 min 20 s`, `1 h 30 min`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 0) return `−${formatDuration(-seconds)}`;
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${Math.round(seconds * 10) / 10} s`;
  const pairs = [
    { below: 3600, big: 60, small: 1, names: ['min', 's'] },
    { below: 86_400, big: 3600, small: 60, names: ['h', 'min'] },
    { below: Infinity, big: 86_400, small: 3600, names: ['d', 'h'] },
  ] as const;
  for (const { below, big, small, names } of pairs) {
    const rounded = Math.round(seconds / small) * small;
    if (rounded >= below) continue;
    const rest = (rounded % big) / small;
    return `${Math.floor(rounded / big)} ${names[0]}${rest > 0 ? ` ${rest} ${names[1]}` : ''}`;
  }
  return `${seconds} s`;
}
