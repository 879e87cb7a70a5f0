import { CELL, classifyCell } from './cell-types.ts';

export interface WriteOptions {
  /** `,` by default. */
  readonly delimiter?: string;
  /** Put `'` before texts that a spreadsheet would run as a formula (CSV25). The text is then no longer what it was: for people's spreadsheets only. */
  readonly guardFormulas?: boolean;
}

/** One cell per RFC 4180: quoted where it must be, and where blanks at its ends would be lost. */
export function csvField(text: string, options: WriteOptions = {}): string {
  const guarded = options.guardFormulas && classifyCell(text.trim()) === CELL.formula ? `'${text}` : text;
  const quote = /["\r\n]|^[ \t]|[ \t]$/.test(guarded) || guarded.includes(options.delimiter ?? ',');
  return quote ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** One record without line end. A single empty cell is written `""`, because a blank line is no record. */
export function csvRecord(fields: readonly string[], options: WriteOptions = {}): string {
  if (fields.length === 1 && fields[0] === '') return '""';
  return fields.map((field) => csvField(field, options)).join(options.delimiter ?? ',');
}
