/** A piece of a template's source, in order and without gaps except where an escape or a header is dropped. */
export type ScannedPiece =
  /** Text that is copied. */
  | { readonly kind: 'text'; readonly text: string }
  /** OPEN…CLOSE: `[offset, end)` with the delimiters. */
  | {
      readonly kind: 'placeholder';
      readonly offset: number;
      readonly end: number;
      readonly content: string;
      /** Backslashes right before it that were not yet copied. */
      readonly backslashes: number;
    }
  /** OPEN without CLOSE on its line. */
  | { readonly kind: 'unclosed'; readonly offset: number; readonly end: number; readonly backslashes: number };

/**
 * Splits `[from, to)` of a source at its placeholders. A placeholder closes on the line where it opens, and CLOSE inside a quoted
 * text does not count. Backslashes before OPEN are left to the caller, which knows whether the placeholder is its own.
 */
export function* scanPlaceholders(
  source: string,
  from: number,
  to: number,
  open: string,
  close: string,
): Generator<ScannedPiece, void, undefined> {
  let position = from;
  for (;;) {
    const offset = source.indexOf(open, position);
    if (offset < 0 || offset + open.length > to) break;
    let backslashes = 0;
    while (offset - backslashes > position && source[offset - backslashes - 1] === '\\') backslashes++;
    if (offset - backslashes > position) yield { kind: 'text', text: source.slice(position, offset - backslashes) };

    const inside = offset + open.length;
    // An escaped OPEN is text, so what follows it is looked at afresh.
    const closeAt = backslashes % 2 === 1 ? -1 : findClose(source, inside, to, open, close);
    if (closeAt < 0) {
      yield { kind: 'unclosed', offset, end: inside, backslashes };
      position = inside;
      continue;
    }
    const end = closeAt + close.length;
    yield { kind: 'placeholder', offset, end, content: source.slice(inside, closeAt), backslashes };
    position = end;
  }
  if (position < to) yield { kind: 'text', text: source.slice(position, to) };
}

/** Offset of the CLOSE that belongs to an OPEN, or -1 when the line ends or another OPEN comes first. */
function findClose(source: string, from: number, to: number, open: string, close: string): number {
  const countsParentheses = close.startsWith(')');
  let depth = 0;
  for (let i = from; i < to; i++) {
    const character = source[i]!;
    if (character === '\n' || character === '\r') return -1;
    if (depth === 0 && source.startsWith(close, i)) return i + close.length <= to ? i : -1;
    if (source.startsWith(open, i)) return -1;
    if (character === '"' || character === "'") i = endOfQuoted(source, i, to);
    else if (countsParentheses && character === '(') depth++;
    else if (countsParentheses && character === ')') depth--;
  }
  return -1;
}

/** Offset of the closing quote, or of the opening one when its line has no other: then it is an ordinary character. */
function endOfQuoted(source: string, from: number, to: number): number {
  const quote = source[from]!;
  for (let i = from + 1; i < to; i++) {
    const character = source[i]!;
    if (character === '\n' || character === '\r') return from;
    if (character === '\\') i++;
    else if (character === quote) return i;
  }
  return from;
}
