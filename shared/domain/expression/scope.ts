import type { Value } from './ast.ts';
import { textToNumber } from './numbers.ts';

/** A cell's value in expressions: a number when the whole text is a decimal number, else the text itself. */
export function typedValue(text: string): Value {
  return textToNumber(text) ?? text;
}

/**
 * Variables of one run for evaluate(): cells typed by typedValue, and `run` = the run's number (which wins over a column of
 * that name).
 */
export function scopeFromTexts(values: Readonly<Record<string, string>>, run: number): Map<string, Value> {
  const scope = new Map<string, Value>();
  for (const [name, text] of Object.entries(values)) scope.set(name, typedValue(text));
  scope.set('run', run);
  return scope;
}
