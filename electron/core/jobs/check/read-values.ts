import type { VariableColumn } from '../../../../shared/contract/jobs.ts';
import { fullFactorial } from '../../../../shared/domain/design/full-factorial.ts';
import type { DoeSpec, VariableSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { RunValues } from './checked-job.ts';

const BATCH = 2000;
const EXAMPLES = 3;

/** The runs of a job, whatever they come from. */
export interface RunTable {
  readonly total: number;
  readonly variables: readonly VariableColumn[];
  readonly examples: readonly (readonly string[])[];
  readonly preview: readonly { readonly run: number; readonly values: readonly string[] }[];
  readonly values: RunValues;
}

/** How many runs a check shows. */
export const PREVIEW_RUNS = 50;

/** Rows made one at a time, in batches that give other work its turn. */
export function batchesOf(rows: () => Iterable<readonly string[]>): RunValues {
  return {
    async *batches(signal) {
      let batch: (readonly string[])[] = [];
      for (const row of rows()) {
        batch.push(row);
        if (batch.length < BATCH) continue;
        signal.throwIfAborted();
        yield batch;
        batch = [];
      }
      if (batch.length > 0) yield batch;
    },
  };
}

/** The table where the runs cannot be known; their problem says why. */
export const NO_RUNS: RunTable = {
  total: 0,
  variables: [],
  examples: [],
  preview: [],
  values: batchesOf(() => []),
};

/** One run without variables. */
export function basicRun(): RunTable {
  return { total: 1, variables: [], examples: [], preview: [{ run: 1, values: [] }], values: batchesOf(() => [[]]) };
}

function columnOf(name: string, variable: VariableSpec, texts: readonly string[]): VariableColumn {
  const numeric = texts.every((text) => text.trim() !== '' && Number.isFinite(Number(text)));
  return { name, unit: variable.unit ?? null, label: null, kind: numeric ? 'number' : 'text' };
}

/** The runs of `variables` + `design`; null when they cannot be made (the reading of the spec has said why). */
export function factorialRuns(doe: DoeSpec): RunTable | null {
  if (doe.design === undefined) return null;
  const made = fullFactorial(doe.variables, doe.design.levels);
  if (!made.ok) return null;
  const { design } = made;
  const preview = Array.from({ length: Math.min(PREVIEW_RUNS, design.count) }, (_, i) => ({
    run: i + 1,
    values: design.row(i),
  }));
  const sample = Array.from({ length: Math.min(1000, design.count) }, (_, i) =>
    design.row(Math.floor((i * design.count) / Math.min(1000, design.count))),
  );
  const variables = design.variables.map((name, i) =>
    columnOf(
      name,
      doe.variables[name]!,
      sample.map((row) => row[i]!),
    ),
  );
  const examples = design.variables.map((_, i) => [...new Set(sample.map((row) => row[i]!))].slice(0, EXAMPLES));
  return { total: design.count, variables, examples, preview, values: batchesOf(() => design.rows()) };
}

/** Constants of `variables` that stand in for columns which the run definition file does not have: name, text, column. */
export function constantsBeside(
  doe: DoeSpec,
  columns: readonly string[],
): { name: string; text: string; column: VariableColumn }[] {
  return Object.entries(doe.variables).flatMap(([name, variable]) =>
    variable.kind === 'constant' && !columns.includes(name)
      ? [{ name, text: variable.value, column: columnOf(name, variable, [variable.value]) }]
      : [],
  );
}
