/** An array larger than this is a mistake or an attack: Slurm's own hard limit is four million. */
const MOST_TASKS = 4_000_001;

/** Ascending indices → `1-3,7,9-10`. */
export function compressTasks(tasks: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < tasks.length;) {
    let j = i;
    while (j + 1 < tasks.length && tasks[j + 1] === tasks[j]! + 1) j++;
    parts.push(i === j ? `${tasks[i]}` : `${tasks[i]}-${tasks[j]}`);
    i = j + 1;
  }
  return parts.join(',');
}

/** `[4-1000%10]`, `3,7,19`, `1-9:2`, `5` → ascending indices; null for anything else (also for a list that was cut off). */
export function expandTasks(text: string): number[] | null {
  const body = text.trim().replace(/^\[/, '').replace(/\]$/, '').replace(/%\d+$/, '');
  if (body === '') return null;
  const found = new Set<number>();
  for (const part of body.split(',')) {
    const m = /^(\d{1,7})(?:-(\d{1,7})(?::(\d{1,7}))?)?$/.exec(part.trim());
    if (m === null) return null;
    const from = Number(m[1]);
    const to = m[2] === undefined ? from : Number(m[2]);
    const step = m[3] === undefined ? 1 : Number(m[3]);
    if (to < from || step < 1 || to - from > MOST_TASKS) return null;
    for (let i = from; i <= to; i += step) found.add(i);
    if (found.size > MOST_TASKS) return null;
  }
  return [...found].sort((a, b) => a - b);
}
