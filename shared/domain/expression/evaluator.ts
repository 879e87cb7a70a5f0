import { suggest } from '../suggest.ts';
import { CONSTANTS } from './ast.ts';
import type { ArithmeticOperator, ComparisonOperator, Expression, Value } from './ast.ts';
import { FUNCTIONS } from './functions.ts';
import { numberToText, textToNumber } from './numbers.ts';

class EvaluationError extends Error {}

type Scope = ReadonlyMap<string, Value>;

/**
 * Computes an expression. `scope` gives the variables (see scopeFromTexts); they win over `pi` and `e`.
 * Fails with a sentence on an unknown name, a wrong type, a division by zero and any result that is not finite.
 * `and`, `or`, `?:` and `if` compute only what they need, so `if(n == 0, 0, 1/n)` is safe. `%` keeps the sign of the left side.
 */
export function evaluate(ast: Expression, scope: Scope): { ok: true; value: Value } | { ok: false; message: string } {
  try {
    return { ok: true, value: valueOf(ast, scope) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { ok: false, message: error.message };
  }
}

function valueOf(node: Expression, scope: Scope): Value {
  switch (node.kind) {
    case 'number':
    case 'text':
      return node.value;
    case 'name':
      return lookUp(node.name, scope);
    case 'unary': {
      if (node.operator === 'not') return !condition(node.operand, scope, 'not');
      const operand = numberOf(node.operand, scope, node.operator);
      return node.operator === '-' ? -operand : operand;
    }
    case 'arithmetic':
      return arithmetic(
        node.operator,
        numberOf(node.left, scope, node.operator),
        numberOf(node.right, scope, node.operator),
      );
    case 'comparison':
      return compare(node.operator, valueOf(node.left, scope), valueOf(node.right, scope));
    case 'logical':
      return node.operator === 'and'
        ? condition(node.left, scope, 'and') && condition(node.right, scope, 'and')
        : condition(node.left, scope, 'or') || condition(node.right, scope, 'or');
    case 'conditional':
      return valueOf(condition(node.condition, scope, '?:') ? node.whenTrue : node.whenFalse, scope);
    case 'call':
      return call(node.name, node.args, scope);
  }
}

function lookUp(name: string, scope: Scope): Value {
  const value = scope.get(name) ?? CONSTANTS.get(name);
  if (value === undefined) {
    const near = suggest(name, [...scope.keys(), ...CONSTANTS.keys()]);
    throw new EvaluationError(`\`${name}\` is not defined${near === null ? '' : `; did you mean \`${near}\`?`}`);
  }
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new EvaluationError(`\`${name}\` is not a finite number`);
  }
  return value;
}

function numberOf(node: Expression, scope: Scope, user: string): number {
  const value = valueOf(node, scope);
  if (typeof value === 'number') return value;
  throw new EvaluationError(`\`${user}\` needs numbers, but ${describe(node, value)}`);
}

/** Numbers count as conditions too (0 = no), because 0/1 columns are how switches are written in run definitions. */
function condition(node: Expression, scope: Scope, user: string): boolean {
  const value = valueOf(node, scope);
  if (typeof value === 'string') {
    throw new EvaluationError(`\`${user}\` needs a condition, but ${describe(node, value)}`);
  }
  return Boolean(value);
}

function describe(node: Expression, value: Value): string {
  const what = typeof value === 'string' ? `the text "${shortened(value)}"` : `a condition (${String(value)})`;
  return node.kind === 'name' ? `\`${node.name}\` is ${what}` : `it got ${what}`;
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

function finite(value: number, what: () => string): number {
  if (Number.isFinite(value)) return value;
  throw new EvaluationError(`${what()} is ${Number.isNaN(value) ? 'not a real number' : 'too large for a number'}`);
}

function arithmetic(operator: ArithmeticOperator, left: number, right: number): number {
  const what = (): string => `${numberToText(left)} ${operator} ${numberToText(right)}`;
  switch (operator) {
    case '+':
      return finite(left + right, what);
    case '-':
      return finite(left - right, what);
    case '*':
      return finite(left * right, what);
    case '/':
      if (right === 0) throw new EvaluationError(`division by zero: ${what()}`);
      return finite(left / right, what);
    case '%':
      if (right === 0) throw new EvaluationError(`division by zero: ${what()}`);
      return left % right;
    case '^':
      if (left === 0 && right < 0) throw new EvaluationError(`division by zero: ${what()}`);
      return finite(left ** right, what);
  }
}

/**
 * Equality holds across types when a text reads as the same number, so a column that mixes `steel` and `7075` can be tested
 * against either; order is defined within numbers and within texts (code units) only.
 */
function compare(operator: ComparisonOperator, left: Value, right: Value): boolean {
  if (operator === '==') return areEqual(left, right);
  if (operator === '!=') return !areEqual(left, right);
  const comparable =
    (typeof left === 'number' && typeof right === 'number') || (typeof left === 'string' && typeof right === 'string');
  if (!comparable) {
    throw new EvaluationError(`\`${operator}\` cannot compare ${kindOf(left)} with ${kindOf(right)}`);
  }
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

function areEqual(left: Value, right: Value): boolean {
  if (typeof left === 'number' && typeof right === 'string') return textToNumber(right) === left;
  if (typeof left === 'string' && typeof right === 'number') return textToNumber(left) === right;
  return left === right;
}

function kindOf(value: Value): string {
  if (typeof value === 'number') return `the number ${numberToText(value)}`;
  return typeof value === 'string' ? `the text "${shortened(value)}"` : `a condition (${String(value)})`;
}

function call(name: string, args: readonly Expression[], scope: Scope): Value {
  if (name === 'if') return valueOf(condition(args[0]!, scope, 'if') ? args[1]! : args[2]!, scope);
  const numbers = args.map((arg) => numberOf(arg, scope, name));
  const result = FUNCTIONS.get(name)!.apply(numbers);
  if (typeof result === 'string') throw new EvaluationError(result);
  return finite(result, () => `${name}(${numbers.map(numberToText).join(', ')})`);
}
