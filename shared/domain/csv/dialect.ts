import { CELL, classifyCell } from './cell-types.ts';
import type { ProblemLog } from './problem-log.ts';
import { count, showDelimiter } from './show-text.ts';
import { CsvTokenizer } from './tokenizer.ts';

/** In the order of preference when several divide the lines equally well. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

/** What stands before the header: blank lines, `#` comments, and Excel's `sep=;`. */
export interface Preamble {
  /** Offset in UTF-16 units of the header's line. */
  readonly length: number;
  /** 1-based line of the header. */
  readonly headerLine: number;
  /** From a `sep=` line, else null. */
  readonly delimiter: string | null;
}

/** Reads the lines before the header. Null: the header's line is not yet in `text`, and more text may come. */
export function readPreamble(text: string, isEnd: boolean): Preamble | null {
  const lineEnd = /\r\n?|\n/g;
  let delimiter: string | null = null;
  let at = 0;
  for (let line = 1; ; line++) {
    lineEnd.lastIndex = at;
    const match = lineEnd.exec(text);
    // A CR as last character may be half of a CRLF.
    if (!isEnd && (!match || lineEnd.lastIndex === text.length)) return null;
    const content = text.slice(at, match ? match.index : text.length);
    const sep = line === 1 ? /^"?sep=([^"])"?\s*$/i.exec(content) : null;
    if (sep) delimiter = sep[1]!;
    else if (!/^[ \t]*(#|$)/.test(content)) return { length: at, headerLine: line, delimiter };
    if (!match) return { length: text.length, headerLine: line, delimiter };
    at = lineEnd.lastIndex;
  }
}

/**
 * Whether a record can stand under a header of `headerFields` cells, of which the last `blankHeaders` are empty:
 * more fields are all right when they are blank, fewer when only empty header cells are left without one.
 */
export function fitsHeader(
  fields: readonly string[],
  fieldCount: number,
  headerFields: number,
  blankHeaders: number,
): boolean {
  if (fieldCount === headerFields) return true;
  if (fieldCount < headerFields) return fieldCount >= headerFields - blankHeaders;
  for (let i = headerFields; i < fields.length; i++) if (fields[i] !== '') return false;
  return fields.length === fieldCount;
}

/** Number of empty cells at the end of a header. */
export function trailingBlanks(header: readonly string[]): number {
  let blanks = 0;
  while (blanks < header.length && header[header.length - 1 - blanks]!.trim() === '') blanks += 1;
  return blanks;
}

interface Candidate {
  readonly delimiter: string;
  readonly headerFields: number;
  /** Part of the data lines with as many fields as the header, 0–1. */
  readonly fitting: number;
  /** Part of the data cells that are numbers, 0–1. */
  readonly numeric: number;
  readonly lines: number;
}

function tryDelimiter(delimiter: string, sample: string, isWhole: boolean): Candidate {
  const records: string[][] = [];
  const tokenizer = new CsvTokenizer({ delimiter, trim: true, onRecord: (fields) => records.push(fields) });
  tokenizer.push(sample);
  // Only a whole file has a last line without line end; the sample's last line is just cut off.
  if (isWhole) tokenizer.end();
  const header = records[0] ?? [];
  const rows = records.slice(1).filter((fields) => fields.some((field) => field !== ''));
  const blanks = trailingBlanks(header);
  const fitting = rows.filter((fields) => fitsHeader(fields, fields.length, header.length, blanks)).length;
  let cells = 0;
  let numbers = 0;
  for (const fields of rows) {
    cells += fields.length;
    for (const field of fields) {
      const kind = classifyCell(field);
      if (kind === CELL.integer || kind === CELL.decimal || kind === CELL.decimalComma) numbers += 1;
    }
  }
  return {
    delimiter,
    headerFields: header.length,
    fitting: rows.length === 0 ? 0 : fitting / rows.length,
    numeric: cells === 0 ? 0 : numbers / cells,
    lines: rows.length + 1,
  };
}

/**
 * Chooses among `, ; TAB |` the delimiter that divides all lines of the sample (header first) into equally many fields. It is never
 * guessed from fewer than two lines: then it is `,`. A guess that is not `,`, or is not certain, is reported as CSV04.
 */
export function guessDelimiter(sample: string, isWhole: boolean, headerLine: number, log: ProblemLog): string {
  const all = DELIMITERS.map((delimiter) => tryDelimiter(delimiter, sample, isWhole));
  const dividing = all.filter((c) => c.headerFields > 1 && c.lines > 1);
  if (dividing.length === 0) return ',';
  const equal = dividing.filter((c) => c.fitting === 1);
  const choice = equal.length > 0 ? equal : dividing;
  const best = choice.reduce((a, b) => {
    const better = b.fitting - a.fitting || b.numeric - a.numeric || b.headerFields - a.headerFields;
    return better > 0 ? b : a;
  });
  const name = showDelimiter(best.delimiter);
  const place = { line: headerLine };
  if (choice.length > 1) {
    const others = choice.filter((c) => c !== best).map((c) => showDelimiter(c.delimiter));
    log.add(
      'CSV04',
      'warning',
      `the delimiter is taken to be ${name}, but ${others.join(' and ')} would divide the lines ${equal.length > 1 ? 'equally well' : 'too'}`,
      {
        ...place,
        hint: `Look at the columns in the preview.${best.delimiter === '\t' ? '' : ` A first line \`sep=${best.delimiter}\` settles it.`}`,
      },
    );
  } else if (best.delimiter !== ',' && best.fitting === 1) {
    const seen = isWhole ? `all ${count(best.lines, 'line')}` : `the first ${count(best.lines, 'line')}`;
    log.add('CSV04', 'info', `the delimiter is ${name}: it divides ${seen} into ${best.headerFields} fields`, place);
  } else if (best.delimiter !== ',') {
    log.add(
      'CSV04',
      'warning',
      `the delimiter is taken to be ${name}, though it does not divide all lines into equally many fields`,
      {
        ...place,
        hint: 'Mend the lines with too few or too many fields.',
      },
    );
  }
  return best.delimiter;
}
