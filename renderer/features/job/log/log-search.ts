/** One place in a log where what is looked for stands. */
export interface LogMatch {
  readonly line: number;
  readonly column: number;
}

/** More matches than this are not counted. */
export const MOST_MATCHES = 10_000;

/** All places of a text, upper and lower case alike; none for an empty text. */
export function findInLines(lines: readonly string[], text: string): readonly LogMatch[] {
  const wanted = text.toLowerCase();
  if (wanted === '') return [];
  const matches: LogMatch[] = [];
  for (const [line, content] of lines.entries()) {
    const lower = content.toLowerCase();
    for (let column = lower.indexOf(wanted); column >= 0; column = lower.indexOf(wanted, column + wanted.length)) {
      matches.push({ line, column });
      if (matches.length === MOST_MATCHES) return matches;
    }
  }
  return matches;
}

/** A line in pieces, those that match marked. */
export function markLine(
  line: string,
  text: string,
): readonly { readonly text: string; readonly column: number; readonly match: boolean }[] {
  const places = findInLines([line], text);
  const pieces = [];
  let at = 0;
  for (const { column } of places) {
    if (column > at) pieces.push({ text: line.slice(at, column), column: at, match: false });
    pieces.push({ text: line.slice(column, column + text.length), column, match: true });
    at = column + text.length;
  }
  if (at < line.length || pieces.length === 0) pieces.push({ text: line.slice(at), column: at, match: false });
  return pieces;
}
