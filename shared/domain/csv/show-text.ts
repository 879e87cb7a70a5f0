/** Foreign text in messages: short, on one line, and harmless to a terminal. */

// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

function visible(c: string): string {
  if (c === '\n') return '\\n';
  if (c === '\r') return '\\r';
  if (c === '\t') return '\\t';
  return `\\u{${c.charCodeAt(0).toString(16)}}`;
}

/** `text` between backticks, at most `limit` characters, control characters written out. */
export function showText(text: string, limit = 60): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return `\`${cut.replace(UNSAFE, visible)}\``;
}

/** The name of a delimiter for people. */
export function showDelimiter(delimiter: string): string {
  return delimiter === '\t' ? 'TAB' : showText(delimiter);
}

/** `1 row`, `12,345 rows`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${String(n).replace(/\B(?=(\d{3})+$)/g, ',')} ${n === 1 ? one : many}`;
}

/** `2, 7 and 12`; `2, 7, 12 and 40 more` when `total` exceeds what is listed. */
export function list(items: readonly (string | number)[], total = items.length): string {
  const more = total - items.length;
  if (more > 0) return `${items.join(', ')} and ${count(more, 'more', 'more')}`;
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
