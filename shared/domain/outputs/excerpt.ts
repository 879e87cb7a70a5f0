/** Pieces of foreign files in messages: short, on one line, and harmless to a terminal. */

/** `text` on one line, without control characters, and cut to `limit` characters. */
export function excerpt(text: string, limit = 100): string {
  const clean = text
    .slice(0, limit * 4)
    .replace(/[ \p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ')
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}

/** 1-based line of an offset. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** The whole line around an offset, without its end. */
export function lineTextAt(text: string, offset: number): string {
  const start = offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
  const end = text.indexOf('\n', offset);
  return text.slice(start, end === -1 ? undefined : end);
}

/** Line ends as LF. Patterns are written with `\n` and must work on files from Windows. */
export function normaliseLineEnds(text: string): string {
  return text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
}
