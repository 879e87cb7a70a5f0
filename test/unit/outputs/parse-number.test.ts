import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isNonFiniteNumber, numberHint, parseNumber } from '../../../shared/domain/outputs/parse-number.ts';

describe('numbers as solvers print them', () => {
  it.each([
    ['1', 1],
    [' +.5 ', 0.5],
    ['5.', 5],
    ['-0.1000000E+01', -1],
    ['1.0D-03', 1e-3],
    ['2d5', 2e5],
    ['1.0-100', 1e-100],
    ['-2.5+101', -2.5e101],
    ['007', 7],
    ['1e-400', 0],
  ])('reads %s', (text, value) => expect(parseNumber(text)).toBe(value));

  it.each([
    '',
    ' ',
    '.',
    'e5',
    '1e',
    '0x1F',
    '1,5',
    '1 234',
    '1.2.3',
    '2.5-3',
    '10-100',
    '--1',
    'nan',
    'Infinity',
    '1e999',
    '****',
    '1_000',
    '5 MPa',
  ])('refuses %s', (text) => expect(parseNumber(text)).toBeNull());

  it('reads back whatever JavaScript prints', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (x) => {
        // Adding 0 makes -0, which prints as 0, equal to 0.
        expect(parseNumber(String(x))).toBe(x + 0);
      }),
    );
  });

  it('reads Fortran forms as the same number as the E form', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -1e307, max: 1e307 }), (x) => {
        const text = x.toExponential(9);
        expect(parseNumber(text.replace('e', 'D'))).toBe(Number(text));
        const letterless = /^(.*)e([+-])(\d{3})$/.exec(text);
        if (letterless) expect(parseNumber(`${letterless[1]}${letterless[2]}${letterless[3]}`)).toBe(Number(text));
      }),
    );
  });

  it('tells "not finite" from "no number"', () => {
    for (const text of ['NaN', '-inf', '+Infinity', '1.#QNAN', '1e999', '1.0+999', 'nan(0x8)'])
      expect(isNonFiniteNumber(text)).toBe(true);
    for (const text of ['1', 'banana', 'info', '****', '1e-999']) expect(isNonFiniteNumber(text)).toBe(false);
  });

  it('guesses why a text is no number', () => {
    expect(numberHint('1,5')).toContain('decimal comma');
    expect(numberHint('********')).toContain('Fortran');
    expect(numberHint('2.1e11 Pa')).toContain('unit');
    expect(numberHint('1.5,')).toContain('punctuation');
  });
});
