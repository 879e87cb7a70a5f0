import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  evaluate,
  namesIn,
  numberToText,
  parseExpression,
  parseLeadingExpression,
  scopeFromTexts,
  textToNumber,
} from '../../../shared/domain/expression/index.ts';
import type { Value } from '../../../shared/domain/expression/index.ts';

function compute(text: string, values: Record<string, string> = {}, run = 1): Value {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(`${parsed.problem.message} @${parsed.problem.offset}`);
  const result = evaluate(parsed.ast, scopeFromTexts(values, run));
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

function failure(text: string, values: Record<string, string> = {}): string {
  const parsed = parseExpression(text);
  if (!parsed.ok) return `${parsed.problem.offset}: ${parsed.problem.message}`;
  const result = evaluate(parsed.ast, scopeFromTexts(values, 1));
  return result.ok ? `no failure, ${String(result.value)}` : result.message;
}

describe('expressions', () => {
  it.each<[string, Value]>([
    ['1 + 2 * 3', 7],
    ['-2^2', -4],
    ['(-2)^2', 4],
    ['2^3^2', 512],
    ['2**3', 8],
    ['2^-1', 0.5],
    ['2 * -3', -6],
    ['- - 2', 2],
    ['7 % 4', 3],
    ['-7 % 4', -3],
    ['10 - 4 - 3', 3],
    ['.5 + 1. + 1e2', 101.5],
    ['pi', Math.PI],
    ['e', Math.E],
    ['1 < 2', true],
    ['2 <= 1', false],
    ['1 == 1 and 2 != 3', true],
    ['1 > 2 || 2 > 1', true],
    ['not 1 > 2', true],
    ['!(1 > 2) && not (3 < 2)', true],
    ['1 < 2 ? 10 : 20', 10],
    ['0 ? 1 : 0 ? 2 : 3', 3],
    ['if(2 > 1, 5, 1/0)', 5],
    ['0 == 1 and 1/0 > 1', false],
    ['"a" < "b"', true],
    ["'it\\'s' == \"it's\"", true],
    ['abs(-3) + sqrt(16) + exp(0) + log(e) + log10(1000)', 12],
    ['sin(0) + cos(0) + tan(0)', 1],
    ['asin(1) + acos(1)', Math.PI / 2],
    ['atan(1) == atan2(1, 1)', true],
    ['floor(-1.5) + ceil(1.2)', 0],
    ['round(2.5)', 3],
    ['round(-2.5)', -3],
    ['round(0.49999999999999994)', 0],
    ['sign(-9)', -1],
    ['hypot(3, 4)', 5],
    ['degrees(pi) + radians(180)', 180 + Math.PI],
    ['min(3, 1, 2) + max(4)', 5],
    ['clamp(12, 0, 10)', 10],
    ['interp(1.5, 1, 10, 2, 20, 3, 0)', 15],
    ['interp(-1, 1, 10, 2, 20)', 10],
    ['interp(9, 1, 10, 2, 20)', 20],
  ])('%s = %s', (text, value) => {
    expect(compute(text)).toBe(value);
  });

  it('reads variables, types numeric text, and knows the run number', () => {
    const values = { w: '2.5', material: 'steel', grade: '7075', x: '0x1F', big: 'inf' };
    expect(compute('w * 2', values)).toBe(5);
    expect(compute('material == "steel"', values)).toBe(true);
    expect(compute('grade == "7075" and grade == 7075 and material != 7075', values)).toBe(true);
    expect(compute('run * 10', {}, 4)).toBe(40);
    expect(compute('x == "0x1F" and big == "inf"', values)).toBe(true);
  });

  it('lets a variable win over a constant', () => {
    expect(compute('2 * e', { e: '10' })).toBe(20);
  });

  it.each<[string, RegExp]>([
    ['1 +', /^3: .*ends/],
    ['1 2', /^2: .*`2`/],
    ['(1', /^2: .*`\)`/],
    ['2x', /^0: `2x` is not a number/],
    ['0x1F', /`0x1F` is not a number/],
    ['1e999', /too large/],
    ['a = 5', /^2: .*==/],
    ['a.b', /no members/],
    ['1 < 2 < 3', /chained/],
    ['"abc', /no closing/],
    ['foo(1)', /`foo` is not a function/],
    ['sqr(4)', /did you mean `sqrt`/],
    ['ln(4)', /did you mean `log`/],
    ['sin()', /sin\(x\): 0 arguments/],
    ['atan2(1)', /atan2\(y, x\): 1 argument is/],
    ['interp(1, 2, 3)', /interp\(x, x1, y1/],
    ['interp(1, 2, 3, 4, 5, 6)', /pairs/],
    ['1 § 2', /`§`/],
    ['', /ends where/],
    ['and', /`and` stands where/],
    ['1/0', /division by zero: 1 \/ 0/],
    ['1 % 0', /division by zero/],
    ['0^-1', /division by zero/],
    ['sqrt(-1)', /sqrt\(-1\) is not a real number/],
    ['log(0)', /too large/],
    ['1e308 * 10', /too large/],
    ['(-8)^0.5', /not a real number/],
    ['velocty * 2', /`velocty` is not defined; did you mean `velocity`/],
    ['material * 2', /`\*` needs numbers, but `material` is the text "steel"/],
    ['(1 < 2) + 1', /needs numbers, but it got a condition/],
    ['material < 3', /cannot compare/],
    ['not material', /needs a condition/],
    ['clamp(1, 5, 2)', /low bound/],
    ['interp(1, 3, 0, 2, 0)', /rising/],
    ['interp(2.5, 3, 0, 4)', /interp/],
  ])('%s fails with a reason', (text, message) => {
    expect(failure(text, { velocity: '1', material: 'steel' })).toMatch(message);
  });

  it('does not reach anything outside its scope', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(failure(name)).toMatch(/is not defined/);
      expect(failure(`${name}(1)`)).toMatch(/is not a function/);
    }
    expect(compute('constructor', { constructor: '3' })).toBe(3);
  });

  it('limits size and nesting', () => {
    expect(compute(Array.from({ length: 400 }, () => '1').join('+'))).toBe(400);
    expect(failure(Array.from({ length: 600 }, () => '1').join('+'))).toMatch(/more than 1000 parts/);
    expect(failure(`${'('.repeat(60)}1${')'.repeat(60)}`)).toMatch(/nested more than 50/);
    for (const text of [
      '-'.repeat(1e5),
      '('.repeat(1e5),
      'not '.repeat(1e5),
      '2^'.repeat(1e5),
      '1?'.repeat(1e5),
      'if('.repeat(1e5),
    ]) {
      expect(parseExpression(text).ok).toBe(false);
    }
  });

  it('names the variables it needs, without constants unless they are declared', () => {
    const parsed = parseExpression('a + min(b, pi) > e ? run : c');
    if (!parsed.ok) throw new Error(parsed.problem.message);
    expect([...namesIn(parsed.ast)].sort()).toEqual(['a', 'b', 'c', 'run']);
    expect(namesIn(parsed.ast, new Set(['e'])).has('e')).toBe(true);
  });

  it('parses the leading expression of a placeholder and says where it ends', () => {
    expect(parseLeadingExpression('a > 1 ? 2 : 3 :%5.1f')).toMatchObject({ ok: true, end: 13 });
    expect(parseLeadingExpression('w*2?string("0.0")')).toMatchObject({ ok: true, end: 3 });
    expect(parseLeadingExpression('w ~ 3')).toMatchObject({ ok: true, end: 1 });
    expect(parseLeadingExpression('w|sh')).toMatchObject({ ok: true, end: 1 });
  });

  it('reads and writes numbers without loss', () => {
    expect(['1', ' -2.5e3 ', '+.5', '5.'].map(textToNumber)).toEqual([1, -2500, 0.5, 5]);
    expect(['', ' ', '0x10', 'inf', 'NaN', '1d-3', '1,5', '1e400', '1_0', '--1'].map(textToNumber)).toEqual(
      Array.from({ length: 10 }, () => null),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(textToNumber(numberToText(value))).toBe(value === 0 ? 0 : value);
      }),
    );
  });

  it('never throws, whatever the text', () => {
    const tokens = [
      '1',
      'x',
      '+',
      '-',
      '^',
      '(',
      ')',
      '?',
      ':',
      ',',
      'sin',
      'if',
      'and',
      'not',
      '"',
      "'",
      ' ',
      '<',
      '==',
      '|',
      '~',
      'é',
      '\u{1f600}',
      '\ud800',
      '\\',
    ];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary-ascii' }),
          fc.array(fc.constantFrom(...tokens)).map((t) => t.join('')),
        ),
        (text) => {
          const parsed = parseExpression(text);
          if (parsed.ok) evaluate(parsed.ast, scopeFromTexts({ x: '2' }, 1));
          else {
            expect(parsed.problem.message).not.toBe('');
            expect(parsed.problem.offset).toBeGreaterThanOrEqual(0);
            expect(parsed.problem.offset).toBeLessThanOrEqual(text.length);
          }
        },
      ),
    );
  });

  it('agrees with JavaScript on random arithmetic', () => {
    const { tree } = fc.letrec<{ tree: string }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6, withCrossShrink: true },
        fc
          .double({ min: -1000, max: 1000, noNaN: true })
          .map((n) => (n < 0 || Object.is(n, -0) ? `(${n})` : String(n))),
        fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/', '%'), tie('tree')).map((parts) => parts.join(' ')),
        fc.tuple(tie('tree'), fc.constantFrom('+', '-', '*', '/'), tie('tree')).map((parts) => `(${parts.join(' ')})`),
        fc.tuple(tie('tree'), tie('tree')).map(([a, b]) => `(${a})**(${b})`),
        tie('tree').map((inner) => ` -(${inner})`),
      ),
    }));
    fc.assert(
      fc.property(tree, (text) => {
        // The oracle is the JavaScript engine; the text holds only digits, operators and parentheses.
        const expected = new Function(`return ${text}`)() as number;
        const parsed = parseExpression(text);
        if (!parsed.ok) {
          expect(parsed.problem.message).toMatch(/nested|parts/);
          return;
        }
        const result = evaluate(parsed.ast, new Map());
        if (result.ok) expect(result.value === expected || Number.isNaN(expected)).toBe(true);
        else expect(result.message).toMatch(/division by zero|too large|not a real number/);
      }),
    );
  });
});
