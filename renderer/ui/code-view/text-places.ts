/** A position in a text: 1-based line and column (UTF-16 units). */
export interface LineColumn {
  readonly line: number;
  readonly column: number;
}

/** The smallest replacement that turns one text into another. */
export interface TextChange {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/**
 * What differs between two texts, as one replacement; null when nothing does. An editor that applies it keeps the caret
 * and the scroll position of everything outside of the change.
 */
export function changeBetween(before: string, after: string): TextChange | null {
  if (before === after) return null;
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let tail = 0;
  while (
    tail < shorter - start &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail++;
  }
  return { from: start, to: before.length - tail, insert: after.slice(start, after.length - tail) };
}

/** Line and column of an offset; offsets outside of the text are taken to its ends. */
export function lineColumnAt(text: string, offset: number): LineColumn {
  const before = text.slice(0, Math.max(0, offset));
  const lastBreak = before.lastIndexOf('\n');
  let line = 1;
  for (let at = before.indexOf('\n'); at >= 0; at = before.indexOf('\n', at + 1)) line++;
  return { line, column: before.length - lastBreak };
}

/**
 * Offsets count `\r\n` as two units; editors hold every line end as one. Gives the offset in the editor's text.
 */
export function withoutCarriageReturns(text: string, offset: number): number {
  let removed = 0;
  for (let at = text.indexOf('\r\n'); at >= 0 && at < offset; at = text.indexOf('\r\n', at + 2)) removed++;
  return offset - removed;
}
