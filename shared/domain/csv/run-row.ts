import { convertDecimalComma } from './cell-types.ts';
import type { HeaderColumn } from './header.ts';
import type { RunColumn, RunRow, VariableDeclaration } from './run-definition-types.ts';
import type { RecordPlaces } from './tokenizer.ts';

/** How the fields of a record become the fields of a row. */
export interface RowLayout {
  /** Position in the record of each kept column. */
  readonly positions: readonly number[];
  /** Text for empty cells of each kept column, or null. */
  readonly nominals: readonly (string | null)[];
  /** Index of `_enabled` among the kept columns, or -1. */
  readonly enabled: number;
}

export function rowLayout(
  columns: readonly HeaderColumn[],
  variables: Readonly<Record<string, VariableDeclaration>> | undefined,
): RowLayout {
  return {
    positions: columns.map((column) => column.position),
    nominals: columns.map((column) => {
      const nominal =
        column.role === 'variable' && variables && Object.hasOwn(variables, column.key)
          ? variables[column.key]!.nominal
          : undefined;
      return nominal === undefined ? null : String(nominal);
    }),
    enabled: columns.findIndex((column) => column.role === 'enabled'),
  };
}

/** A line without any text, or of delimiters only: no row. `""` is a text. */
export function isBlankRecord(fields: readonly string[], places: RecordPlaces): boolean {
  for (let i = 0; i < fields.length; i++) if (fields[i] !== '' || places.wasQuoted(i)) return false;
  return true;
}

/** The fields of a row; `fields` itself when nothing has to change. */
export function shapeFields(fields: string[], places: RecordPlaces, layout: RowLayout): string[] {
  const { positions, nominals } = layout;
  let row = fields;
  if (positions.length !== fields.length) row = positions.map((position) => fields[position] ?? '');
  for (let i = 0; i < nominals.length; i++) {
    const nominal = nominals[i];
    if (nominal !== null && row[i] === '' && !places.wasQuoted(positions[i]!)) row[i] = nominal!;
  }
  return row;
}

const OFF: ReadonlySet<string> = new Set(['0', 'false', 'no', 'off']);
const ON: ReadonlySet<string> = new Set(['', '1', 'true', 'yes', 'on']);

/** Reads an `_enabled` cell (empty = enabled); null when it is neither. */
export function readEnabled(text: string): boolean | null {
  const word = text.toLowerCase();
  return OFF.has(word) ? false : ON.has(word) ? true : null;
}

/** A row as templates must see it: decimal commas of the columns that were found to have them become points. Rows given while the file is still being read need it. */
export function finishRow(row: RunRow, columns: readonly RunColumn[]): RunRow {
  if (!columns.some((column) => column.decimalComma)) return row;
  return { ...row, fields: row.fields.map((text, i) => (columns[i]?.decimalComma ? convertDecimalComma(text) : text)) };
}
