import { describe, expect, it } from 'vitest';
import { readRunDefinition } from '../../../shared/domain/csv/run-definition.ts';
import { bytesOf, codes, column, latin1, ofCode, only, read } from './helpers.ts';

describe('rules about the file as a whole', () => {
  it.each(['', '\n\n', '# nothing but a comment\n', '\ufeff'])('CSV01: an empty file (%j)', (text) => {
    expect(only(read(text), 'CSV01')).toMatchObject({ severity: 'error', message: 'no runs: the file is empty' });
  });

  it('CSV01: header only', () => {
    const definition = read('a,b\n');
    expect(only(definition, 'CSV01').message).toBe('no runs: the file has a header and no rows');
    expect(definition.columns.map((c) => c.key)).toEqual(['a', 'b']);
  });

  it('CSV01: every row disabled', () => {
    expect(only(read('_enabled,a\n0,1\nno,2\n'), 'CSV01').message).toBe(
      'no runs: all 2 rows are disabled by `_enabled`',
    );
  });

  it('CSV03: text that is UTF-8 at first and not later', () => {
    const definition = readRunDefinition(new Uint8Array([...bytesOf('größe,b\nä,x\n'), ...latin1('ö,y\n')]));
    expect(only(definition, 'CSV03')).toMatchObject({ line: 3 });
    expect(only(definition, 'CSV03').message).toContain('though it was UTF-8 before');
    expect(definition.rows.map((r) => r.fields[0])).toEqual(['ä', 'ö']);
  });

  it('CSV03: characters of Windows-1252 that Latin-1 does not have', () => {
    const definition = readRunDefinition(Uint8Array.from([97, 10, 0x80, 10, 0x93, 0x94, 10]));
    expect(column(definition, 'a')).toEqual(['€', '“”']);
  });

  it('CSV04: names the delimiter that it found, and says nothing of commas', () => {
    expect(only(read('a\tb\n1\t2\n'), 'CSV04')).toMatchObject({
      severity: 'info',
      message: expect.stringContaining('TAB'),
    });
    expect(only(read('a|b|c\n1|2|3\n'), 'CSV04').message).toContain('all 2 lines into 3 fields');
    expect(codes(read('a,b\n1,2\n'))).toEqual([]);
  });

  it('CSV04: warns when two delimiters would do', () => {
    const definition = read('a;b,c\nx;y,z\nu;v,w\n');
    expect(only(definition, 'CSV04')).toMatchObject({ severity: 'warning' });
  });

  it('CSV04: prefers the delimiter that leaves numbers', () => {
    const definition = read('speed, inlet;T\n1,5;3\n2,5;4\n');
    expect(definition.dialect.delimiter).toBe(';');
  });

  it('CSV04: a settled delimiter is not guessed', () => {
    expect(read('a;b,c\n1;2,3\n', { delimiter: ';' }).columns).toHaveLength(2);
  });

  it('CSV05: an error when commas are the delimiter and every row breaks', () => {
    const definition = read('v,T\n1,5,300\n2,5,310\n');
    expect(only(definition, 'CSV05')).toMatchObject({ severity: 'error', line: 2 });
    expect(ofCode(definition, 'CSV07')).toHaveLength(2);
  });

  it('CSV07: blank lines and blank extra fields are tolerated and told', () => {
    const definition = read('a,b\n1,2\n\n3,4,,\n,\n');
    expect(definition.ok).toBe(true);
    expect(ofCode(definition, 'CSV07').map((p) => [p.severity, p.line])).toEqual([
      ['info', 3],
      ['info', 4],
    ]);
    expect(definition.rows.map((r) => [r.ordinal, r.line])).toEqual([
      [1, 2],
      [2, 4],
    ]);
  });

  it('CSV07: blank lines at the end of the file are not worth a word', () => {
    expect(codes(read('a,b\n1,2\n3,4\n\n\n'))).toEqual([]);
  });

  it('CSV08: text behind a closing quote', () => {
    expect(only(read('a,b\n"1"x,2\n'), 'CSV08')).toMatchObject({ line: 2, column: 4 });
  });

  it.each([
    ['a zip archive', [0x50, 0x4b, 3, 4, 1, 2, 3, 4]],
    ['an old Excel .xls file', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
    ['a PDF file', [...bytesOf('%PDF-1.7\n')]],
    ['a gzip archive', [0x1f, 0x8b, 8, 0]],
    ['an .ods file', [0x50, 0x4b, 3, 4, ...bytesOf('mimetypeapplication/vnd.oasis.opendocument.spreadsheet')]],
  ])('CSV21: %s', (name, magic) => {
    const definition = readRunDefinition(Uint8Array.from(magic), { file: 'runs.csv' });
    expect(definition.problems).toHaveLength(1);
    expect(definition.problems[0]).toMatchObject({
      code: 'CSV21',
      file: 'runs.csv',
      message: `this is ${name}, export it as CSV`,
    });
  });

  it('CSV24: a NUL byte, with its line', () => {
    expect(only(read('a,b\n1,2\n3,\0\n'), 'CSV24')).toMatchObject({ severity: 'error', line: 3 });
    expect(only(read(`a,b\n${'1,2\n'.repeat(40_000)}\0`), 'CSV24')).toMatchObject({ line: 40_002 });
  });

  it('CSV24: UTF-16 without byte order mark is recognised', () => {
    expect(only(read('a\0,\0b\0\n\0'), 'CSV24').hint).toContain('UTF-16');
  });

  it('CSV24: limits on rows, columns and cells', () => {
    const limits = { rows: 3, columns: 2, cellLength: 10 };
    expect(only(read('a\n1\n2\n3\n4\n5\n', { limits }), 'CSV24')).toMatchObject({
      line: 5,
      message: 'the file has more than 3 rows',
    });
    expect(only(read('a,b,c\n1,2,3\n', { limits }), 'CSV24').message).toContain('3 columns');
    const long = read('a,b\n1,12345678901\n"12345678901",2\n', { limits });
    expect(ofCode(long, 'CSV24').map((p) => [p.line, p.column])).toEqual([
      [2, 3],
      [3, 1],
    ]);
    expect(codes(read('a,b\n1234567890,"1234567890"\n', { limits }))).toEqual([]);
  });

  it('CSV24: the real limit of a cell is one megabyte', () => {
    const cell = 'x'.repeat(1_048_576);
    expect(read(`a,b\n1,${cell}\n2,"${cell}"\n`).ok).toBe(true);
    expect(only(read(`a,b\n1,${cell}x\n`), 'CSV24').line).toBe(2);
  });

  it('comments and blank lines before the header are skipped, later ones are data', () => {
    const definition = read('# made by hand\n\n  # and checked\na,b\n#1,2\n');
    expect(definition.rows).toEqual([{ ordinal: 1, line: 5, fields: ['#1', '2'] }]);
  });

  it('finds the delimiter behind long comments and under a long header', () => {
    const commented = read(`${'# a long story\n'.repeat(10_000)}a;b\n1;2\n3;4\n`);
    expect(commented.rows[0]).toEqual({ ordinal: 1, line: 10_002, fields: ['1', '2'] });
    const names = Array.from({ length: 9000 }, (_, i) => `variable_${i}`);
    const wide = read(
      `${names.join(';')}\n${names.map((_, i) => i).join(';')}\n${names.map((_, i) => i + 1).join(';')}\n`,
    );
    expect(wide).toMatchObject({ ok: true, total: 2, dialect: { delimiter: ';' } });
    expect(wide.columns).toHaveLength(9000);
  });

  it('a file of one column needs no delimiter', () => {
    const definition = read('T\n300\n310\n');
    expect(definition.problems).toEqual([]);
    expect(column(definition, 'T')).toEqual(['300', '310']);
  });

  it('problems come in file order, whole-file ones first, and at most 100 of a code', () => {
    const definition = read(`\ufeffa,b\n${'1\n'.repeat(250)}`);
    expect(definition.problems[0]?.code).toBe('CSV02');
    expect(ofCode(definition, 'CSV07')).toHaveLength(101);
    expect(definition.problems.at(-1)?.message).toBe('CSV07: 150 more problems of this kind are not listed');
    const lines = definition.problems.slice(1, -1).map((p) => p.line ?? 0);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
  });

  it('control characters of a cell do not reach a terminal', () => {
    const message = only(read('a\n1\n2 \u001b[31m\n', { variables: { a: { kind: 'number' } } }), 'CSV12').message;
    expect(message).toContain('\\u{1b}');
    expect(message).not.toContain('\u001b');
  });
});
