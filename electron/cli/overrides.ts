import { AppError } from '../../shared/errors.ts';

/** `hardware.slots=4` → key and text; the core reads the text as YAML and checks it like the file. */
export function parseOverrides(settings: readonly string[]): Record<string, string> {
  const overrides: Record<string, string> = {};
  for (const setting of settings) {
    const at = setting.indexOf('=');
    const key = setting.slice(0, Math.max(at, 0)).trim();
    if (!/^[A-Za-z_]\w*(\.\w+)*$/.test(key)) {
      throw new AppError('bad_input', `--set ${setting}: write it as key=value, for example --set hardware.slots=4.`);
    }
    overrides[key] = setting.slice(at + 1);
  }
  return overrides;
}

/** `3,7,10-12` → 3, 7, 10, 11, 12. */
export function parseRuns(text: string): number[] {
  const runs: number[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first < 1 || last < first || last - first > 1_000_000) {
      throw new AppError('bad_input', `"${text}" is not a list of run numbers; write for example 3,7 or 10-20.`);
    }
    for (let run = first; run <= last; run++) runs.push(run);
  }
  return runs;
}
