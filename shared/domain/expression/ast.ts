/** What an expression can be worth. Conditions give booleans, quoted text gives strings, everything else is a number. */
export type Value = number | string | boolean;

export type UnaryOperator = '-' | '+' | 'not';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '^';
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type LogicalOperator = 'and' | 'or';

/** Abstract syntax tree of an expression. `offset` is the 0-based place of the node's own token in the text (UTF-16 units). */
export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly offset: number }
  | { readonly kind: 'text'; readonly value: string; readonly offset: number }
  | { readonly kind: 'name'; readonly name: string; readonly offset: number }
  | {
      readonly kind: 'unary';
      readonly operator: UnaryOperator;
      readonly operand: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: 'comparison';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: 'logical';
      readonly operator: LogicalOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly offset: number;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: Expression;
      readonly whenTrue: Expression;
      readonly whenFalse: Expression;
      readonly offset: number;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[]; readonly offset: number };

/** Why a text is not an expression. `offset` is 0-based, in UTF-16 units of that text. */
export interface ExpressionProblem {
  readonly message: string;
  readonly offset: number;
}

/** Names with a fixed meaning. A variable of the same name wins, so that a column called `e` is never read as Euler's number. */
export const CONSTANTS: ReadonlyMap<string, number> = new Map([
  ['pi', Math.PI],
  ['e', Math.E],
]);

/** A node is refused beyond these, so that no text can make the evaluator slow or overflow its stack. */
export const MAX_NODES = 1000;
/** Nesting of parentheses, arguments, signs, powers and conditions; a long flat sum is not deep. */
export const MAX_DEPTH = 50;

/**
 * The variable names an expression needs. `pi` and `e` are left out unless `declared` holds them, in which case they are
 * variables.
 */
export function namesIn(ast: Expression, declared: ReadonlySet<string> = new Set()): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: Expression): void => {
    switch (node.kind) {
      case 'name':
        if (!CONSTANTS.has(node.name) || declared.has(node.name)) names.add(node.name);
        break;
      case 'unary':
        visit(node.operand);
        break;
      case 'arithmetic':
      case 'comparison':
      case 'logical':
        visit(node.left);
        visit(node.right);
        break;
      case 'conditional':
        visit(node.condition);
        visit(node.whenTrue);
        visit(node.whenFalse);
        break;
      case 'call':
        node.args.forEach(visit);
        break;
      case 'number':
      case 'text':
        break;
    }
  };
  visit(ast);
  return names;
}
