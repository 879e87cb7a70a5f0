import type { ProblemLog } from './problem-log.ts';
import { count } from './show-text.ts';

/** Tells lines that do not fit the header (CSV07), and those that only look so. */
export class RaggedLines {
  readonly #log: ProblemLog;
  #blank = 0;
  #firstBlank = 0;
  /** Blank lines since the last row: those at the end of a file are not worth a word. */
  #blankSince = 0;
  #padded = 0;
  #firstPadded = 0;
  #tooMany = 0;
  #firstComma: { readonly line: number; readonly text: string } | null = null;
  #otherwise = 0;

  constructor(log: ProblemLog) {
    this.#log = log;
  }

  blank(line: number): void {
    if (this.#blank + this.#blankSince === 0) this.#firstBlank = line;
    this.#blankSince += 1;
  }

  /** A line with text. `fits`: its fields can stand under the header. */
  row(fields: readonly string[], fieldCount: number, headerFields: number, line: number, fits: boolean): void {
    this.#blank += this.#blankSince;
    this.#blankSince = 0;
    if (fits && fieldCount <= headerFields) this.#otherwise += 1;
    else if (fits) {
      this.#otherwise += 1;
      this.#padded += 1;
      if (this.#padded === 1) this.#firstPadded = line;
    } else this.#ragged(fields, fieldCount, headerFields, line);
  }

  #ragged(fields: readonly string[], fieldCount: number, headerFields: number, line: number): void {
    if (fieldCount > headerFields) {
      this.#tooMany += 1;
      this.#firstComma ??= splitNumber(fields, line);
    } else this.#otherwise += 1;
    this.#log.add('CSV07', 'error', `line ${line} has ${count(fieldCount, 'field')}, the header has ${headerFields}`, {
      line,
      hint:
        fieldCount > headerFields
          ? 'Delete the delimiters that are too many, or put a text that contains one into quotes.'
          : 'Add what is missing; an empty cell still needs its delimiter.',
    });
  }

  /** `rows`: how many rows fitted and are enabled. */
  report(rows: number): void {
    if (this.#blank > 0) {
      const [are, first] = this.#blank === 1 ? ['is', ''] : ['are', ', the first of them here'];
      this.#log.add('CSV07', 'info', `${count(this.#blank, 'blank line')} between the rows ${are} skipped${first}`, {
        line: this.#firstBlank,
      });
    }
    if (this.#padded > 0) {
      const end = this.#padded === 1 ? 'ends' : 'end';
      this.#log.add(
        'CSV07',
        'info',
        `${count(this.#padded, 'line')} ${end} with blank fields beyond the header; they are ignored`,
        {
          line: this.#firstPadded,
        },
      );
    }
    if (rows === 0 && this.#otherwise === 0 && this.#tooMany > 0 && this.#firstComma) {
      const { line, text } = this.#firstComma;
      this.#log.add(
        'CSV05',
        'error',
        `every row has more fields than the header, as if \`${text}\` were a decimal comma in a file that is delimited by commas`,
        {
          line,
          hint: 'Write decimal points, or export the file with `;` as delimiter.',
        },
      );
    }
  }
}

/** The first two neighbours that together could be a number with a decimal comma. */
function splitNumber(fields: readonly string[], line: number): { line: number; text: string } | null {
  for (let i = 0; i + 1 < fields.length; i++) {
    if (/^[+-]?\d{1,15}$/.test(fields[i]!) && /^\d{1,15}$/.test(fields[i + 1]!))
      return { line, text: `${fields[i]},${fields[i + 1]}` };
  }
  return null;
}
