import { digitsBetween, roundedDigits } from './decimal-digits.ts';
import type { DecimalDigits } from './decimal-digits.ts';

/** A compiled `?string("…")` pattern: java.text.DecimalFormat with US symbols, the subset `0 # . , E % ; '`. */
export interface DecimalPattern {
  readonly source: string;
  readonly positive: Affixes;
  readonly negative: Affixes;
  readonly multiplier: number;
  readonly minimumInteger: number;
  /** Only scientific patterns limit it. */
  readonly maximumInteger: number;
  readonly minimumFraction: number;
  readonly maximumFraction: number;
  /** 0 = no grouping. */
  readonly grouping: number;
  readonly alwaysPoint: boolean;
  /** Least digits of the exponent; null = not scientific. */
  readonly exponentDigits: number | null;
}

interface Affixes {
  readonly prefix: string;
  readonly suffix: string;
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

const NUMBER_PART = new Set(['0', '#', ',', '.']);
const MAXIMUM_LENGTH = 200;

/** Compiles a pattern, or says what is wrong with it. */
export function parseDecimalPattern(source: string): Parsed<DecimalPattern> {
  if (source.length > MAXIMUM_LENGTH) return fail(`it is longer than ${MAXIMUM_LENGTH} characters`);
  const [head, ...rest] = splitPatterns(source);
  if (rest.length > 1) return fail('it has more than one `;`');
  const main = parseOne(head!);
  if (!main.ok) return main;
  const { number, multiplier, ...positive } = main.value;
  const compiled = compileNumber(number);
  if (!compiled.ok) return compiled;

  let negative: Affixes = { prefix: `-${positive.prefix}`, suffix: positive.suffix };
  if (rest[0] !== undefined && rest[0] !== '') {
    const second = parseOne(rest[0]);
    if (!second.ok) return second;
    const { prefix, suffix } = second.value;
    // A negative pattern that looks like the positive one means the usual minus sign.
    if (prefix !== positive.prefix || suffix !== positive.suffix) negative = { prefix, suffix };
  }
  return { ok: true, value: { source, positive, negative, multiplier, ...compiled.value } };
}

function fail(message: string): { ok: false; message: string } {
  return { ok: false, message };
}

/** Splits at `;` outside quotes. */
function splitPatterns(source: string): string[] {
  const parts = [''];
  let isQuoted = false;
  for (const character of source) {
    if (character === "'") isQuoted = !isQuoted;
    if (character === ';' && !isQuoted) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

function parseOne(pattern: string): Parsed<Affixes & { number: string; multiplier: number }> {
  const prefix = readAffix(pattern, 0);
  if (!prefix.ok) return prefix;
  let end = prefix.value.end;
  while (NUMBER_PART.has(pattern[end] ?? '')) end++;
  const exponent = /^E0*/.exec(pattern.slice(end));
  if (exponent !== null) end += exponent[0].length;
  const number = pattern.slice(prefix.value.end, end);
  if (number === '') return fail('it has no `0` or `#`');
  const suffix = readAffix(pattern, end);
  if (!suffix.ok) return suffix;
  if (suffix.value.end < pattern.length) {
    return fail(`\`${pattern[suffix.value.end]!}\` cannot stand after the digits; quote it with '…'`);
  }
  const percents = prefix.value.percents + suffix.value.percents;
  if (percents > 1) return fail('it has more than one `%`');
  const multiplier = percents === 1 ? 100 : 1;
  return { ok: true, value: { prefix: prefix.value.text, suffix: suffix.value.text, number, multiplier } };
}

/** Literal text up to the digits or the end; `'…'` quotes, `''` is an apostrophe. */
function readAffix(pattern: string, from: number): Parsed<{ text: string; end: number; percents: number }> {
  let text = '';
  let percents = 0;
  let i = from;
  while (i < pattern.length && !NUMBER_PART.has(pattern[i]!)) {
    const character = pattern[i]!;
    if (character === "'") {
      const close = pattern.indexOf("'", i + 1);
      if (close < 0) return fail("a quote ' is not closed");
      text += close === i + 1 ? "'" : pattern.slice(i + 1, close);
      i = close + 1;
      continue;
    }
    if (character === '‰' || character === '¤') return fail(`\`${character}\` is not supported`);
    if (character === '%') percents++;
    text += character;
    i++;
  }
  return { ok: true, value: { text, end: i, percents } };
}

type NumberLayout = Omit<DecimalPattern, 'source' | 'positive' | 'negative' | 'multiplier'>;

/** The counting rules of DecimalFormat.applyPattern. */
function compileNumber(number: string): Parsed<NumberLayout> {
  const [mantissa = '', exponent] = number.split('E');
  const pointAt = mantissa.indexOf('.');
  const hasPoint = pointAt >= 0;
  const integer = hasPoint ? mantissa.slice(0, pointAt) : mantissa;
  const fraction = hasPoint ? mantissa.slice(pointAt + 1) : '';
  if (fraction.includes('.')) return fail('it has more than one `.`');
  if (fraction.includes(',')) return fail('`,` cannot stand after the point');
  if (integer.endsWith(',')) return fail('`,` must be followed by digits');
  const group = integer.includes(',') ? integer.length - integer.lastIndexOf(',') - 1 : 0;
  const places = integer.replaceAll(',', '');
  if (!/^#*0*$/.test(places)) return fail('`#` cannot stand between `0` and the point');
  if (!/^0*#*$/.test(fraction)) return fail('`0` cannot stand after `#` behind the point');
  if (places === '' && fraction === '') return fail('it has no `0` or `#`');
  if (exponent === '') return fail('`E` must be followed by `0`');
  if (exponent !== undefined && group > 0) return fail('`,` and `E` do not go together');

  let minimumInteger = places.length - places.replaceAll('0', '').length;
  let minimumFraction = fraction.length - fraction.replaceAll('0', '').length;
  if (hasPoint && minimumInteger === 0 && minimumFraction === 0) {
    // `#.##` means `0.##`, `.##` means `.0#`.
    if (places === '') minimumFraction = 1;
    else minimumInteger = 1;
  }
  return {
    ok: true,
    value: {
      minimumInteger,
      maximumInteger: exponent === undefined ? Infinity : places.length,
      minimumFraction,
      maximumFraction: fraction.length,
      grouping: group,
      alwaysPoint: hasPoint && (places === '' || fraction === ''),
      exponentDigits: exponent?.length ?? null,
    },
  };
}

/**
 * Formats a finite number. Ties of the exact value go to the even digit; minus zero and negatives that round to zero keep `-`.
 * One JDK oddity is not copied: JDK 17 rounds whole doubles that tie in a scientific pattern up (12345, `0.000E0` → 1.235E4),
 * against its own documentation and its own result for the long 12345 (1.234E4).
 */
export function formatDecimal(pattern: DecimalPattern, value: number): string {
  const affixes = value < 0 || Object.is(value, -0) ? pattern.negative : pattern.positive;
  const size = Math.abs(value) * pattern.multiplier;
  if (!Number.isFinite(size)) return `${affixes.prefix}∞${affixes.suffix}`;
  const body = pattern.exponentDigits === null ? formatFixed(pattern, size) : formatScientific(pattern, size);
  return affixes.prefix + body + affixes.suffix;
}

function formatFixed(pattern: DecimalPattern, size: number): string {
  const rounded = roundedDigits(size, { decimals: pattern.maximumFraction }, 'zeros');
  const { pointAt } = rounded;
  const integerDigits = Math.max(pointAt, pattern.minimumInteger, 0);
  const integer = digitsBetween(rounded, pointAt - integerDigits, pointAt);
  const known = Math.max(0, rounded.digits.length - pointAt);
  const fractionDigits = Math.max(pattern.minimumFraction, rounded.digits === '' ? 0 : known);
  const fraction = digitsBetween(rounded, pointAt, pointAt + fractionDigits);
  const whole = integer === '' && fraction === '' ? '0' : grouped(integer, pattern.grouping);
  return whole + (fraction !== '' || pattern.alwaysPoint ? '.' : '') + fraction;
}

function grouped(integer: string, size: number): string {
  if (size === 0) return integer;
  let text = integer;
  for (let i = integer.length - size; i > 0; i -= size) text = `${text.slice(0, i)},${text.slice(i)}`;
  return text;
}

/** DecimalFormat.subformat with useExponentialNotation. */
function formatScientific(pattern: DecimalPattern, size: number): string {
  const { minimumInteger, maximumInteger, minimumFraction, maximumFraction } = pattern;
  const rounded = significantDigits(size, maximumInteger + maximumFraction);
  const isZero = rounded.digits === '';
  let exponent = rounded.pointAt;
  let leastInteger = minimumInteger;
  if (maximumInteger > 1 && maximumInteger > minimumInteger) {
    // The exponent is a multiple of the number of integer places (engineering notation).
    exponent = Math.floor((exponent - 1) / maximumInteger) * maximumInteger;
    leastInteger = 1;
  } else {
    exponent -= minimumInteger;
  }
  const integerDigits = isZero ? leastInteger : rounded.pointAt - exponent;
  const total = Math.max(rounded.digits.length, minimumInteger + minimumFraction, integerDigits);
  const integer = digitsBetween(rounded, 0, integerDigits);
  const fraction = digitsBetween(rounded, integerDigits, total);
  const shown = isZero ? 0 : exponent;
  const exponentText = (shown < 0 ? '-' : '') + String(Math.abs(shown)).padStart(pattern.exponentDigits!, '0');
  return `${integer}${fraction !== '' || pattern.alwaysPoint ? '.' : ''}${fraction}E${exponentText}`;
}

function significantDigits(size: number, count: number): DecimalDigits {
  return roundedDigits(size, { significant: count }, 'zeros');
}
