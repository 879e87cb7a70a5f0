import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factorialLevels, fullFactorial, MAX_RUNS, type Design } from '../../../shared/domain/design/full-factorial.ts';
import type { VariableSpec } from '../../../shared/domain/job-spec/job-spec.ts';

const list = (...values: readonly string[]): VariableSpec => ({ kind: 'values', values });
const range = (
  min: number,
  max: number,
  step?: number,
  kind: 'continuous' | 'integer' = 'continuous',
): VariableSpec => ({ kind, min, max, ...(step === undefined ? {} : { step }) });

function design(
  variables: Readonly<Record<string, VariableSpec>>,
  levels?: number | Readonly<Record<string, number>>,
): Design {
  const result = fullFactorial(variables, levels);
  if (!result.ok) throw new Error(result.message);
  return result.design;
}

describe('full factorial', () => {
  it('changes the first variable slowest, and keeps texts as they are written', () => {
    const { variables, count, rows } = design({
      w: list('2.0', '3'),
      c: { kind: 'constant', value: '007' },
      load: list('800', '1e3'),
    });
    expect({ variables, count }).toEqual({ variables: ['w', 'c', 'load'], count: 4 });
    expect([...rows()]).toEqual([
      ['2.0', '007', '800'],
      ['2.0', '007', '1e3'],
      ['3', '007', '800'],
      ['3', '007', '1e3'],
    ]);
  });

  it.each([
    [range(0, 0.3, 0.1), undefined, ['0', '0.1', '0.2', '0.3']],
    [range(0, 1, 0.4), undefined, ['0', '0.4', '0.8']],
    [range(2, 3), 3, ['2', '2.5', '3']],
    [range(0, 0.3), 4, ['0', '0.1', '0.2', '0.3']],
    [range(-1, 1), { x: 2 }, ['-1', '1']],
    [range(1, 3, undefined, 'integer'), 5, ['1', '2', '3']],
    [range(0, 10, 5, 'integer'), undefined, ['0', '5', '10']],
  ])('%j with levels %j', (variable, levels, values) =>
    expect(factorialLevels('x', variable, levels)).toEqual({ ok: true, values }),
  );

  it('refuses a range without levels and a design that is too large', () => {
    expect(fullFactorial({ x: range(0, 1) })).toMatchObject({
      ok: false,
      message: expect.stringContaining('neither a step nor') as string,
    });
    expect(fullFactorial({ x: range(0, 1, 1e-9) }).ok).toBe(false);
    expect(fullFactorial({ a: range(0, 1), b: range(0, 1), c: range(0, 1) }, 101).ok).toBe(false);
    expect(design({ a: range(0, 1), b: range(0, 1), c: range(0, 1) }, 100).count).toBe(MAX_RUNS);
  });

  it('has every combination once, and gives any row without making the others', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(sizes, (counts) => {
        const variables = Object.fromEntries(
          counts.map((n, i) => [`v${i}`, list(...Array.from({ length: n }, (_, k) => `${k}`))]),
        );
        const made = design(variables);
        const rows = [...made.rows()];
        expect(made.count).toBe(counts.reduce((product, n) => product * n, 1));
        expect(new Set(rows.map((row) => row.join())).size).toBe(made.count);
        expect(rows).toEqual(rows.toSorted((a, b) => a.join().localeCompare(b.join())));
        expect(made.row(made.count - 1)).toEqual(rows.at(-1));
      }),
    );
  });
});
