/** Numbers as solvers print them. */

const NUMBER = /^([+-]?)(\d+\.?\d*|\.\d+)(?:[eEdDqQ]([+-]?\d+))?$/;
/** Fortran drops the exponent letter when the exponent needs three digits: `1.0-100`. */
const LETTERLESS = /^([+-]?)(\d+\.\d*|\.\d+)([+-]\d{3})$/;
const NON_FINITE = /^[+-]?(?:nan(?:q|s|\(\w*\))?|inf(?:inity)?|1\.#(?:inf|ind|qnan|snan)\w*)$/i;

/**
 * The finite number that a text stands for, or null. Blanks around it are ignored. Reads `1`, `+.5`, `5.`, `1e5`, Fortran's `1.0D-03` and
 * `1.0-100`; refuses hexadecimal, decimal commas, digit grouping, `nan`, `inf` and whatever overflows a double.
 */
export function parseNumber(text: string): number | null {
  const source = text.trim();
  const match = NUMBER.exec(source) ?? LETTERLESS.exec(source);
  if (!match) return null;
  const value = Number(`${match[1]}${match[2]}e${match[3] ?? 0}`);
  return Number.isFinite(value) ? value : null;
}

/** Whether a text is a number that is not finite: `NaN`, `-Infinity`, `1.#INF`, or one too large for a double (`1e999`). */
export function isNonFiniteNumber(text: string): boolean {
  const source = text.trim();
  return NON_FINITE.test(source) || NUMBER.test(source)
    ? parseNumber(source) === null
    : LETTERLESS.test(source) && parseNumber(source) === null;
}

/** Why a text is not a number, as advice, or null when there is nothing to guess. */
export function numberHint(text: string): string | null {
  const source = text.trim();
  if (/^\*{2,}$/.test(source))
    return 'Fortran prints asterisks when a number does not fit its field; widen the format in the solver or its script.';
  if (/^[+-]?\d+,\d+([eEdD][+-]?\d+)?$/.test(source))
    return 'This looks like a decimal comma; numbers need a decimal point.';
  if (/^[+-]?[\d.]+([eEdD][+-]?\d+)?[,;:]$/.test(source))
    return 'The capturing group took the punctuation too; leave it out of the group.';
  if (/^[+-]?[\d.]+\s*[A-Za-z°%]/.test(source)) return 'Leave the unit out of the capturing group, or use "as: text".';
  return 'Use "as: text" if it is meant to be text.';
}
