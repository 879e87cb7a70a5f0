import { evaluate, parseExpression } from '../expression/index.ts';
import { problem, type Problem } from '../problem.ts';
import type { RowConstraint } from './run-definition-types.ts';
import { showText } from './show-text.ts';

/**
 * Constraints from expressions (`w < 2*t`): a row is allowed where the expression is true, or a number that is not 0.
 * Texts that are no expressions become problems (CSV20) and are left out.
 */
export function rowConstraints(texts: readonly string[]): { constraints: RowConstraint[]; problems: Problem[] } {
  const constraints: RowConstraint[] = [];
  const problems: Problem[] = [];
  for (const text of texts) {
    const parsed = parseExpression(text);
    if (!parsed.ok) {
      const message = `the constraint ${showText(text, 120)} cannot be read: ${parsed.problem.message}`;
      problems.push(
        problem('CSV20', 'error', message, { hint: `It breaks at character ${parsed.problem.offset + 1}.` }),
      );
      continue;
    }
    const { ast } = parsed;
    constraints.push({
      text,
      test: (values) => {
        const result = evaluate(ast, values);
        if (!result.ok) throw new Error(result.message);
        if (typeof result.value === 'string') throw new Error('it gives a text, not true or false');
        return Boolean(result.value);
      },
    });
  }
  return { constraints, problems };
}
