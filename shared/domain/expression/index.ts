export { CONSTANTS, MAX_DEPTH, MAX_NODES, namesIn } from './ast.ts';
export type { Expression, ExpressionProblem, Value } from './ast.ts';
export { evaluate } from './evaluator.ts';
export { FUNCTION_NAMES } from './functions.ts';
export { numberToText, textToNumber } from './numbers.ts';
export { parseExpression, parseLeadingExpression } from './parser.ts';
export { scopeFromTexts, typedValue } from './scope.ts';
