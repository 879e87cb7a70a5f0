/** Checks of names that need all variables of the job, which may stand in the run definition file. */
import { namesIn, parseExpression } from '../expression/index.ts';
import { excerpt } from '../outputs/excerpt.ts';
import { OWN_NAMES, unknownNames, type ExpressionFlaw } from '../outputs/expression-plan.ts';
import { problem, type Problem } from '../problem.ts';
import { suggest } from '../suggest.ts';
import type { JobSpec } from './job-spec.ts';

/** What is wrong with a computed output, as a sentence. */
export function expressionMessage(flaw: ExpressionFlaw): string {
  const where = flaw.offset === null ? '' : ` (character ${flaw.offset + 1})`;
  return `The expression of output "${flaw.output}": ${flaw.message.replace(/\.$/, '')}${where}.`;
}

/** Names in constraints that are no variables. */
export function constraintFlaws(
  spec: JobSpec,
  variables: readonly string[],
): readonly { readonly index: number; readonly message: string; readonly hint: string }[] {
  const known = new Set([...variables, ...OWN_NAMES]);
  return (spec.doe?.constraints ?? []).flatMap((text, index) => {
    const parsed = parseExpression(text);
    const unknown = parsed.ok ? [...namesIn(parsed.ast)].filter((name) => !known.has(name)) : [];
    return unknown.map((name) => {
      const near = suggest(name, variables);
      const hint = near === null ? 'Constraints use the variables of the job.' : `Did you mean "${near}"?`;
      return { index, message: `The constraint "${excerpt(text, 60)}" uses "${name}", which is no variable.`, hint };
    });
  });
}

/**
 * For a job with a run definition file, whose columns `readJobSpec` cannot know: outputs with the name of a column, and expressions and
 * constraints with names that are neither column nor output. The problems have a `field` and no line; `locateField` finds it.
 */
export function checkAgainstColumns(spec: JobSpec, columns: readonly string[], fileName: string): readonly Problem[] {
  const declared = spec.doe?.variables ?? {};
  const variables = [...new Set([...columns, ...Object.keys(declared)])];
  const taken = columns.filter((name) => Object.hasOwn(spec.outputs, name) && !Object.hasOwn(declared, name));
  const at = (field: string, hint: string | null): Partial<Problem> => ({ file: fileName, field, hint });
  return [
    ...taken.map((name) =>
      problem(
        'JOB08',
        'error',
        `"${name}" is both a column of the runs and an output.`,
        at(`/outputs/${name}`, 'Rename one of them.'),
      ),
    ),
    ...unknownNames(spec.outputs, variables).map((flaw) =>
      problem('JOB12', 'error', expressionMessage(flaw), at(`/outputs/${flaw.output}`, flaw.hint)),
    ),
    ...constraintFlaws(spec, variables).map(({ index, message, hint }) =>
      problem('JOB12', 'error', message, at(`/doe/constraints/${index}`, hint)),
    ),
  ];
}
