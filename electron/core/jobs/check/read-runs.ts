import { join } from 'node:path';
import type { VariableDeclaration } from '../../../../shared/domain/csv/run-definition-types.ts';
import type { DoeSpec, VariableSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { cancelled } from '../../../../shared/errors.ts';
import { readRunsFileInWorker } from '../../runs-file/runs-file-client.ts';
import type { RunsFileOptions, RunsFileSummary } from '../../runs-file/runs-file-options.ts';
import { RunsFileRows } from '../../runs-file/runs-file-rows.ts';
import type { RunTable } from './read-values.ts';
import { constantsBeside, factorialRuns, NO_RUNS, PREVIEW_RUNS } from './read-values.ts';

const EXAMPLES = 3;

function declarationOf(variable: VariableSpec): VariableDeclaration {
  const unit = variable.unit === undefined ? {} : { unit: variable.unit };
  switch (variable.kind) {
    case 'continuous':
      return { kind: 'number', min: variable.min, max: variable.max, ...unit };
    case 'integer':
      return { kind: 'integer', min: variable.min, max: variable.max, ...unit };
    case 'values': {
      const numeric = variable.values.every((text) => text.trim() !== '' && Number.isFinite(Number(text)));
      return {
        kind: numeric ? 'number' : 'text',
        values: numeric ? variable.values.map(Number) : variable.values,
        ...unit,
      };
    }
    case 'constant': {
      const numeric = variable.value.trim() !== '' && Number.isFinite(Number(variable.value));
      return { kind: numeric ? 'number' : 'text', nominal: variable.value, ...unit };
    }
  }
}

/** The runs of a study: from its run definition file, or from `variables` and `design`. */
export async function readRuns(
  folder: string,
  doe: DoeSpec,
  usedNames: ReadonlySet<string>,
  workerUrl: URL,
  signal: AbortSignal,
): Promise<{ table: RunTable; problems: readonly Problem[] }> {
  if (doe.runs === undefined) return { table: factorialRuns(doe) ?? NO_RUNS, problems: [] };
  const path = join(folder, doe.runs);
  const options: RunsFileOptions = {
    file: doe.runs,
    variables: Object.fromEntries(
      Object.entries(doe.variables).map(([name, variable]) => [name, declarationOf(variable)]),
    ),
    usedNames: [...usedNames],
    constraints: doe.constraints,
    preview: PREVIEW_RUNS,
  };
  let summary: RunsFileSummary;
  try {
    summary = await readRunsFileInWorker({ workerUrl, path, options, signal });
  } catch (error) {
    if (signal.aborted) throw cancelled();
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === 'ENOENT' || code === 'EISDIR';
    const words = missing
      ? `The run definition file ${doe.runs} is not in the job folder.`
      : `The run definition file ${doe.runs} cannot be read: ${message}.`;
    return {
      table: NO_RUNS,
      problems: [
        problem('INP01', 'error', words, {
          file: 'slipway.yaml',
          field: '/doe/runs',
          hint: missing ? 'Copy the CSV into the job folder, or correct its name.' : null,
        }),
      ],
    };
  }
  return { table: tableOf(path, doe, summary, options), problems: summary.problems };
}

function tableOf(path: string, doe: DoeSpec, summary: RunsFileSummary, options: RunsFileOptions): RunTable {
  const kept = summary.columns.filter((column) => column.role === 'variable');
  const constants = constantsBeside(
    doe,
    kept.map((column) => column.key),
  );
  const valuesOf = (fields: readonly string[]): string[] => [
    ...kept.map((c) => fields[c.index] ?? ''),
    ...constants.map((c) => c.text),
  ];
  const preview = summary.preview.map((row, i) => ({ run: i + 1, values: valuesOf(row.fields) }));
  const rows = new RunsFileRows(path, summary, options);
  return {
    total: summary.total,
    variables: [
      ...kept.map((c) => ({
        name: c.key,
        unit: c.unit ?? doe.variables[c.key]?.unit ?? null,
        label: c.label === c.key ? null : c.label,
        kind: c.kind === 'text' ? ('text' as const) : ('number' as const),
      })),
      ...constants.map((c) => c.column),
    ],
    examples: [...kept.keys(), ...constants.keys()].map((_, k) =>
      [...new Set(preview.map((row) => row.values[k]!))].slice(0, EXAMPLES),
    ),
    preview,
    values: {
      async *batches(abort) {
        for await (const batch of rows.all()) {
          abort.throwIfAborted();
          yield batch.map((row) => valuesOf(row.fields));
        }
      },
    },
  };
}
