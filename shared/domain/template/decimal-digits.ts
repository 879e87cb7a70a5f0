/** The decimal digits of a number ≥ 0: its value is 0.d₁d₂d₃… × 10^pointAt. No leading or trailing zeros; zero has no digits. */
export interface DecimalDigits {
  readonly digits: string;
  readonly pointAt: number;
}

const ZERO: DecimalDigits = { digits: '', pointAt: 0 };

function trimmed(digits: string, pointAt: number): DecimalDigits {
  let end = digits.length;
  while (end > 0 && digits.charCodeAt(end - 1) === 48) end--;
  return end === 0 ? ZERO : { digits: digits.slice(0, end), pointAt };
}

/** The fewest digits that read back as the same double. `value` is finite and ≥ 0. */
export function shortestDigits(value: number): DecimalDigits {
  if (value === 0) return ZERO;
  const text = value.toExponential();
  const e = text.indexOf('e');
  return trimmed(text[0]! + text.slice(2, e), Number(text.slice(e + 1)) + 1);
}

/** Every digit of the double's exact value (up to 767 of them). `value` is finite and ≥ 0. */
export function exactDigits(value: number): DecimalDigits {
  if (value === 0) return ZERO;
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const high = bits.getUint32(0);
  const biased = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(bits.getUint32(4));
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = Math.max(biased, 1) - 1075;
  if (exponent >= 0) {
    const digits = (mantissa << BigInt(exponent)).toString();
    return trimmed(digits, digits.length);
  }
  // m × 2^-k = m × 5^k × 10^-k
  const digits = (mantissa * 5n ** BigInt(-exponent)).toString();
  return trimmed(digits, digits.length + exponent);
}

function roundHalfEven({ digits, pointAt }: DecimalDigits, count: number): DecimalDigits {
  if (count >= digits.length) return { digits, pointAt };
  if (count < 0) return ZERO;
  const next = digits.charCodeAt(count) - 48;
  const isTie = next === 5 && digits.length === count + 1;
  const previousIsOdd = count > 0 && digits.charCodeAt(count - 1) % 2 === 1;
  if (next < 5 || (isTie && !previousIsOdd)) return trimmed(digits.slice(0, count), pointAt);
  let i = count - 1;
  while (i >= 0 && digits.charCodeAt(i) === 57) i--;
  if (i < 0) return { digits: '1', pointAt: pointAt + 1 };
  return { digits: digits.slice(0, i) + String(Number(digits[i]!) + 1), pointAt };
}

/**
 * The first `count` digits of `value` (finite, ≥ 0), correctly rounded from its exact binary value, ties to even, as C's printf
 * and java.text.DecimalFormat (JDK 8 and later) do: 2.675 is a little below 2.675 and gives 2.67.
 *
 * Where `count` reaches past the shortest digits, `beyond` says what follows: the `exact` digits (C) or `zeros` (Java).
 */
export function roundedDigits(
  value: number,
  places: { readonly significant: number } | { readonly decimals: number },
  beyond: 'exact' | 'zeros',
): DecimalDigits {
  const shortest = shortestDigits(value);
  const count = 'significant' in places ? places.significant : shortest.pointAt + places.decimals;
  const { digits } = shortest;
  // Cutting inside the shortest digits rounds to the same side as cutting the exact ones, unless they end in a tie there.
  const looksTied = digits.length === count + 1 && digits.endsWith('5');
  const needsExact = looksTied || (beyond === 'exact' && count > 15);
  if (!needsExact || digits === '') return roundHalfEven(shortest, count);
  const exact = exactDigits(value);
  return roundHalfEven(exact, 'significant' in places ? places.significant : exact.pointAt + places.decimals);
}

/** Digits `from` (inclusive) to `to` (exclusive) counted from the first digit; places outside the digits are zeros. */
export function digitsBetween({ digits }: DecimalDigits, from: number, to: number): string {
  if (to <= from) return '';
  const leading = '0'.repeat(Math.max(0, Math.min(0, to) - from));
  const middle = digits.slice(Math.max(0, from), Math.max(0, to));
  return (leading + middle).padEnd(to - from, '0');
}
