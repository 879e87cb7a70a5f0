/** What a record receiver may ask about the record that it is being given; answers are only right during the call. */
export interface RecordPlaces {
  /** 1-based line where field `index` begins (records with line ends inside quotes span several lines). */
  fieldLine(index: number): number;
  /** 1-based column (UTF-16 units) where field `index` begins: its opening quote, or its first character. */
  fieldColumn(index: number): number;
  wasQuoted(index: number): boolean;
  /** Offset of the record's first character in the whole text, in UTF-16 units. */
  readonly recordOffset: number;
  /** The string that all fields were cut from, or null when they were put together; see `fieldStart`. */
  readonly source: string | null;
  /** Where field `index` begins in `source`. */
  fieldStart(index: number): number;
  /** Fields in the record, also those beyond `maxFields` which are not in `fields`. */
  readonly fieldCount: number;
}

/** `fields` belongs to the receiver; `line` is the 1-based line where the record begins. */
export type RecordReceiver = (fields: string[], line: number, places: RecordPlaces) => void;

export interface TokenizerFault {
  /** `unterminated`: the text ended inside quotes. `stray`: text after a closing quote. `too-long`: a cell is longer than the limit. */
  readonly kind: 'unterminated' | 'stray' | 'too-long';
  /** Where the quote was opened (`unterminated`), the stray text begins (`stray`), or the cell begins (`too-long`). */
  readonly line: number;
  readonly column: number;
}

export interface TokenizerOptions {
  /** One character. */
  readonly delimiter: string;
  readonly onRecord: RecordReceiver;
  readonly onFault?: (fault: TokenizerFault) => void;
  /** Drop blanks (space, tab) around cells; blanks inside quotes always stay. */
  readonly trim?: boolean;
  readonly firstLine?: number;
  /** Characters of one cell; longer ones are reported and given as ''. */
  readonly maxCellLength?: number;
  /** Fields of one record that are kept. */
  readonly maxFields?: number;
}

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;

/** `closed`: behind a closing quote and at least one blank. */
type State = 'start' | 'plain' | 'quoted' | 'after-quote' | 'closed';

/**
 * Strict RFC 4180 tokenizer for text that comes in pieces. CR, LF and CRLF end records; a quoted cell may hold delimiters, line ends and
 * doubled quotes; a quote inside an unquoted cell is an ordinary character (`3" pipe`). Nothing is guessed, typed or dropped: a blank line
 * is a record of one empty field. Where the text is cut into pieces never changes the records.
 */
export class CsvTokenizer implements RecordPlaces {
  readonly #delimiterText: string;
  readonly #delimiter: number;
  readonly #onRecord: RecordReceiver;
  readonly #onFault: (fault: TokenizerFault) => void;
  readonly #trim: boolean;
  readonly #maxCellLength: number;
  readonly #maxFields: number;

  #state: State = 'start';
  #fields: string[] = [];
  #count = 0;
  /** The current cell as far as earlier pieces, or the unquoting, brought it. */
  #pending = '';
  #tooLong = false;
  #skipLf = false;
  #quotedCr = false;
  #anyQuoted = false;
  readonly #lines: number[] = [];
  readonly #columns: number[] = [];
  readonly #quoted: boolean[] = [];
  #line: number;
  #recordLine: number;
  /** Offset in the current piece where the current line began; negative when it began in an earlier piece. */
  #lineStart = 0;
  #pieceOffset = 0;
  #recordStart = 0;
  #source: string | null = null;
  #sourceStart = 0;
  #stopped = false;
  /** Offsets in the current piece of the next special characters, as far as they were looked for. */
  readonly #next = { quote: -1, lf: -1, cr: -1, delimiter: -1 };

  constructor(options: TokenizerOptions) {
    this.#delimiterText = options.delimiter.slice(0, 1);
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#onRecord = options.onRecord;
    this.#onFault = options.onFault ?? (() => undefined);
    this.#trim = options.trim ?? false;
    this.#maxCellLength = options.maxCellLength ?? Infinity;
    this.#maxFields = options.maxFields ?? Infinity;
    this.#line = options.firstLine ?? 1;
    this.#recordLine = this.#line;
  }

  /** 1-based line of the next character. */
  get line(): number {
    return this.#line;
  }

  get recordOffset(): number {
    return this.#recordStart;
  }

  get source(): string | null {
    return this.#source;
  }

  fieldStart(index: number): number {
    return this.#sourceStart + this.fieldColumn(index) - 1;
  }

