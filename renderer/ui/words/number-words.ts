const GROUPED = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** A count grouped by narrow no-break spaces: `10 000`. */
export function countText(count: number): string {
  return GROUPED.format(count).replaceAll(',', '\u202f');
}

/** `1 run`, `2 runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

/**
 * A measured value for a table: at most six significant digits, no trailing zeros, exponent where it is shorter.
 * The exact value belongs into the tooltip.
 */
export function valueText(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e9)) return tidyExponent(value.toExponential(5));
  return String(Number(value.toPrecision(6)));
}

function tidyExponent(text: string): string {
  const [digits = '', exponent = ''] = text.split('e');
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
  return `${short}e${exponent.replace('+', '')}`;
}
