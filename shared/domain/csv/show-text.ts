/** Foreign text in messages: short, on one line, and harmless to a terminal. */

import { visibleText } from '../visible-text.ts';

/** `text` between backticks, at most `limit` characters, control characters written out. */
export function showText(text: string, limit = 60): string {
  const cut = text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
  return `\`${visibleText(cut)}\``;
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
