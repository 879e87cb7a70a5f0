import { describe, expect, it } from 'vitest';
import type { VariableDeclaration } from '../../../shared/domain/csv/run-definition-types.ts';
import { codes, column, ofCode, only, read } from './helpers.ts';

function declared(variables: Record<string, VariableDeclaration>) {
  return { variables };
}

describe('rules about cells', () => {
  it('CSV05: converts the whole column, leaves text columns alone', () => {
    const definition = read('v;t\n1,5;1,5\n2;x\n-3,25e-3;y\n');
    expect(column(definition, 'v')).toEqual(['1.5', '2', '-3.25e-3']);
    expect(column(definition, 't')).toEqual(['1,5', 'x', 'y']);
    expect(only(definition, 'CSV05').message).toContain('2 decimal commas');
  });

  it('CSV05: can be asked about, or the text kept', () => {
    const ask = read('v;t\n1,5;1\n2,5;2\n', { decimalComma: 'ask' });
    expect(only(ask, 'CSV05')).toMatchObject({
      severity: 'error',
      hint: expect.stringContaining('decimalComma: keep'),
    });
    const keep = read('v;t\n1,5;1\n2,5;2\n', { decimalComma: 'keep' });
    expect(codes(keep)).toEqual(['CSV04']);
    expect(column(keep, 'v')).toEqual(['1,5', '2,5']);
    expect(keep.columns[0]?.kind).toBe('text');
  });

  it('CSV05: quoted decimal commas in a comma file are errors', () => {
    expect(only(read('v,t\n"1,5",1\n2,2\n'), 'CSV05')).toMatchObject({ severity: 'error', line: 2, column: 1 });
  });

  it.each(['1.234,5', '1.234.567', '1 234', "1'234", '1 234,5'])('CSV06: %s', (text) => {
    expect(only(read(`v;t\n${text};1\n12;2\n`), 'CSV06')).toMatchObject({ severity: 'error', line: 2, column: 1 });
  });

  it.each(['1,234.5', '1,234', '1,234,567'])('CSV06: %s in a comma file', (text) => {
    expect(only(read(`v,t\n12,2\n"${text}",1\n`), 'CSV06')).toMatchObject({ severity: 'error', line: 3 });
  });

  it('CSV12: a unit behind the number', () => {
    const problem = only(read('n,E\n1,2.0e11\n2,2.1e11 Pa\n'), 'CSV12');
    expect(problem).toMatchObject({ severity: 'error', file: 'runs.csv', line: 3, column: 3 });
    expect(problem.message).toBe('row 2, column `E`: `2.1e11 Pa` is not a number');
    expect(problem.hint).toContain('`E [Pa]`');
  });

  it('CSV12: text in a declared number column is an error, a slip in an undeclared one a warning', () => {
    const text = 'a\n1\n2\n3\n4\n5\nsix\n';
    expect(only(read(text, declared({ a: { kind: 'number' } })), 'CSV12')).toMatchObject({
      severity: 'error',
      line: 7,
    });
    const guessed = read(text);
    expect(only(guessed, 'CSV12')).toMatchObject({ severity: 'warning', line: 7 });
    expect(guessed.columns[0]?.kind).toBe('text');
    expect(codes(read('mesh\ncoarse\n2\nfine\n'))).toEqual([]);
  });

  it('CSV12: empty cells need a nominal value', () => {
    const text = 'a,name\n1,x\n,y\n3,\n';
    expect(ofCode(read(text), 'CSV12').map((p) => [p.line, p.column])).toEqual([
      [3, 1],
      [4, 3],
    ]);
    const filled = read(
      text,
      declared({ a: { kind: 'number', nominal: 2.5 }, name: { kind: 'text', nominal: 'none' } }),
    );
    expect(filled.ok).toBe(true);
    expect(filled.rows.map((r) => r.fields)).toEqual([
      ['1', 'x'],
      ['2.5', 'y'],
      ['3', 'none'],
    ]);
  });

  it('CSV12: "" is an empty text on purpose, but no number', () => {
    const definition = read('name,n\n"",1\nx,2\n');
    expect(definition.ok).toBe(true);
    expect(column(definition, 'name')).toEqual(['', 'x']);
    expect(only(read('n,m\n"",1\n2,2\n', declared({ n: { kind: 'number' } })), 'CSV12').severity).toBe('error');
  });

  it('CSV12: a column without any value is told once', () => {
    expect(only(read('a,b\n1,\n2,\n'), 'CSV12').message).toBe('the column `b` is empty in all 2 rows');
  });

  it('CSV12: whole numbers, booleans and _enabled', () => {
    const variables = { n: { kind: 'integer' }, b: { kind: 'bool' } } as const;
    const definition = read('_enabled,n,b\n1,3,yes\n1,2.5,true\n,1e3,maybe\nperhaps,2.0,0\n', { variables });
    expect(ofCode(definition, 'CSV12').map((p) => [p.line, p.column])).toEqual([
      [3, 3],
      [4, 6],
      [5, 1],
    ]);
  });

  it.each(['nan', '-Inf', '#DIV/0!', '#N/A', '1d-3', '0x1F', '1e400'])('CSV13: %s', (text) => {
    const definition = read(`a,b\n1,1\n${text},2\n`);
    expect(only(definition, 'CSV13')).toMatchObject({ severity: 'error', line: 3, column: 1 });
  });

  it('CSV13: offers the mended Fortran number; non-finite numbers may be allowed', () => {
    expect(only(read('a\n1\n1.5D-3\n'), 'CSV13').hint).toContain('1.5e-3');
    expect(codes(read('a\n1\nnan\n', declared({ a: { kind: 'number', allowNonFinite: true } })))).toEqual([]);
    expect(codes(read('word\nnan\nother\n'))).toEqual([]);
  });

  it('CSV14: bounds and lists, with the nearest value', () => {
    const variables = {
      a: { kind: 'number', min: 0, max: 2, unit: 'mm' },
      b: { kind: 'number', values: [10, 20] },
      c: { kind: 'text', values: ['steel', 'alu'] },
    } as const;
    const definition = read('a,b,c\n1,10,steel\n-1,14,steal\n2.5,20.0,alu\n', { variables });
    expect(ofCode(definition, 'CSV14').map((p) => [p.severity, p.line, p.column, p.hint])).toEqual([
      ['error', 3, 1, 'The nearest allowed value is 0.'],
      ['error', 3, 4, 'The nearest is 10.'],
      ['error', 3, 7, 'Did you mean `steel`?'],
      ['error', 4, 1, 'The nearest allowed value is 2.'],
    ]);
    expect(read('a,b,c\n9,10,alu\n', { variables, outOfBounds: 'warning' }).ok).toBe(true);
  });

  it('CSV14: bounds apply to converted decimal commas', () => {
    expect(only(read('a;b\n1,5;1\n2,5;2\n', declared({ a: { kind: 'number', max: 2 } })), 'CSV14').line).toBe(3);
  });

  it('CSV15: doubtful integers keep their text', () => {
    const definition = read('id\n007\n8\n');
    expect(only(definition, 'CSV15')).toMatchObject({ severity: 'warning', line: 2 });
    expect(definition.columns[0]?.kind).toBe('text');
    expect(read('id\n007\n8\n', declared({ id: { kind: 'integer' } })).columns[0]?.kind).toBe('integer');
    expect(codes(read('id\n007\n8\n', declared({ id: { kind: 'text' } })))).toEqual([]);
  });

  it('CSV17: files that do not exist', () => {
    const variables = { mesh: { kind: 'file' } } as const;
    const fileExists = (path: string) => path === 'a.msh';
    const definition = read('mesh\na.msh\nb.msh\n', { variables, fileExists });
    expect(only(definition, 'CSV17')).toMatchObject({
      severity: 'error',
      line: 3,
      message: expect.stringContaining('`b.msh`'),
    });
  });

  it('CSV25: texts that a spreadsheet would run', () => {
    const definition = read('t,n\n=1+2,-1\n@x,-2\nplain,+3\n-,4\n');
    expect(only(definition, 'CSV25')).toMatchObject({
      severity: 'warning',
      line: 2,
      message: expect.stringContaining('2 texts'),
    });
  });

  it('keeps the text of every cell as it is written', () => {
    const definition = read('a,b\n1.50,"  x  "\n+2e+05,"say ""hi"",\r\nthen go"\n');
    expect(definition.rows.map((r) => r.fields)).toEqual([
      ['1.50', '  x  '],
      ['+2e+05', 'say "hi",\r\nthen go'],
    ]);
    expect(definition.columns[0]?.kind).toBe('number');
  });

  it('points at the line and column of a cell behind a quoted line end', () => {
    const definition = read('t,n\n"one\ntwo",1\nx,2\n"a\nb",3 mm\n');
    expect(only(definition, 'CSV12')).toMatchObject({ line: 6, column: 4, message: expect.stringContaining('row 3') });
  });
});
