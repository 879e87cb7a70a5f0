import { ByteDecoder, type DecodeEvent } from './decode.ts';
import { ByteMap } from './byte-map.ts';
import { guessDelimiter, readPreamble, type Preamble } from './dialect.ts';
import { ProblemLog } from './problem-log.ts';
import { RowReader } from './row-reader.ts';
import {
  READ_LIMITS,
  type RowCheckpoint,
  type RunDefinition,
  type RunDefinitionOptions,
  type RunDefinitionSummary,
  type RunRow,
} from './run-definition-types.ts';
import { finishRow } from './run-row.ts';
import type { TextEncoding } from './text-encoding.ts';
import { CsvTokenizer, type RecordPlaces } from './tokenizer.ts';

/** Text that the delimiter is guessed from; doubled until it holds two lines. */
const SAMPLE_LENGTH = 65_536;
const LONGEST_SAMPLE = 1 << 24;
const PREVIEW_ROWS = 50;

/**
 * Reads a run definition file that comes in pieces of bytes, with flat memory: rows go to `onRow` and are not kept. Rows are given before
 * the kinds of the columns are known: pass them through `finishRow` with the summary's columns. Bad input never throws, it becomes problems.
 */
export class RunDefinitionReader {
  readonly #options: RunDefinitionOptions;
  readonly #onRow: (row: RunRow) => void;
  readonly #log: ProblemLog;
  readonly #decoder = new ByteDecoder();
  readonly #bytes: ByteMap | null;
  readonly #checkpoints: RowCheckpoint[] = [];
  readonly #preview: RunRow[] = [];

  #encoding: TextEncoding = 'utf-8';
  #notUtf8From: number | null = null;
  #sample = '';
  #sampleGoal = SAMPLE_LENGTH;
  #preambleLength = 0;
  #delimiter = ',';
  #tokenizer: CsvTokenizer | null = null;
  #rows: RowReader | null = null;
  #stopped = false;

  constructor(options: RunDefinitionOptions = {}, onRow: (row: RunRow) => void = () => undefined) {
    this.#options = options;
    this.#onRow = onRow;
    this.#log = new ProblemLog(options.file ?? null);
    this.#bytes = options.checkpointEvery ? new ByteMap() : null;
  }

  /** True when reading on makes no sense: not a text file, a NUL byte, or a limit exceeded. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The bytes may be reused after the call. */
  push(bytes: Uint8Array): void {
    if (!this.#stopped) for (const event of this.#decoder.push(bytes)) this.#take(event);
  }

  end(): RunDefinitionSummary {
    if (!this.#stopped) for (const event of this.#decoder.end()) this.#take(event);
    if (!this.#stopped && !this.#tokenizer) this.#tryStart(true);
    if (!this.#stopped) this.#tokenizer?.end();
    const result = this.#rows?.end(!this.#stopped) ?? { columns: [], total: 0, dataRows: 0, disabled: 0 };
    if (!this.#stopped && result.columns.length === 0 && !this.#log.hasErrors) {
      this.#log.add('CSV01', 'error', 'no runs: the file is empty', {
        hint: 'Write a header line with the variable names, then one line per run.',
      });
    }
    return {
      ok: !this.#log.hasErrors,
      ...result,
      total: this.#log.hasErrors ? 0 : result.total,
      problems: this.#log.problems(),
      preview: this.#preview.map((row) => finishRow(row, result.columns)),
      dialect: { delimiter: this.#delimiter, encoding: this.#encoding, notUtf8From: this.#notUtf8From },
      checkpoints: this.#checkpoints,
    };
  }

  #take(event: DecodeEvent): void {
    if (this.#stopped) return;
    if (event.kind === 'text') this.#text(event);
    else if (event.kind === 'bom') this.#bom(event.encoding);
    else if (event.kind === 'not-utf8') this.#notUtf8(event);
    else {
      this.#log.add('CSV21', 'error', `this is ${event.file.name}, export it as CSV`, { hint: event.file.hint });
      this.#stop();
    }
  }

  #bom(encoding: TextEncoding): void {
    this.#encoding = encoding;
    const message =
      encoding === 'utf-8'
        ? 'the UTF-8 byte order mark at the start is removed'
        : `the file is UTF-16 (${encoding === 'utf-16le' ? 'little' : 'big'} endian) by its byte order mark; it is decoded`;
    this.#log.add('CSV02', 'info', message);
  }

  #notUtf8(event: Extract<DecodeEvent, { kind: 'not-utf8' }>): void {
    this.#notUtf8From = event.byteOffset;
    if (!event.afterNonAscii) this.#encoding = 'windows-1252';
    const byte = `0x${event.byte.toString(16).toUpperCase().padStart(2, '0')}`;
    const line = this.#currentLine();
    const mixed = event.afterNonAscii ? ' from there on, though it was UTF-8 before' : '';
    this.#log.add(
      'CSV03',
      'warning',
      `the file is not UTF-8: byte ${byte} at offset ${event.byteOffset} (line ${line}); it is read as Windows-1252${mixed}`,
      {
        line,
        hint: 'Look whether the accented letters in the preview are right; saving the file as UTF-8 settles it.',
      },
    );
  }

