/** Full factorial designs: every combination of the variables' values, made one run at a time. */
import type { FullFactorialSpec, VariableSpec } from '../job-spec/job-spec.ts';

/** Limit of the number of runs of a job, as for a run definition file. */
export const MAX_RUNS = 1_000_000;

export type Levels =
  | { readonly ok: true; readonly values: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly hint: string | null };

/**
 * The values a variable takes in a full factorial, as text: its list; its constant; `min, min + step, …` up to max; or `levels` values evenly
 * from min to max, both included. Numbers have at most 15 significant digits, so that 0.1 + 2·0.1 is `0.3`. Integer ranges with more levels
 * than whole numbers give each number once.
 */
export function factorialLevels(name: string, variable: VariableSpec, levels: FullFactorialSpec['levels']): Levels {
  if (variable.kind === 'values') return { ok: true, values: variable.values };
  if (variable.kind === 'constant') return { ok: true, values: [variable.value] };
  const { min, max, step } = variable;
  if (step !== undefined) {
    // The tolerance lets 0 … 0.3 by 0.1 end at 0.3.
    const steps = Math.floor((max - min) / step + 1e-9);
    if (steps >= MAX_RUNS)
      return { ok: false, message: `Variable "${name}" has more than ${MAX_RUNS} steps.`, hint: 'Use a larger step.' };
    return { ok: true, values: Array.from({ length: steps + 1 }, (_, i) => numberText(min + i * step)) };
  }
  const count = typeof levels === 'object' ? (Object.hasOwn(levels, name) ? levels[name] : undefined) : levels;
  if (count === undefined) {
    return {
      ok: false,
      message: `Variable "${name}" has min and max, but neither a step nor a number of levels.`,
      hint: `Add "step" to it, or "levels" to the design: {method: full-factorial, levels: 3}.`,
    };
  }
  if (count < 2 || count > MAX_RUNS)
    return { ok: false, message: `Variable "${name}" cannot have ${count} levels.`, hint: `From 2 to ${MAX_RUNS}.` };
  const at = (i: number): number => (i === count - 1 ? max : min + (i * (max - min)) / (count - 1));
  const texts = Array.from({ length: count }, (_, i) =>
    numberText(variable.kind === 'integer' ? Math.round(at(i)) : at(i)),
  );
  return { ok: true, values: [...new Set(texts)] };
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(15)));
}

/** Number of runs of a full factorial with so many values per variable. */
export function countRuns(sizes: readonly number[]): number {
  return sizes.reduce((product, size) => product * size, 1);
}

/** A design whose runs are made when asked for: the first variable changes slowest, the last one fastest (as nested loops in the order of the file). */
export interface Design {
  readonly variables: readonly string[];
  /** Number of runs. */
  readonly count: number;
  /** Values of run `index` (0-based) in the order of `variables`. */
  row(index: number): readonly string[];
  /** All rows in order. */
  rows(): Generator<readonly string[]>;
}

export type DesignResult =
  | { readonly ok: true; readonly design: Design }
  | { readonly ok: false; readonly message: string; readonly hint: string | null };

/** The full factorial of variables. Not ok: a range without step and levels, or more than `MAX_RUNS` runs. */
export function fullFactorial(
  variables: Readonly<Record<string, VariableSpec>>,
  levels?: FullFactorialSpec['levels'],
): DesignResult {
  const names = Object.keys(variables);
  const values: (readonly string[])[] = [];
  for (const name of names) {
    const found = factorialLevels(name, variables[name]!, levels);
    if (!found.ok) return found;
    values.push(found.values);
  }
  const count = names.length === 0 ? 0 : countRuns(values.map((list) => list.length));
  if (count > MAX_RUNS) {
    return {
      ok: false,
      message: `The full factorial has ${count} runs; ${MAX_RUNS} are allowed.`,
      hint: 'Use fewer values per variable.',
    };
  }
  const row = (index: number): readonly string[] => {
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new RangeError(`no run ${index} in a design of ${count}`);
    const texts: string[] = [];
    let rest = index;
    for (const list of values.toReversed()) {
      texts.push(list[rest % list.length]!);
      rest = Math.floor(rest / list.length);
    }
    return texts.toReversed();
  };
  function* rows(): Generator<readonly string[]> {
    for (let index = 0; index < count; index++) yield row(index);
  }
  return { ok: true, design: { variables: names, count, row, rows } };
}
