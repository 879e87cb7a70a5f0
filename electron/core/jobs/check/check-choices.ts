import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import { choiceNames, isChoice } from '../../../../shared/domain/job-spec/placeholders.ts';
import { pathProblem } from '../../../../shared/domain/job-spec/job-path.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { suggest } from '../../../../shared/domain/suggest.ts';
import { archiveKindByName, looksLikeArchive } from '../../archives/archive-kind.ts';
import { renderPattern, runScope } from '../run-scope.ts';
import type { CheckedChoice } from './check-inputs.ts';
import type { RunTable } from './read-values.ts';

/** Problems per pattern that are told one by one. */
const SHOWN = 20;

/**
 * Inputs that the runs' values choose, such as `${case}.zip`: every path that some run makes must be there.
 * `INP04` unknown variable, `INP05` a chosen file that is missing or no archive.
 */
export async function checkChoices(
  folder: string,
  spec: JobSpec,
  table: RunTable,
  signal: AbortSignal,
): Promise<{ choices: CheckedChoice[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const choices: CheckedChoice[] = [];
  const names = table.variables.map((v) => v.name);
  for (const [i, input] of spec.inputs.entries()) {
    if (!isChoice(input)) continue;
    const at = { file: 'slipway.yaml', field: `/inputs/${i}` };
    choices.push({ pattern: input.path, unpack: input.unpack });
    if (table.total === 0) continue;
    const unknown = choiceNames(input.path).filter((name) => name !== 'run' && !names.includes(name));
    for (const name of unknown) {
      const near = suggest(name, names);
      problems.push(
        problem('INP04', 'error', `The input ${input.path} uses \${${name}}, which is no variable of the runs.`, {
          ...at,
          hint: near === null ? `Variables are: ${names.join(', ') || 'none'}.` : `Did you mean \${${near}}?`,
        }),
      );
    }
    if (unknown.length > 0) continue;
    const found = await missingChoices(folder, input.path, input.unpack, table, signal);
    for (const { path, run, why } of found.slice(0, SHOWN)) {
      problems.push(
        problem('INP05', 'error', `Run ${run} chooses ${path}, which ${why}.`, {
          ...at,
          hint: 'Copy it into the job folder, or correct the value.',
        }),
      );
    }
    if (found.length > SHOWN)
      problems.push(problem('INP05', 'error', `${found.length - SHOWN} more chosen files are missing.`, at));
  }
  return { choices, problems };
}

async function missingChoices(
  folder: string,
  pattern: string,
  unpack: boolean,
  table: RunTable,
  signal: AbortSignal,
): Promise<{ path: string; run: number; why: string }[]> {
  const first = new Map<string, number>();
  let run = 1;
  for await (const batch of table.values.batches(signal)) {
    for (const values of batch) {
      const path = renderPattern(pattern, runScope(table.variables, run, values));
      if (!first.has(path)) first.set(path, run);
      run++;
    }
  }
  const found: { path: string; run: number; why: string }[] = [];
  for (const [path, firstRun] of first) {
    const why = await flawOf(folder, path, unpack);
    if (why !== null) found.push({ path, run: firstRun, why });
  }
  return found;
}

async function flawOf(folder: string, path: string, unpack: boolean): Promise<string | null> {
  if (path.trim() === '' || pathProblem(path, false) !== null) return 'is not a path inside the job folder';
  const there = await stat(join(folder, path)).catch(() => null);
  if (there === null) return 'is not in the job folder';
  const kind = unpack && there.isFile() ? archiveKindByName(path) : null;
  if (kind !== null && !(await looksLikeArchive(join(folder, path), kind)))
    return `is named like a ${kind} archive, but its content is none`;
  return null;
}
