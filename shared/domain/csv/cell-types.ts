/**
 * What the text of one cell looks like. Nothing here changes the text: a cell is inserted into templates as it stands in the file.
 * Blanks around the text must have been trimmed.
 */
export const CELL = {
  empty: 0,
  /** `-12`: at most 15 digits, no leading zeros. */
  integer: 1,
  /** `1.5`, `.5`, `2e-3`: finite. */
  decimal: 2,
  /** An integer that a number type would change: `007`, or more than 15 digits. */
  doubtfulInteger: 3,
  /** `1,5` (also `1,234`, which could be a thousands separator). */
  decimalComma: 4,
  /** `1.234,5`, `1,234.5`, `1 234`, `1'234`. */
  grouped: 5,
  /** `nan`, `inf`, `#N/A`, `#DIV/0!`, `1e400`. */
  notFinite: 6,
  /** Numbers of other languages: Fortran's `1d-3`, `0x1F`. */
  foreignNumber: 7,
  /** `2.1e11 Pa`. */
  withUnit: 8,
  text: 9,
  /** Text that a spreadsheet would run as a formula: begins with `=`, `+`, `-` or `@`. */
  formula: 10,
  /** `""`: an empty text on purpose. */
  emptyText: 11,
} as const;
export type CellClass = (typeof CELL)[keyof typeof CELL];
export const CELL_CLASSES = 12;

/** Most digits of an integer that every double keeps exactly. */
export const SAFE_DIGITS = 15;

const INTEGER = /^[+-]?(\d+)$/;
const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DECIMAL_COMMA = /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i;
const GROUPED =
  /^[+-]?(?:\d{1,3}(?:\.\d{3})+,\d*|\d{1,3}(?:,\d{3})+\.\d*|\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:,\d{3}){2,}|\d{1,3}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?:[.,]\d*)?)$/;
const NOT_FINITE =
  /^(?:[+-]?(?:nan|inf|infinity|1\.#(?:inf|ind|qnan|snan)\w*)|#(?:DIV\/0!|N\/A|NAME\?|NULL!|NUM!|REF!|VALUE!|SPILL!|CALC!))$/i;
const FORTRAN = /^([+-]?(?:\d+\.?\d*|\.\d+))d([+-]?\d+)$/i;
const HEX = /^[+-]?0x[0-9a-f]+$/i;
const WITH_UNIT =
  /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?:\s+[A-Za-zµμ°Ω%][^\s]*|\s*[%°]C?|(?:mm|cm|m|km|kg|Pa|kPa|MPa|GPa|K|Hz|kN|N|deg))$/;

/** Class of a trimmed cell text. */
export function classifyCell(text: string): CellClass {
  if (text === '') return CELL.empty;
  const digits = INTEGER.exec(text)?.[1];
  if (digits !== undefined) {
    return digits.length > SAFE_DIGITS || (digits.length > 1 && digits.startsWith('0'))
      ? CELL.doubtfulInteger
      : CELL.integer;
  }
  if (DECIMAL.test(text)) return Number.isFinite(Number(text)) ? CELL.decimal : CELL.notFinite;
  // Long texts are no numbers; the regular expressions need not see them.
  if (text.length <= 64) {
    if (DECIMAL_COMMA.test(text)) return CELL.decimalComma;
    if (GROUPED.test(text)) return CELL.grouped;
    if (NOT_FINITE.test(text)) return CELL.notFinite;
    if (FORTRAN.test(text) || HEX.test(text)) return CELL.foreignNumber;
    if (WITH_UNIT.test(text)) return CELL.withUnit;
  }
  return text.length > 1 && '=+-@'.includes(text[0]!) ? CELL.formula : CELL.text;
}

/** Whether `1,234` could as well be one thousand two hundred and thirty-four. */
export function couldBeThousands(text: string): boolean {
  return /^[+-]?[1-9]\d{0,2},\d{3}$/.test(text);
}

/** `1,5` → `1.5`; any other text unchanged. */
export function convertDecimalComma(text: string): string {
  return DECIMAL_COMMA.test(text) ? text.replace(',', '.') : text;
}

/** `1.5D-3` → `1.5e-3`, or null when the text is no Fortran double. */
export function convertFortran(text: string): string | null {
  const match = FORTRAN.exec(text);
  return match ? `${match[1]}e${match[2]}` : null;
}

/** The number that a cell stands for: plain numbers, and decimal commas when `decimalComma`; else null. */
export function cellNumber(text: string, decimalComma = false): number | null {
  const kind = classifyCell(text);
  if (kind === CELL.integer || kind === CELL.decimal || kind === CELL.doubtfulInteger) return Number(text);
  return decimalComma && kind === CELL.decimalComma ? Number(convertDecimalComma(text)) : null;
}
