import type { Problem } from '../problem.ts';
import type { HeaderColumn } from './header.ts';
import type { TextEncoding } from './text-encoding.ts';

/** What the job says about a variable. */
export interface VariableDeclaration {
  readonly kind: 'number' | 'integer' | 'text' | 'bool' | 'file';
  readonly min?: number;
  readonly max?: number;
  /** The only values allowed. */
  readonly values?: readonly (number | string)[];
  readonly unit?: string;
  /** Used where a cell is empty or the column is missing. */
  readonly nominal?: number | string | boolean;
  /** `nan` and `inf` are meant. */
  readonly allowNonFinite?: boolean;
}

/** Values that a constraint sees: numbers where the cell is one, else text. */
export type RowValues = ReadonlyMap<string, number | string>;

export interface RowConstraint {
  /** The expression as written, for messages. */
  readonly text: string;
  /** Whether the row is allowed. May throw an Error that says why it could not be computed. */
  readonly test: (values: RowValues) => boolean;
}

export interface ReadLimits {
  readonly rows: number;
  readonly columns: number;
  /** UTF-16 units of one cell. */
  readonly cellLength: number;
}

export const READ_LIMITS: ReadLimits = { rows: 1_000_000, columns: 10_000, cellLength: 1_048_576 };

export interface RunDefinitionOptions {
  /** Name of the file in problems. */
  readonly file?: string | null;
  readonly variables?: Readonly<Record<string, VariableDeclaration>>;
  /** Names used by templates, commands, derived expressions and outputs; without it CSV19 is not checked. */
  readonly usedNames?: ReadonlySet<string>;
  readonly constraints?: readonly RowConstraint[];
  /** Whether the file that a cell of a `file` variable names exists; without it CSV17 is not checked. */
  readonly fileExists?: (path: string) => boolean;
  /**
   * What to do with `1,5` in a numeric column of a file whose delimiter is not a comma. `convert` (default): read it as `1.5` and warn;
   * `keep`: leave it, the column is text; `ask`: an error that names the choices.
   */
  readonly decimalComma?: 'convert' | 'keep' | 'ask';
  /** Settled by a person: nothing is guessed, a `sep=` line is still skipped. */
  readonly delimiter?: string;
  /** Severity of CSV14; `error` by default. */
  readonly outOfBounds?: 'error' | 'warning';
  readonly limits?: Partial<ReadLimits>;
  /** How many rows the summary keeps; 50 by default. */
  readonly preview?: number;
  /** Take a checkpoint for random access every so many rows; 0 (default): none. */
  readonly checkpointEvery?: number;
}

/** One data row. */
export interface RunRow {
  /** 1-based; counts all data rows, also disabled ones; never reused. It becomes the run's number. */
  readonly ordinal: number;
  /** 1-based line where the row begins. */
  readonly line: number;
  /** Text of each column, in the order of `columns`: verbatim but for blanks around unquoted cells, nominals in empty cells, and converted decimal commas. */
  readonly fields: readonly string[];
}

export interface RunColumn extends HeaderColumn {
  /** Index in `RunRow.fields`. */
  readonly index: number;
  /** What all its cells are, or what was declared: a `bool` and a `file` are text here. */
  readonly kind: 'number' | 'integer' | 'text';
  /** Its cells are written with a decimal comma and must be converted with `finishRow`. */
  readonly decimalComma: boolean;
  /** All rows have the same value. */
  readonly constant: boolean;
}

/** How the file is written. */
export interface RunFileDialect {
  readonly delimiter: string;
  readonly encoding: TextEncoding;
  /** From this byte on the file is Windows-1252, whatever came before; null when it is what `encoding` says. */
  readonly notUtf8From: number | null;
}

/** Where row `ordinal` begins. */
export interface RowCheckpoint {
  readonly ordinal: number;
  readonly line: number;
  readonly byteOffset: number;
}

export interface RunDefinitionSummary {
  /** No problem is an error. */
  readonly ok: boolean;
  readonly columns: readonly RunColumn[];
  /** Runs that the file defines: enabled rows, 0 when there is an error. */
  readonly total: number;
  /** Data rows seen, whatever their state. */
  readonly dataRows: number;
  /** Rows left out by `_enabled`. */
  readonly disabled: number;
  readonly problems: readonly Problem[];
  /** The first enabled rows, also when there are errors (without lines that do not fit the header). */
  readonly preview: readonly RunRow[];
  readonly dialect: RunFileDialect;
  readonly checkpoints: readonly RowCheckpoint[];
}

export interface RunDefinition extends RunDefinitionSummary {
  /** All runs; empty when there is an error. */
  readonly rows: readonly RunRow[];
}