  #text({ text, byteOffset, byteLength, encoding }: Extract<DecodeEvent, { kind: 'text' }>): void {
    this.#bytes?.add(text, byteOffset, byteLength, encoding);
    const nul = text.indexOf('\0');
    const clean = nul === -1 ? text : text.slice(0, nul);
    if (this.#tokenizer) {
      this.#tokenizer.push(clean);
      this.#bytes?.keepLast(2);
    } else {
      this.#sample += clean;
      if (nul === -1) this.#tryStart(false);
    }
    if (nul === -1 || this.#stopped) return;
    const line = this.#currentLine();
    this.#log.add('CSV24', 'error', `line ${line} contains a NUL byte`, {
      line,
      hint:
        line === 1 && byteOffset + nul < 4
          ? 'Is this UTF-16 without byte order mark? Save it as UTF-8.'
          : 'Text files have none; the file is damaged or binary. Export it again.',
    });
    this.#stop();
  }

  #currentLine(): number {
    return this.#tokenizer?.line ?? (this.#sample.match(/\r\n?|\n/g)?.length ?? 0) + 1;
  }

  #stop(): void {
    this.#stopped = true;
    this.#tokenizer?.stop();
  }

  /** Starts once enough text is there to guess the delimiter. How much that is depends on the text alone, not on its pieces. */
  #tryStart(isEnd: boolean): void {
    while (!this.#tokenizer && this.#sample.length >= this.#sampleGoal) {
      const sample = this.#sample.slice(0, this.#sampleGoal);
      const preamble = readPreamble(sample, false);
      const enough = preamble !== null && /[\r\n][^]*[\r\n]./.test(sample.slice(preamble.length));
      if (enough || this.#sampleGoal >= LONGEST_SAMPLE) this.#start(sample, preamble, false);
      else this.#sampleGoal *= 2;
    }
    if (!this.#tokenizer && isEnd) this.#start(this.#sample, readPreamble(this.#sample, true), true);
  }

  #start(sample: string, preamble: Preamble | null, isWhole: boolean): void {
    const { length, headerLine, delimiter: said } = preamble ?? { length: 0, headerLine: 1, delimiter: null };
    const settled = this.#options.delimiter ?? said;
    const delimiter = settled ?? guessDelimiter(sample.slice(length), isWhole, headerLine, this.#log);
    const limits = { ...READ_LIMITS, ...this.#options.limits };
    const rows = new RowReader(
      this.#options,
      delimiter,
      this.#log,
      (row, places) => this.#row(row, places),
      () => this.#stop(),
    );
    this.#preambleLength = length;
    this.#delimiter = delimiter;
    this.#rows = rows;
    this.#tokenizer = new CsvTokenizer({
      delimiter,
      trim: true,
      firstLine: headerLine,
      maxCellLength: limits.cellLength,
      maxFields: limits.columns + 1,
      onRecord: (fields, line, places) => rows.record(fields, line, places),
      onFault: (fault) => rows.fault(fault),
    });
    const text = this.#sample.slice(length);
    this.#sample = '';
    this.#tokenizer.push(text);
  }

  #row(row: RunRow, places: RecordPlaces): void {
    if (this.#preview.length < (this.#options.preview ?? PREVIEW_ROWS)) this.#preview.push(row);
    if (this.#bytes) this.#checkpoint(row, places);
    this.#onRow(row);
  }

  #checkpoint(row: RunRow, places: RecordPlaces): void {
    const last = this.#checkpoints.at(-1);
    if (last && row.ordinal < last.ordinal + (this.#options.checkpointEvery ?? 1)) return;
    // Null when the row spans more pieces than are remembered: then the next row will do.
    const byteOffset = this.#bytes?.byteOffsetOf(this.#preambleLength + places.recordOffset) ?? null;
    if (byteOffset !== null) this.#checkpoints.push({ ordinal: row.ordinal, line: row.line, byteOffset });
  }
}

/** Reads a whole run definition: bytes, or pieces of bytes. All rows are kept; for large files use `RunDefinitionReader`. */
export function readRunDefinition(
  input: Uint8Array | Iterable<Uint8Array>,
  options: RunDefinitionOptions = {},
): RunDefinition {
  const rows: RunRow[] = [];
  const reader = new RunDefinitionReader(options, (row) => rows.push(row));
  for (const bytes of input instanceof Uint8Array ? [input] : input) {
    reader.push(bytes);
    if (reader.stopped) break;
  }
  const summary = reader.end();
  return { ...summary, rows: summary.ok ? rows.map((row) => finishRow(row, summary.columns)) : [] };
}
