/** The order in which computed outputs are evaluated, and what can be said about them before any run. */
import { namesIn, parseExpression } from '../expression/index.ts';
import { suggest } from '../suggest.ts';
import type { ExprOutput, OutputSpec } from './output-spec.ts';

type Parsed = ReturnType<typeof parseExpression>;
/** A parsed expression. */
export type ExpressionAst = Extract<Parsed, { readonly ok: true }>['ast'];

export interface ExpressionPlan {
  /** Computed outputs so that each comes after the ones it uses. */
  readonly steps: readonly {
    readonly key: string;
    readonly spec: ExprOutput;
    readonly ast: ExpressionAst;
    readonly names: ReadonlySet<string>;
  }[];
  /** Outputs that can never be computed. */
  readonly flaws: readonly ExpressionFlaw[];
}

export interface ExpressionFlaw {
  readonly output: string;
  readonly message: string;
  readonly hint: string | null;
  /** 0-based offset in the expression, or null. */
  readonly offset: number | null;
}

/** Names an expression may use besides variables and outputs. */
export const OWN_NAMES = ['run', 'pi', 'e', 'true', 'false'];

/** Parses and orders the computed outputs; syntax errors and cycles become flaws. */
export function planExpressions(specs: Readonly<Record<string, OutputSpec>>): ExpressionPlan {
  const parsed = new Map<string, ExpressionPlan['steps'][number]>();
  const flaws: ExpressionFlaw[] = [];
  for (const [key, spec] of Object.entries(specs)) {
    if (spec.kind !== 'expr') continue;
    const result = parseExpression(spec.expr);
    if (result.ok) parsed.set(key, { key, spec, ast: result.ast, names: namesIn(result.ast) });
    else flaws.push({ output: key, message: result.problem.message, hint: null, offset: result.problem.offset });
  }

  const steps: ExpressionPlan['steps'][number][] = [];
  const state = new Map<string, 'open' | 'done' | 'cyclic'>();
  const visit = (key: string, path: readonly string[]): void => {
    const step = parsed.get(key);
    if (!step || state.get(key) === 'done' || state.get(key) === 'cyclic') return;
    if (state.get(key) === 'open') {
      const cycle = path.slice(path.indexOf(key));
      for (const member of cycle) state.set(member, 'cyclic');
      const message = cycle.length === 1 ? `it uses itself` : `it depends on itself: ${[...cycle, key].join(' → ')}`;
      flaws.push({
        output: key,
        message,
        hint: 'Break the cycle: one of them must come from variables or a file.',
        offset: null,
      });
      return;
    }
    state.set(key, 'open');
    for (const name of step.names) visit(name, [...path, key]);
    if (state.get(key) === 'cyclic') return;
    state.set(key, 'done');
    steps.push(step);
  };
  for (const key of parsed.keys()) visit(key, []);
  return { steps, flaws };
}

/**
 * Names in computed outputs that nothing defines. `variables` are all variables of the job. With a `tsv` output the names of outputs are
 * not known before the run, and nothing is reported.
 */
export function unknownNames(
  specs: Readonly<Record<string, OutputSpec>>,
  variables: readonly string[],
): readonly ExpressionFlaw[] {
  if (Object.values(specs).some((spec) => spec.kind === 'tsv')) return [];
  const known = new Set([...variables, ...Object.keys(specs), ...OWN_NAMES]);
  const flaws: ExpressionFlaw[] = [];
  for (const { key, names } of planExpressions(specs).steps) {
    for (const name of names) {
      if (known.has(name)) continue;
      const near = suggest(name, known);
      const hint = near === null ? 'Use variables of the job and other outputs.' : `Did you mean "${near}"?`;
      flaws.push({
        output: key,
        message: `it uses "${name}", which is neither a variable nor an output`,
        hint,
        offset: null,
      });
    }
  }
  return flaws;
}
