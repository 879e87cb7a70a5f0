import { describe, expect, it } from 'vitest';
import { codes, column, ofCode, only, read } from './helpers.ts';

describe('rules about columns and rows', () => {
  it('CSV09: the same key in different clothes; a difference in case is a warning', () => {
    expect(only(read('v,Speed (v) [m/s]\n1,2\n2,3\n'), 'CSV09').severity).toBe('error');
    const definition = read('v,V\n1,2\n2,3\n');
    expect(only(definition, 'CSV09')).toMatchObject({ severity: 'warning', column: 3 });
    expect(definition.ok).toBe(true);
  });

  it('CSV10: values without a header', () => {
    const problem = only(read('a,,b\n1,,2\n3,x,4\n'), 'CSV10');
    expect(problem).toMatchObject({ severity: 'error', line: 1, column: 3 });
    expect(problem.message).toContain('`x` in line 3');
  });

  it('CSV11: proposes keys and keeps the labels', () => {
    const definition = read('Inlet velocity (m/s),2theta,run,Re-number\n1,2,3,4\n2,3,4,5\n');
    expect(definition.columns.map((c) => [c.key, c.label, c.unit, c.proposed])).toEqual([
      ['inlet_velocity', 'Inlet velocity', 'm/s', true],
      ['x2theta', '2theta', null, true],
      ['run_value', 'run', null, true],
      ['re_number', 'Re-number', null, true],
    ]);
    expect(ofCode(definition, 'CSV11').map((p) => [p.severity, p.line, p.column])).toEqual([
      ['warning', 1, 1],
      ['warning', 1, 22],
      ['warning', 1, 29],
      ['warning', 1, 33],
    ]);
  });

  it('CSV11: asks about a misspelt reserved name', () => {
    expect(only(read('_enable,a\n0,1\n1,2\n'), 'CSV11').hint).toContain('`_enabled`');
  });

  it('CSV16: lists rows with the same values', () => {
    const definition = read('a,b,_note\n1,2,x\n3,4,y\n1,2,z\n1,2,\n3,4,\n');
    expect(ofCode(definition, 'CSV16').map((p) => [p.severity, p.line, p.message])).toEqual([
      ['warning', 4, 'the rows 1, 3 and 4 have the same values'],
      ['warning', 6, 'the rows 2 and 5 have the same values'],
    ]);
    expect(definition.total).toBe(5);
    expect(codes(read('a,b\n1,23\n12,3\n'))).toEqual([]);
  });

  it('CSV16: with a _replicate column they are meant', () => {
    const definition = read('a,_replicate\n1,1\n1,2\n2,1\n');
    expect(only(definition, 'CSV16').severity).toBe('info');
  });

  it('CSV16: many groups and large groups stay short', () => {
    const rows = Array.from({ length: 300 }, (_, i) => `${i % 150},${i % 150}\n`).join('');
    const groups = read(`a,b\n${rows}`);
    expect(ofCode(groups, 'CSV16').length).toBeLessThanOrEqual(102);
    const one = only(read(`a,b\n${'1,2\n'.repeat(50)}`), 'CSV16');
    expect(one.message).toMatch(/^the rows 1, 2, 3, .* and 30 more have the same values$/);
  });

  it('CSV18: a declared variable without column and nominal', () => {
    const variables = { width: { kind: 'number' }, load: { kind: 'number', nominal: 5 } } as const;
    const problem = only(read('widht\n1\n2\n', { variables }), 'CSV18');
    expect(problem).toMatchObject({ severity: 'error', line: 1, hint: expect.stringContaining('`widht`') });
  });

  it('CSV19: a column that nothing uses', () => {
    const definition = read('a,velocty,_note\n1,2,x\n2,3,y\n', { usedNames: new Set(['a', 'velocity']) });
    expect(only(definition, 'CSV19')).toMatchObject({
      severity: 'warning',
      column: 3,
      hint: expect.stringContaining('`velocity`'),
    });
  });

  it('CSV20: constraints see numbers, texts, nominals and the run', () => {
    const seen: (number | string | undefined)[][] = [];
    const definition = read('w;t;name\n1,5;2;x\n3;2,5;y\n', {
      variables: { w: { kind: 'number' }, load: { kind: 'number', nominal: 7 } },
      constraints: [
        {
          text: 'w < t',
          test: (values) => {
            seen.push([values.get('w'), values.get('t'), values.get('name'), values.get('load'), values.get('run')]);
            return Number(values.get('w')) < Number(values.get('t'));
          },
        },
      ],
    });
    expect(seen).toEqual([
      [1.5, 2, 'x', 7, 1],
      [3, 2.5, 'y', 7, 2],
    ]);
    expect(only(definition, 'CSV20')).toMatchObject({
      severity: 'error',
      line: 3,
      message: 'row 2: the constraint `w < t` is violated with w = `3` and t = `2.5`',
    });
  });

  it('CSV20: says why a constraint cannot be computed', () => {
    const test = () => {
      throw new Error('division by zero');
    };
    expect(only(read('a\n1\n', { constraints: [{ text: '1/0 > a', test }] }), 'CSV20').message).toContain(
      'division by zero',
    );
  });

  it('CSV22: run names', () => {
    const definition = read('_run,a\nbase,1\nBASE,2\na/b,3\nCON,4\n..,5\n,6\nfine_2.x,7\n,8\n');
    expect(ofCode(definition, 'CSV22').map((p) => p.line)).toEqual([3, 4, 5, 6]);
    expect(ofCode(definition, 'CSV22')[0]?.message).toContain('already used by row 1');
    expect(read('_run,a\n1,1\n2,2\n').ok).toBe(true);
  });

  it('CSV23: a column that never changes', () => {
    const definition = read('a,b\n1,5\n2,5\n');
    expect(only(definition, 'CSV23')).toMatchObject({ severity: 'warning', column: 3 });
    expect(definition.columns.map((c) => c.constant)).toEqual([false, true]);
    expect(codes(read('a,b\n1,5\n'))).toEqual([]);
  });

  it('_enabled leaves rows out and keeps their numbers', () => {
    const definition = read('_enabled,a\n1,10\n0,bad\nFALSE,\nno,12\n,13\nyes,14\n');
    expect(definition.ok).toBe(true);
    expect(definition.rows.map((r) => r.ordinal)).toEqual([1, 5, 6]);
    expect(definition).toMatchObject({ total: 3, dataRows: 6, disabled: 3 });
  });

  it('known results and reserved columns have roles and are no variables', () => {
    const definition = read('_run,_status,_cores,a,out.tip [mm]\nr1,done,2,1,3.5\nr2,failed,2,2,\n', {
      usedNames: new Set(['a']),
    });
    expect(definition.ok).toBe(true);
    expect(definition.problems).toEqual([]);
    expect(definition.columns.map((c) => [c.role, c.key, c.unit])).toEqual([
      ['run', '_run', null],
      ['status', '_status', null],
      ['cores', '_cores', null],
      ['variable', 'a', null],
      ['output', 'tip', 'mm'],
    ]);
    expect(column(definition, 'tip')).toEqual(['3.5', '']);
    expect(only(read('_cores,a\nmany,1\n'), 'CSV12').severity).toBe('error');
  });

  it('column kinds: integer, number, text', () => {
    const definition = read('i,n,t\n1,1,1\n-2,2.5,x\n3,1e3,y\n');
    expect(definition.columns.map((c) => c.kind)).toEqual(['integer', 'number', 'text']);
  });

  it('the preview shows rows even when there are errors', () => {
    const definition = read('a,b\n1,2\n3\n4,5\n6,7\n', { preview: 2 });
    expect(definition.rows).toEqual([]);
    expect(definition.preview.map((r) => r.ordinal)).toEqual([1, 3]);
  });
});
