import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, parseDecimalPattern } from '../../../shared/domain/template/index.ts';
import { JAVA_NUMBERS, JAVA_RESULTS } from './decimal-format-oracle.ts';

function format(pattern: string, value: number): string {
  const parsed = parseDecimalPattern(pattern);
  if (!parsed.ok) throw new Error(parsed.message);
  return formatDecimal(parsed.value, value);
}

// java.text.DecimalFormat, US symbols, run with JDK 17.
const PATTERNS = ['0', '0.0', '0.00##', '#.##', '0E0', '00E00', '0.0##E0', '0.000E00', '#,##0.00', '0000.0'];
const TABLE = `
0.9 | 1 | 0.9 | 0.90 | 0.9 | 9E-1 | 90E-02 | 9.0E-1 | 9.000E-01 | 0.90 | 0000.9
1.49 | 1 | 1.5 | 1.49 | 1.49 | 1E0 | 15E-01 | 1.49E0 | 1.490E00 | 1.49 | 0001.5
-55.123 | -55 | -55.1 | -55.123 | -55.12 | -6E1 | -55E00 | -5.512E1 | -5.512E01 | -55.12 | -0055.1
9810 | 9810 | 9810.0 | 9810.00 | 9810 | 1E4 | 98E02 | 9.81E3 | 9.810E03 | 9,810.00 | 9810.0
0 | 0 | 0.0 | 0.00 | 0 | 0E0 | 00E00 | 0.0E0 | 0.000E00 | 0.00 | 0000.0
0.5 | 0 | 0.5 | 0.50 | 0.5 | 5E-1 | 50E-02 | 5.0E-1 | 5.000E-01 | 0.50 | 0000.5
1.5 | 2 | 1.5 | 1.50 | 1.5 | 2E0 | 15E-01 | 1.5E0 | 1.500E00 | 1.50 | 0001.5
2.5 | 2 | 2.5 | 2.50 | 2.5 | 2E0 | 25E-01 | 2.5E0 | 2.500E00 | 2.50 | 0002.5
1234567.891 | 1234568 | 1234567.9 | 1234567.891 | 1234567.89 | 1E6 | 12E05 | 1.235E6 | 1.235E06 | 1,234,567.89 | 1234567.9
1e-7 | 0 | 0.0 | 0.00 | 0 | 1E-7 | 10E-08 | 1.0E-7 | 1.000E-07 | 0.00 | 0000.0
-0.04 | -0 | -0.0 | -0.04 | -0.04 | -4E-2 | -40E-03 | -4.0E-2 | -4.000E-02 | -0.04 | -0000.0
101325 | 101325 | 101325.0 | 101325.00 | 101325 | 1E5 | 10E04 | 1.013E5 | 1.013E05 | 101,325.00 | 101325.0`;

describe('DecimalFormat patterns', () => {
  it.each(TABLE.trim().split('\n'))('gives the published row %s', (row) => {
    const [number, ...expected] = row.split(' | ');
    expect(PATTERNS.map((pattern) => format(pattern, Number(number)))).toEqual(expected);
  });

  it.each(Object.keys(JAVA_RESULTS))('agrees with Java for %s', (pattern) => {
    expect(JAVA_NUMBERS.map((number) => format(pattern, Number(number)))).toEqual(JAVA_RESULTS[pattern]);
  });

  it('sends exact ties to the even digit, and near-ties to the side of the exact value', () => {
    expect(format('0.00', 0.125)).toBe('0.12');
    expect(format('0.00', 0.375)).toBe('0.38');
    expect(format('0.00', 2.675)).toBe('2.67');
    expect(format('0.000E00', 12345)).toBe('1.234E04');
  });

  it.each([
    '',
    'abc',
    '0.0.0',
    '#0#',
    '0#0',
    '0.#0',
    '0E',
    '#,',
    '0,.0',
    '0.0,0',
    '#,##0E0',
    "0'x",
    '0%%',
    '0‰',
    '0;0;0',
    '.',
    '0x0',
  ])('refuses %j with a reason', (pattern) => {
    const parsed = parseDecimalPattern(pattern);
    expect(parsed.ok ? '' : parsed.message).not.toBe('');
  });

  it('agrees with integer arithmetic for 0.00', () => {
    // value = n / 2^k exactly; hundredths with ties to even by BigInt division.
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 52n), 2n ** 52n), fc.integer({ min: 0, max: 40 }), (n, k) => {
        const size = n < 0n ? -n : n;
        // Beyond 15 digits Java fills up with zeros.
        fc.pre(size / 2n ** BigInt(k) < 10n ** 12n);
        const scaled = size * 100n;
        const divisor = 2n ** BigInt(k);
        let hundredths = scaled / divisor;
        const twice = (scaled % divisor) * 2n;
        if (twice > divisor || (twice === divisor && hundredths % 2n === 1n)) hundredths++;
        const text = hundredths.toString().padStart(3, '0');
        const expected = `${n < 0n ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`;
        expect(format('0.00', Number(n) / 2 ** k)).toBe(expected);
      }),
    );
  });

  it('keeps every digit when the pattern has room for them', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Number(format('0.################E0', value))).toBe(value);
      }),
    );
  });

  it('never throws on any pattern', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."0#.,E%;'-a ") }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (pattern, value) => {
          const parsed = parseDecimalPattern(pattern);
          if (parsed.ok) expect(typeof formatDecimal(parsed.value, value)).toBe('string');
          else expect(parsed.message).not.toBe('');
        },
      ),
    );
  });
});
