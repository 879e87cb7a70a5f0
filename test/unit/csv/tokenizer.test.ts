import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { CsvTokenizer, type TokenizerFault, type TokenizerOptions } from '../../../shared/domain/csv/tokenizer.ts';
import { csvRecord } from '../../../shared/domain/csv/write.ts';

interface Tokens {
  readonly records: string[][];
  readonly lines: number[];
  readonly places: [line: number, column: number][][];
  readonly offsets: number[];
  readonly faults: TokenizerFault[];
}

function tokenize(pieces: readonly string[], options: Partial<TokenizerOptions> = {}): Tokens {
  const tokens: Tokens = { records: [], lines: [], places: [], offsets: [], faults: [] };
  const tokenizer = new CsvTokenizer({
    delimiter: ',',
    ...options,
    onRecord: (fields, line, places) => {
      tokens.records.push(fields);
      tokens.lines.push(line);
      tokens.places.push(fields.map((_, i) => [places.fieldLine(i), places.fieldColumn(i)]));
      tokens.offsets.push(places.recordOffset);
      if (places.source === null) return;
      fields.forEach((field, i) => expect(places.source?.substr(places.fieldStart(i), field.length)).toBe(field));
    },
    onFault: (fault) => tokens.faults.push(fault),
  });
  for (const piece of pieces) tokenizer.push(piece);
  tokenizer.end();
  return tokens;
}

function cut(text: string, cuts: readonly number[]): string[] {
  const at = [0, ...cuts.map((c) => c % (text.length + 1)).sort((a, b) => a - b), text.length];
  return at.slice(1).map((end, i) => text.slice(at[i], end));
}

/** Characters that matter to a CSV reader come often. */
const cell = fc.string({
  unit: fc.constantFrom('a', '1', '.', ' ', ',', ';', '\t', '|', '"', '\r', '\n', 'é', '𝜇', '#'),
});
const table = fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 8 });
/** A last line that is empty is a row for Papa Parse and none for us, so every row has two cells. */
const wideTable = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 8 });
const delimiter = fc.constantFrom(',', ';', '\t', '|');
const lineEnd = fc.constantFrom('\n', '\r\n', '\r');
const messy = fc.string({ unit: fc.constantFrom('a', ' ', ',', '"', '\r', '\n', '\t'), maxLength: 40 });

describe('CsvTokenizer', () => {
  it('reads back any table, with any delimiter, line end and quoting', () => {
    fc.assert(
      fc.property(
        table,
        delimiter,
        lineEnd,
        fc.boolean(),
        fc.boolean(),
        fc.boolean(),
        (rows, by, eol, quoteAll, trim, lastEnd) => {
          const line = (row: string[]): string =>
            quoteAll ? row.map((c) => `"${c.replaceAll('"', '""')}"`).join(by) : csvRecord(row, { delimiter: by });
          const text = rows.map(line).join(eol) + (lastEnd ? eol : '');
          const { records, faults } = tokenize([text], { delimiter: by, trim });
          expect(records).toEqual(rows);
          expect(faults).toEqual([]);
        },
      ),
    );
  });

  it('does not care where the text is cut', () => {
    fc.assert(
      fc.property(
        messy,
        fc.array(fc.nat(60), { maxLength: 6 }),
        fc.boolean(),
        fc.constantFrom(3, Infinity),
        (text, cuts, trim, maxCellLength) => {
          expect(tokenize(cut(text, cuts), { trim, maxCellLength })).toEqual(tokenize([text], { trim, maxCellLength }));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('agrees with Papa Parse on well-formed files', () => {
    fc.assert(
      fc.property(wideTable, delimiter, fc.constantFrom('\n', '\r\n'), (rows, by, newline) => {
        const text = Papa.unparse(rows, { delimiter: by, newline });
        const papa = Papa.parse<string[]>(text, { delimiter: by, newline }).data;
        expect(tokenize([text], { delimiter: by }).records).toEqual(papa);
      }),
    );
  });

  it('tells where each field begins', () => {
    const { places, lines, offsets } = tokenize(['a, b ,"c"\r\n"x\ny",  z\n\nq'], { trim: true });
    expect(lines).toEqual([1, 2, 4, 5]);
    expect(places).toEqual([
      [
        [1, 1],
        [1, 4],
        [1, 7],
      ],
      [
        [2, 1],
        [3, 6],
      ],
      [[4, 1]],
      [[5, 1]],
    ]);
    expect(offsets).toEqual([0, 11, 21, 22]);
  });

  it('takes a quote inside an unquoted cell as it is', () => {
    expect(tokenize(['3" pipe,a"b"\n']).records).toEqual([['3" pipe', 'a"b"']]);
  });

  it('drops blanks around cells only when asked, and never inside quotes', () => {
    const text = ' a , " b " ,\tc\t\n';
    expect(tokenize([text], { trim: true }).records).toEqual([['a', ' b ', 'c']]);
    expect(tokenize([text]).records).toEqual([[' a ', ' " b " ', '\tc\t']]);
    expect(tokenize(['a\t \tc\n'], { trim: true, delimiter: '\t' }).records).toEqual([['a', '', 'c']]);
  });

  it('reports an unterminated quote where it opened', () => {
    expect(tokenize(['a\n1,"x\ny\n', 'z']).faults).toEqual([{ kind: 'unterminated', line: 2, column: 3 }]);
  });

  it('reports text behind a closing quote and reads on', () => {
    const { records, faults } = tokenize(['"a"b,c\n"d" "e",f\n'], { trim: true });
    expect(faults).toEqual([
      { kind: 'stray', line: 1, column: 4 },
      { kind: 'stray', line: 2, column: 5 },
    ]);
    expect(records).toEqual([
      ['ab', 'c'],
      ['d"e"', 'f'],
    ]);
  });

  it('forgets over-long cells as they come, also in a quote that never closes', () => {
    const pieces = ['a,"', ...Array.from({ length: 100 }, () => 'x\n'.repeat(1000))];
    expect(tokenize(pieces, { maxCellLength: 1000 })).toMatchObject({
      records: [],
      faults: [{ kind: 'unterminated', line: 1, column: 3 }],
    });
    expect(tokenize(['abcd,e\n'], { maxCellLength: 3 })).toMatchObject({
      records: [['', 'e']],
      faults: [{ kind: 'too-long', line: 1, column: 1 }],
    });
  });

  it('counts fields beyond the limit without keeping them', () => {
    const counts: [number, number][] = [];
    const tokenizer = new CsvTokenizer({
      delimiter: ',',
      maxFields: 2,
      onRecord: (fields, _line, places) => counts.push([fields.length, places.fieldCount]),
    });
    tokenizer.push('1,2,3,4\n1,2\n');
    tokenizer.end();
    expect(counts).toEqual([
      [2, 4],
      [2, 2],
    ]);
  });

  it('stops when told', () => {
    const seen: string[][] = [];
    const tokenizer = new CsvTokenizer({
      delimiter: ',',
      onRecord: (fields) => {
        seen.push(fields);
        if (seen.length === 2) tokenizer.stop();
      },
    });
    tokenizer.push('a\nb\nc\nd\n');
    tokenizer.push('e\n');
    tokenizer.end();
    expect(seen).toEqual([['a'], ['b']]);
  });
});
