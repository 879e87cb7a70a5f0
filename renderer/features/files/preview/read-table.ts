import { ByteDecoder } from '../../../../shared/domain/csv/decode.ts';
import { guessDelimiter, readPreamble } from '../../../../shared/domain/csv/dialect.ts';
import { ProblemLog } from '../../../../shared/domain/csv/problem-log.ts';
import { CsvTokenizer } from '../../../../shared/domain/csv/tokenizer.ts';

/** The first rows of a CSV file, as they are; nothing is typed or mended. */
export interface PreviewTable {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** True when there are more rows or columns than are shown. */
  readonly cut: boolean;
}

/** Rows and columns that are shown. */
export const MOST_ROWS = 500;
export const MOST_COLUMNS = 60;

/** Reads the beginning of a CSV file by the same rules as a run definition file. `whole`: the bytes are all there are. Null = it is no table. */
export function readTable(bytes: Uint8Array, whole: boolean): PreviewTable | null {
  const decoder = new ByteDecoder();
  const events = [...decoder.push(bytes), ...decoder.end()];
  const text = events.map((event) => (event.kind === 'text' ? event.text : '')).join('');
  const preamble = readPreamble(text, whole);
  if (preamble === null || text.length === preamble.length) return null;
  const body = text.slice(preamble.length);
  const delimiter = preamble.delimiter ?? guessDelimiter(body.slice(0, 64_000), whole, 1, new ProblemLog(null));
  const records: string[][] = [];
  let wide = false;
  const tokenizer = new CsvTokenizer({
    delimiter,
    trim: true,
    maxFields: MOST_COLUMNS,
    onRecord: (fields, _line, { fieldCount }) => {
      wide ||= fieldCount > MOST_COLUMNS;
      if (records.length <= MOST_ROWS + 1) records.push(fields);
    },
  });
  tokenizer.push(body);
  // The last line of a part is just cut off.
  if (whole) tokenizer.end();
  const [header, ...rows] = records;
  if (header === undefined) return null;
  return { header, rows: rows.slice(0, MOST_ROWS), cut: wide || rows.length > MOST_ROWS || !whole };
}
