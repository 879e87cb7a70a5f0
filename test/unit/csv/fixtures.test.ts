import { describe, expect, it } from 'vitest';
import { readRunDefinition } from '../../../shared/domain/csv/run-definition.ts';
import { bytesOf, codes, column, latin1, ofCode, only, read } from './helpers.ts';

/** The run definition files that other readers get wrong, each with what must come out. */
describe('files as people really write them', () => {
  it('1: BOM, semicolons, decimal commas and a unit in parentheses', () => {
    const definition = read('\ufeffv;T (K);name\n1,5;300;a\n2,25;310;b\n');
    expect(definition.ok).toBe(true);
    expect(codes(definition)).toEqual(expect.arrayContaining(['CSV02', 'CSV04', 'CSV05', 'CSV11']));
    expect(column(definition, 'v').map(Number)).toEqual([1.5, 2.25]);
    expect(only(definition, 'CSV05')).toMatchObject({ severity: 'warning', line: 2, column: 1 });
    expect(definition.columns[1]).toMatchObject({
      key: 'T',
      unit: 'K',
      header: 'T (K)',
      proposed: true,
      kind: 'integer',
    });
    expect(definition.columns[0]).toMatchObject({ key: 'v', kind: 'number', decimalComma: true });
    expect(definition.total).toBe(2);
  });

  it('2: blanks behind the commas', () => {
    const definition = read('description, v, z\ncase 1a, 2.2, 3.4\ncase 1b, 2.4, 3.5\n');
    expect(definition.problems).toEqual([]);
    expect(definition.columns.map((c) => c.key)).toEqual(['description', 'v', 'z']);
    expect(definition.rows[0]).toEqual({ ordinal: 1, line: 2, fields: ['case 1a', '2.2', '3.4'] });
  });

  it('3: a duplicate header', () => {
    const definition = read('a,a,b\n1,2,3\n4,5,6\n');
    expect(definition.ok).toBe(false);
    expect(only(definition, 'CSV09')).toMatchObject({ severity: 'error', line: 1, column: 3 });
  });

  it('4: ragged rows', () => {
    const definition = read('a,b,c\n1,2,3\n4,5\n6,7,8,9');
    expect(codes(definition)).toEqual(['CSV07', 'CSV07']);
    expect(definition.problems.map((p) => p.line)).toEqual([3, 4]);
    expect(definition.problems[1]?.message).toBe('line 4 has 4 fields, the header has 3');
    expect(definition.rows).toEqual([]);
    expect(definition.total).toBe(0);
  });

  it('5: leading zeros and too many digits', () => {
    const definition = read('id,n\n007,12345678901234567890');
    expect(codes(definition)).toEqual(['CSV15', 'CSV15']);
    expect(definition.rows[0]?.fields).toEqual(['007', '12345678901234567890']);
    expect(definition.columns.map((c) => c.kind)).toEqual(['text', 'text']);
  });

  it('6: a quote that is never closed', () => {
    const definition = read('a,b\n1,2\n3,"4\n5,6\n7,8\n');
    expect(only(definition, 'CSV08')).toMatchObject({ severity: 'error', line: 3, column: 3 });
    expect(definition.ok).toBe(false);
  });

  it('7: UTF-16 with BOM, little and big endian', () => {
    const text = 'wärme,n\n1.5,µ\n2.5,𝜇\n';
    const little = new Uint8Array([
      0xff,
      0xfe,
      ...[...Array(text.length).keys()].flatMap((i) => [text.charCodeAt(i) & 255, text.charCodeAt(i) >> 8]),
    ]);
    const big = new Uint8Array([
      0xfe,
      0xff,
      ...[...Array(text.length).keys()].flatMap((i) => [text.charCodeAt(i) >> 8, text.charCodeAt(i) & 255]),
    ]);
    for (const bytes of [little, big]) {
      const definition = readRunDefinition(bytes);
      expect(only(definition, 'CSV02').severity).toBe('info');
      expect(column(definition, 'n')).toEqual(['µ', '𝜇']);
      expect(definition.columns[0]).toMatchObject({ key: 'waerme', label: 'wärme' });
    }
  });

  it('8: Latin-1', () => {
    const definition = readRunDefinition(latin1('Geschwindigkeit;Höhe\n1;2\n3;4\n'));
    expect(only(definition, 'CSV03')).toMatchObject({ severity: 'warning', line: 1 });
    expect(only(definition, 'CSV03').message).toContain('byte 0xF6 at offset 17');
    expect(definition.columns.map((c) => c.label)).toEqual(['Geschwindigkeit', 'Höhe']);
    expect(definition.dialect).toEqual({ delimiter: ';', encoding: 'windows-1252', notUtf8From: 17 });
  });

  it('9: CR as line end', () => {
    const definition = read('a,b\r1,2\r3,4\r');
    expect(definition.problems).toEqual([]);
    expect(definition.rows).toEqual([
      { ordinal: 1, line: 2, fields: ['1', '2'] },
      { ordinal: 2, line: 3, fields: ['3', '4'] },
    ]);
  });

  it('10: a sep= line', () => {
    const definition = read('sep=;\r\na;b\r\n1,5;2\r\n2,5;3\r\n');
    expect(ofCode(definition, 'CSV04')).toEqual([]);
    expect(definition.dialect.delimiter).toBe(';');
    expect(column(definition, 'a')).toEqual(['1.5', '2.5']);
    expect(definition.rows[0]?.line).toBe(3);
  });

  it('11: a delimiter at the end of every line', () => {
    const definition = read('a;b;\n1;2;\n3;4;\n');
    expect(definition.ok).toBe(true);
    expect(definition.columns.map((c) => c.key)).toEqual(['a', 'b']);
    expect(only(definition, 'CSV10').severity).toBe('info');
    expect(definition.rows[1]?.fields).toEqual(['3', '4']);
  });

  it('12: an Excel file', () => {
    const head = [0x50, 0x4b, 0x03, 0x04, 0x14, 0, 6, 0, 8, 0, 0, 0, 0x21, 0];
    const definition = readRunDefinition(
      new Uint8Array([...head, ...new Uint8Array(16), ...bytesOf('[Content_Types].xml'), 0, 1, 2]),
    );
    expect(codes(definition)).toEqual(['CSV21']);
    expect(definition.problems[0]?.message).toBe('this is an .xlsx file, export it as CSV');
    expect(definition.rows).toEqual([]);
  });
});