  get fieldCount(): number {
    return this.#count;
  }

  fieldLine(index: number): number {
    return this.#lines[index] ?? this.#recordLine;
  }

  fieldColumn(index: number): number {
    return this.#columns[index] ?? 1;
  }

  wasQuoted(index: number): boolean {
    return this.#anyQuoted && this.#quoted[index] === true;
  }

  /** No more records are wanted: the rest of the current piece and all later ones are ignored. */
  stop(): void {
    this.#stopped = true;
  }

  push(piece: string): void {
    const length = piece.length;
    const delimiter = this.#delimiter;
    const trim = this.#trim;
    let at = 0;
    Object.assign(this.#next, { quote: -1, lf: -1, cr: -1, delimiter: -1 });
    if (this.#skipLf && length > 0) {
      if (piece.charCodeAt(0) === LF) at = 1;
      this.#skipLf = false;
      this.#lineStart = at;
      this.#recordStart = this.#pieceOffset + at;
    }
    while (at < length && !this.#stopped) {
      if (this.#state === 'start') {
        if (this.#recordStart === this.#pieceOffset + at) {
          at = this.#plainRecords(piece, at);
          if (at === length || this.#stopped) break;
        }
        if (trim) {
          for (let c = piece.charCodeAt(at); (c === SPACE || c === TAB) && c !== delimiter; c = piece.charCodeAt(at))
            at += 1;
          if (at >= length) break;
        }
        this.#beginField(at);
        if (piece.charCodeAt(at) === QUOTE) {
          this.#beginQuoted();
          at += 1;
        } else this.#state = 'plain';
      } else if (this.#state === 'plain') {
        const from = at;
        for (; at < length; at++) {
          const c = piece.charCodeAt(at);
          if (c === delimiter || c === LF || c === CR) break;
        }
        if (at === length) this.#append(piece.slice(from));
        else {
          this.#endPlain(piece, from, at);
          at = this.#endField(piece, at);
        }
      } else if (this.#state === 'quoted') at = this.#quotedPart(piece, at);
      else at = this.#afterQuote(piece, at);
    }
    this.#lineStart -= length;
    this.#pieceOffset += length;
  }

  end(): void {
    if (this.#stopped) return;
    if (this.#state === 'quoted') {
      const index = this.#count;
      this.#onFault({ kind: 'unterminated', line: this.fieldLine(index), column: this.fieldColumn(index) });
      return;
    }
    if (this.#state === 'start' && this.#count === 0) return;
    if (this.#state === 'start') this.#beginField(0);
    if (this.#state === 'plain') this.#endPlain('', 0, 0);
    this.#keepField();
    this.#emit();
  }

  /**
   * The fast path: records from `start` on that are complete in this piece, hold no quote and no over-long cell. Returns where it stopped:
   * the beginning of the first record that needs the careful path, or the end of the piece.
   */
  #plainRecords(piece: string, start: number): number {
    const length = piece.length;
    const trim = this.#trim;
    const lines = this.#lines;
    const columns = this.#columns;
    const next = this.#next;
    const find = (text: string, from: number): number => {
      const found = piece.indexOf(text, from);
      return found === -1 ? length : found;
    };
    // The native search beats a loop over characters. Hits are kept until passed, so that a rare character costs one search a piece.
    if (next.quote < start) next.quote = find('"', start);
    const quote = next.quote;
    this.#source = piece;
    let at = start;
    while (at < length) {
      if (next.lf < at) next.lf = find('\n', at);
      if (next.cr < at) next.cr = find('\r', at);
      const end = next.lf < next.cr ? next.lf : next.cr;
      // A CR as last character: whether an LF belongs to it stands in the next piece.
      if (end >= length || quote < end || (end === next.cr && end + 1 === length)) break;
      const fields: string[] = [];
      let from = at;
      for (;;) {
        if (next.delimiter < from) next.delimiter = find(this.#delimiterText, from);
        let to = next.delimiter < end ? next.delimiter : end;
        if (to - from > this.#maxCellLength || fields.length >= this.#maxFields) {
          this.#source = null;
          this.#recordStart = this.#pieceOffset + at;
          return at;
        }
        const behind = to + 1;
        if (trim) {
          while (from < to && isBlank(piece.charCodeAt(from))) from += 1;
          while (to > from && isBlank(piece.charCodeAt(to - 1))) to -= 1;
        }
        lines[fields.length] = this.#line;
        columns[fields.length] = from - at + 1;
        fields.push(piece.slice(from, to));
        if (behind > end) break;
        from = behind;
      }
      this.#count = fields.length;
      this.#recordStart = this.#pieceOffset + at;
      this.#sourceStart = at;
      this.#fields = fields;
      this.#emit();
      this.#line += 1;
      this.#recordLine = this.#line;
      at = end === next.cr && next.lf === end + 1 ? end + 2 : end + 1;
      this.#lineStart = at;
      if (this.#stopped) break;
    }
    this.#source = null;
    this.#recordStart = this.#pieceOffset + at;
    return at;
  }

  #beginField(at: number): void {
    const index = this.#count;
    if (index < this.#maxFields) {
      this.#lines[index] = this.#line;
      this.#columns[index] = at - this.#lineStart + 1;
    }
  }

  #beginQuoted(): void {
    if (!this.#anyQuoted) {
      this.#anyQuoted = true;
      this.#quoted.length = 0;
    }
    if (this.#count < this.#maxFields) this.#quoted[this.#count] = true;
    this.#state = 'quoted';
  }

  #append(part: string): void {
    if (this.#tooLong || this.#pending.length + part.length > this.#maxCellLength) {
      this.#tooLong = true;
      this.#pending = '';
    } else this.#pending += part;
  }

  #endPlain(piece: string, from: number, to: number): void {
    if (this.#pending === '' && !this.#tooLong && to - from <= this.#maxCellLength) {
      let end = to;
      if (this.#trim) while (end > from && isBlank(piece.charCodeAt(end - 1))) end -= 1;
      this.#pending = piece.slice(from, end);
      return;
    }
    this.#append(piece.slice(from, to));
    if (this.#trim) {
      let end = this.#pending.length;
      while (end > 0 && isBlank(this.#pending.charCodeAt(end - 1))) end -= 1;
      this.#pending = this.#pending.slice(0, end);
    }
  }

  /** Ends the cell at the delimiter or line end at `at`; returns the offset behind it. */
  #endField(piece: string, at: number): number {
    this.#keepField();
    const c = piece.charCodeAt(at);
    let next = at + 1;
    if (c === this.#delimiter) return next;
    if (c === CR) {
      if (next === piece.length) this.#skipLf = true;
      else if (piece.charCodeAt(next) === LF) next += 1;
    }
    this.#emit();
    this.#line += 1;
    this.#recordLine = this.#line;
    this.#lineStart = next;
    this.#recordStart = this.#pieceOffset + next;
    return next;
  }

  #keepField(): void {
    if (this.#tooLong) {
      const index = this.#count;
      this.#tooLong = false;
      this.#onFault({ kind: 'too-long', line: this.fieldLine(index), column: this.fieldColumn(index) });
    }
    if (this.#count < this.#maxFields) this.#fields.push(this.#pending);
    this.#count += 1;
    this.#pending = '';
    this.#state = 'start';
  }

  #emit(): void {
    const fields = this.#fields;
    this.#fields = [];
    this.#onRecord(fields, this.#recordLine, this);
    this.#count = 0;
    this.#anyQuoted = false;
  }

  #quotedPart(piece: string, from: number): number {
    const quote = piece.indexOf('"', from);
    const to = quote === -1 ? piece.length : quote;
    for (let at = from; at < to; at++) {
      const c = piece.charCodeAt(at);
      if (c === CR || (c === LF && !this.#quotedCr)) this.#line += 1;
      if (c === CR || c === LF) this.#lineStart = at + 1;
      this.#quotedCr = c === CR;
    }
    this.#append(piece.slice(from, to));
    if (quote === -1) return to;
    this.#quotedCr = false;
    this.#state = 'after-quote';
    return quote + 1;
  }

  #afterQuote(piece: string, at: number): number {
    const c = piece.charCodeAt(at);
    if (c === QUOTE && this.#state === 'after-quote') {
      this.#append('"');
      this.#state = 'quoted';
      return at + 1;
    }
    if (c === this.#delimiter || c === LF || c === CR) return this.#endField(piece, at);
    if (this.#trim && isBlank(c)) {
      this.#state = 'closed';
      return at + 1;
    }
    this.#onFault({ kind: 'stray', line: this.#line, column: at - this.#lineStart + 1 });
    this.#state = 'plain';
    return at;
  }
}

function isBlank(c: number): boolean {
  return c === SPACE || c === TAB;
}
