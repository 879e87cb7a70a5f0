import { CELL, SAFE_DIGITS, type CellClass } from './cell-types.ts';

/** The cell is no plain number; `classifyCell` must look closer. */
export const NOT_PLAIN = -1;

const ZERO = 48;
const NINE = 57;
/** Mantissas and exponents up to these lengths cannot overflow a double. */
const SHORT_MANTISSA = 100;
const SHORT_EXPONENT = 2;

/**
 * Classifies plain numbers and hashes any text in one pass over the characters, which is what keeps a million rows fast. It reads a span of a
 * larger string, because the engine reads characters of a slice several times slower than those of the string it was sliced from.
 * `a` and `b` are two independent 32-bit hashes of all spans since `reset`.
 */
export class CellScanner {
  a = 0;
  b = 0;

  reset(): void {
    this.a = 0x811c9dc5 | 0;
    this.b = 0x2545f491;
  }

  /** Class of the trimmed text in `source` from `from` to before `to` as `classifyCell` has it, or NOT_PLAIN. */
  scan(source: string, from: number, to: number): CellClass | typeof NOT_PLAIN {
    let a = this.a;
    let b = this.b;
    let at = from;
    let c = 0;
    let kind: CellClass | typeof NOT_PLAIN = NOT_PLAIN;
    if (at < to) {
      c = source.charCodeAt(at);
      if (c === 45 || c === 43) {
        a = Math.imul(a ^ c, 0x01000193);
        b = (Math.imul(b, 0x9e3779b1) + c) | 0;
        at += 1;
      }
    }
    const whole = at;
    while (at < to) {
      c = source.charCodeAt(at);
      if (c < ZERO || c > NINE) break;
      a = Math.imul(a ^ c, 0x01000193);
      b = (Math.imul(b, 0x9e3779b1) + c) | 0;
      at += 1;
    }
    let digits = at - whole;
    if (at === to) {
      if (digits > 0) kind = integerClass(source, whole, digits);
      else if (from === to) kind = CELL.empty;
    } else {
      if (c === 46) {
        a = Math.imul(a ^ c, 0x01000193);
        b = (Math.imul(b, 0x9e3779b1) + c) | 0;
        at += 1;
        const fraction = at;
        while (at < to) {
          c = source.charCodeAt(at);
          if (c < ZERO || c > NINE) break;
          a = Math.imul(a ^ c, 0x01000193);
          b = (Math.imul(b, 0x9e3779b1) + c) | 0;
          at += 1;
        }
        digits += at - fraction;
      }
      if (digits > 0 && digits <= SHORT_MANTISSA && (at === to || isShortExponent(source, at, to))) kind = CELL.decimal;
      for (; at < to; at++) {
        c = source.charCodeAt(at);
        a = Math.imul(a ^ c, 0x01000193);
        b = (Math.imul(b, 0x9e3779b1) + c) | 0;
      }
    }
    // The length goes in too, so that `ab`, `c` and `a`, `bc` differ.
    const length = to - from;
    a = Math.imul(a ^ length, 0x85ebca6b);
    this.a = a ^ (a >>> 15);
    this.b = (Math.imul(b ^ (b >>> 13), 0xc2b2ae35) + length) | 0;
    return kind;
  }
}

function integerClass(source: string, from: number, digits: number): CellClass {
  const leadingZero = digits > 1 && source.charCodeAt(from) === ZERO;
  return leadingZero || digits > SAFE_DIGITS ? CELL.doubtfulInteger : CELL.integer;
}

function isShortExponent(source: string, from: number, to: number): boolean {
  const e = source.charCodeAt(from);
  if (e !== 101 && e !== 69) return false;
  let at = from + 1;
  if (at < to && (source.charCodeAt(at) === 45 || source.charCodeAt(at) === 43)) at += 1;
  if (at === to || to - at > SHORT_EXPONENT) return false;
  for (; at < to; at++) {
    const c = source.charCodeAt(at);
    if (c < ZERO || c > NINE) return false;
  }
  return true;
}
