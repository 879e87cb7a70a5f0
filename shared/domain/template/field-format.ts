import { numberToText } from '../expression/index.ts';
import { digitsBetween, roundedDigits } from './decimal-digits.ts';

/** A compiled `:%12.5e` or `:>16`: printf or Python-like, always with a point and never with digit groups (the C locale). */
export interface FieldFormat {
  readonly source: string;
  /** `text` = the value as it is, padded. */
  readonly conversion: 'd' | 'e' | 'E' | 'f' | 'g' | 'G' | 'text';
  readonly fill: string;
  /** null = numbers right, texts left (printf: always right). */
  readonly align: '<' | '>' | '^' | null;
  readonly sign: '' | '+' | ' ';
  /** Zeros between sign and digits up to the width. */
  readonly isZeroPadded: boolean;
  /** `#`: keep the point and, for g, trailing zeros. */
  readonly isAlternate: boolean;
  readonly width: number | null;
  readonly precision: number | null;
}

/** A value on its way into a field: its text, and its number when it is one. */
export interface FieldValue {
  readonly text: string;
  readonly number: number | null;
}

export type FieldResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'type' | 'overflow'; readonly message: string };

const PRINTF = /^%([-+ #0]*)(\d+)?(?:\.(\d*))?([A-Za-z])$/;
const PYTHON = /^(?:(.)?([<>^]))?([+ ])?(#)?(0)?(\d+)?(?:\.(\d+))?([A-Za-z])?$/;
const LIMIT = 300;

const CONVERSIONS: ReadonlyMap<string, FieldFormat['conversion']> = new Map([
  ['d', 'd'],
  ['i', 'd'],
  ['e', 'e'],
  ['E', 'E'],
  ['f', 'f'],
  ['F', 'f'],
  ['g', 'g'],
  ['G', 'G'],
  ['s', 'text'],
]);

/** Compiles the text after `:`, or says what is wrong with it. */
export function parseFieldFormat(
  source: string,
): { readonly ok: true; readonly format: FieldFormat } | { readonly ok: false; readonly message: string } {
  const format = source.startsWith('%') ? printfFormat(source) : pythonFormat(source);
  if (format === null) {
    return {
      ok: false,
      message: `\`${source}\` is not a number format; write for example \`%12.5e\`, \`10.4f\` or \`>16\``,
    };
  }
  if (typeof format === 'string') {
    return { ok: false, message: `\`${format}\` in \`${source}\` is not a conversion; use one of d e E f g G s` };
  }
  if ((format.width ?? 0) > LIMIT || (format.precision ?? 0) > LIMIT) {
    return { ok: false, message: `\`${source}\` is wider than ${LIMIT} characters` };
  }
  return { ok: true, format };
}

function printfFormat(source: string): FieldFormat | string | null {
  const match = PRINTF.exec(source);
  if (match === null) return null;
  const [, flags = '', width, precision, letter = ''] = match;
  const conversion = CONVERSIONS.get(letter);
  if (conversion === undefined) return letter;
  const isLeft = flags.includes('-');
  return {
    source,
    conversion,
    fill: ' ',
    align: isLeft ? '<' : '>',
    sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '',
    isZeroPadded: flags.includes('0') && !isLeft && conversion !== 'text',
    isAlternate: flags.includes('#'),
    width: width === undefined ? null : Number(width),
    precision: precision === undefined ? null : Number(precision),
  };
}

function pythonFormat(source: string): FieldFormat | string | null {
  const match = PYTHON.exec(source);
  if (match === null || source === '') return null;
  const [, fill, align, sign, alternate, zero, width, precision, letter] = match;
  const conversion = letter === undefined ? (precision === undefined ? 'text' : 'g') : CONVERSIONS.get(letter);
  if (conversion === undefined) return letter!;
  return {
    source,
    conversion,
    fill: fill ?? ' ',
    align: (align as '<' | '>' | '^' | undefined) ?? (letter === 's' ? '<' : null),
    sign: (sign as '+' | ' ' | undefined) ?? '',
    isZeroPadded: zero !== undefined && align === undefined,
    isAlternate: alternate !== undefined,
    width: width === undefined ? null : Number(width),
    precision: precision === undefined ? null : Number(precision),
  };
}

/** Formats a value. A field that is too narrow is a failure, never a longer text: it would shift the columns of a solver's deck. */
export function applyFieldFormat(format: FieldFormat, value: FieldValue): FieldResult {
  const body = bodyOf(format, value);
  if (!body.ok) return body;
  const { width } = format;
  if (width === null) return body;
  if (body.text.length > width) {
    const message = `\`${body.text}\` needs ${body.text.length} columns, but the field has ${width}`;
    return { ok: false, reason: 'overflow', message };
  }
  return { ok: true, text: padded(format, body.text, width, value.number !== null) };
}

function padded(format: FieldFormat, text: string, width: number, isNumber: boolean): string {
  if (format.isZeroPadded && isNumber) {
    const signed = /^[-+ ]/.test(text) ? 1 : 0;
    return text.slice(0, signed) + text.slice(signed).padStart(width - signed, '0');
  }
  const align = format.align ?? (isNumber ? '>' : '<');
  if (align === '<') return text.padEnd(width, format.fill);
  if (align === '>') return text.padStart(width, format.fill);
  return text.padStart(text.length + Math.floor((width - text.length) / 2), format.fill).padEnd(width, format.fill);
}

function bodyOf(format: FieldFormat, value: FieldValue): FieldResult {
  const { conversion, precision } = format;
  if (conversion === 'text') {
    const text = precision === null ? value.text : value.text.slice(0, precision);
    return {
      ok: true,
      text: value.number !== null && value.number >= 0 && format.sign !== '' ? format.sign + text : text,
    };
  }
  const { number } = value;
  if (number === null) {
    return {
      ok: false,
      reason: 'type',
      message: `\`${format.source}\` needs a number, but the value is \`${value.text}\``,
    };
  }
  const isNegative = number < 0 || Object.is(number, -0);
  if (conversion !== 'd') {
    return { ok: true, text: withSign(format, isNegative, floatText(format, Math.abs(number))) };
  }
  if (!Number.isInteger(number)) {
    const message = `\`${format.source}\` needs a whole number, but the value is \`${value.text}\``;
    return { ok: false, reason: 'type', message };
  }
  // Digits of a long whole number are taken from its text: a double would change those after the 16th.
  const digits = (/^\s*[-+]?0*(\d+)\s*$/.exec(value.text)?.[1] ?? BigInt(Math.abs(number)).toString()).padStart(
    precision ?? 1,
    '0',
  );
  return { ok: true, text: withSign(format, number < 0, digits) };
}

function withSign(format: FieldFormat, isNegative: boolean, text: string): string {
  return (isNegative ? '-' : format.sign) + text;
}

function floatText({ conversion, precision, isAlternate }: FieldFormat, size: number): string {
  const places = precision ?? 6;
  if (conversion === 'f') return fixedText(size, places, isAlternate);
  const upper = conversion === 'E' || conversion === 'G';
  const text =
    conversion === 'e' || conversion === 'E'
      ? exponentText(size, places, isAlternate)
      : generalText(size, Math.max(1, places), isAlternate);
  return upper ? text.toUpperCase() : text;
}

/**
 * Whether a number may lie exactly half-way between two results with so many decimals. JavaScript's own toFixed and toExponential
 * are exact and fast, but take the larger of the two then, where C takes the even one.
 */
function mayTie(size: number, decimals: number): boolean {
  return !Number.isInteger(size) && Number.isInteger(size * 2 ** (decimals + 1));
}

function fixedText(size: number, decimals: number, keepsPoint: boolean): string {
  if (decimals > 0 && decimals <= 100 && size < 1e21 && !mayTie(size, decimals)) return size.toFixed(decimals);
  const rounded = roundedDigits(size, { decimals }, 'exact');
  const { pointAt } = rounded;
  const whole = pointAt > 0 ? digitsBetween(rounded, 0, pointAt) : '0';
  return whole + (decimals > 0 || keepsPoint ? '.' : '') + digitsBetween(rounded, pointAt, pointAt + decimals);
}

function exponentText(size: number, decimals: number, keepsPoint: boolean): string {
  if (decimals > 0 && decimals <= 100 && size < 1e15 && !Number.isInteger(size) && size > 1e-15) {
    const text = size.toExponential(decimals);
    const e = text.indexOf('e');
    const exponent = Number(text.slice(e + 1));
    if (!mayTie(size, decimals - exponent + 1)) {
      return `${text.slice(0, e + 2)}${String(Math.abs(exponent)).padStart(2, '0')}`;
    }
  }
  const rounded = roundedDigits(size, { significant: decimals + 1 }, 'exact');
  const exponent = rounded.digits === '' ? 0 : rounded.pointAt - 1;
  const point = decimals > 0 || keepsPoint ? '.' : '';
  const mantissa = digitsBetween(rounded, 0, 1) + point + digitsBetween(rounded, 1, decimals + 1);
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** C's %g: fixed for exponents -4 … precision-1, trailing zeros dropped unless `#`. */
function generalText(size: number, significant: number, keepsZeros: boolean): string {
  const rounded = roundedDigits(size, { significant }, 'exact');
  const exponent = rounded.digits === '' ? 0 : rounded.pointAt - 1;
  const isFixed = exponent >= -4 && exponent < significant;
  const kept = keepsZeros ? significant : Math.max(1, rounded.digits.length);
  if (!isFixed) return exponentText(size, kept - 1, keepsZeros);
  return fixedText(size, Math.max(0, kept - 1 - exponent), keepsZeros);
}

/** A computed number as text; `always` adds the `.0` that some solvers need to see a real number. */
export function computedNumberText(value: number, style: 'shortest' | 'always'): string {
  const text = numberToText(value);
  if (style === 'shortest' || text.includes('.')) return text;
  const [mantissa = text, exponent] = text.split('e');
  return exponent === undefined ? `${mantissa}.0` : `${mantissa}.0e${exponent}`;
}
