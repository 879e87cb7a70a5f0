/**
 * Shortest decimal text that reads back as the same number (ECMAScript `Number::toString`): `0.1`, `500`, `2.9e+21`, `7.3e-7`.
 * Whole numbers have no point. Minus zero is written `0`.
 */
export function numberToText(value: number): string {
  return String(value);
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads a decimal number, blanks around it allowed. Null for anything else: hexadecimal, `inf`, `nan`, `1d-3`, digit
 * grouping, an empty text, or a number too large for a double.
 */
export function textToNumber(text: string): number | null {
  const trimmed = text.trim();
  if (!DECIMAL.test(trimmed)) return null;
  const value = Number(trimmed);
  return Number.isFinite(value) ? value : null;
}
