import { parseLeadingExpression } from '../expression/index.ts';
import type { Expression } from '../expression/index.ts';
import { parseDecimalPattern } from './decimal-format.ts';
import { parseFieldFormat } from './field-format.ts';
import type { Filter } from './filters.ts';
import { parseFilter } from './filters.ts';
import type { Dialect, PlaceholderBody, ValueFormat } from './types.ts';

type Result = { readonly ok: true; readonly body: PlaceholderBody } | { readonly ok: false; readonly message: string };

/** A name followed by nothing, a format, a default or a filter. Such a name may even be a word of the expression language. */
const BARE_NAME = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?=$|:|~|\|(?!\|)|\?\s*string\s*\()/;
const STRING_FORMAT = /^\?\s*string\s*\(\s*/;
/** Dakota's own way to format: `{'%8.3f' % x}`. */
const DAKOTA_FORMAT = /^\s*(['"])(%[^'"]*)\1\s*%\s*(.+)$/s;

/** Parses what stands between the delimiters: `expr (":" format)? ("?string(" q pattern q ")")? ("~" default)? ("|" filter)*`. */
export function parsePlaceholderBody(content: string, dialect: Dialect): Result {
  if (content.trim() === '') return fail('the placeholder is empty');
  const dakota = dialect === 'dakota' ? DAKOTA_FORMAT.exec(content) : null;
  if (dakota !== null) return dakotaBody(dakota[2]!, dakota[3]!);

  const head = parseHead(content);
  if (!head.ok) return head;
  return parseTail(content.slice(head.end), head);
}

function fail(message: string): { ok: false; message: string } {
  return { ok: false, message };
}

interface Head {
  readonly ok: true;
  readonly expression: Expression;
  readonly bareName: string | null;
  readonly end: number;
}

function parseHead(content: string): Head | { ok: false; message: string } {
  const bare = BARE_NAME.exec(content);
  if (bare !== null) {
    const name = bare[1]!;
    return { ok: true, expression: { kind: 'name', name, offset: 0 }, bareName: name, end: bare[0].length };
  }
  const parsed = parseLeadingExpression(content);
  if (!parsed.ok) return fail(parsed.problem.message);
  const bareName = parsed.ast.kind === 'name' ? parsed.ast.name : null;
  return { ok: true, expression: parsed.ast, bareName, end: parsed.end };
}

function parseTail(tail: string, head: Head): Result {
  let rest = tail.trimStart();
  let format: ValueFormat | null = null;
  if (rest.startsWith(':')) {
    const end = endOfFormat(rest);
    const field = parseFieldFormat(rest.slice(1, end).trim());
    if (!field.ok) return field;
    format = { kind: 'field', field: field.format };
    rest = rest.slice(end);
  }
  const opener = STRING_FORMAT.exec(rest);
  if (opener !== null) {
    if (format !== null) return fail('use either `:format` or `?string("…")`, not both');
    const quoted = readQuoted(rest, opener[0].length);
    if (quoted === null) return fail('write the pattern in quotes: `?string("0.00")`');
    const closing = /^\s*\)\s*/.exec(rest.slice(quoted.end));
    if (closing === null) return fail('`?string("…")` is not closed with `)`');
    const pattern = parseDecimalPattern(quoted.text);
    if (!pattern.ok) return fail(`the pattern "${quoted.text}" cannot be used: ${pattern.message}`);
    format = { kind: 'decimal', pattern: pattern.value };
    rest = rest.slice(quoted.end + closing[0].length);
  }
  let fallback: string | null = null;
  if (rest.startsWith('~')) {
    const read = readFallback(rest.slice(1));
    if (read === null) return fail('the default after `~` has a quote that is not closed');
    fallback = read.text;
    rest = read.rest;
  }
  const filters: Filter[] = [];
  while (rest.startsWith('|')) {
    const next = rest.indexOf('|', 1);
    const parsed = parseFilter(rest.slice(1, next < 0 ? rest.length : next));
    if (!parsed.ok) return parsed;
    filters.push(parsed.filter);
    rest = next < 0 ? '' : rest.slice(next);
  }
  if (rest.trim() !== '') {
    if (rest.startsWith('='))
      return fail('a placeholder cannot assign a value; make it a column or a derived variable');
    return fail(`\`${rest.trim()}\` is not understood after the expression`);
  }
  const { expression, bareName } = head;
  return { ok: true, body: { expression, bareName, format, fallback, filters } };
}

/** End of `:format`: the next `~`, `|` or `?string(`. The first character after `:` may be a fill. */
function endOfFormat(rest: string): number {
  const end = rest.slice(2).search(/[~|]|\?\s*string\s*\(/);
  return end < 0 ? rest.length : end + 2;
}

function readQuoted(text: string, from: number): { text: string; end: number } | null {
  const quote = text[from];
  if (quote !== '"' && quote !== "'") return null;
  const close = text.indexOf(quote, from + 1);
  return close < 0 ? null : { text: text.slice(from + 1, close), end: close + 1 };
}

/** Text up to the next `|`, blanks around it dropped; in quotes when it holds `|` or blanks at its ends. */
function readFallback(text: string): { text: string; rest: string } | null {
  const start = text.length - text.trimStart().length;
  if (text[start] === '"' || text[start] === "'") {
    const quoted = readQuoted(text, start);
    return quoted === null ? null : { text: quoted.text, rest: text.slice(quoted.end).trimStart() };
  }
  const end = text.indexOf('|');
  return end < 0 ? { text: text.trim(), rest: '' } : { text: text.slice(0, end).trim(), rest: text.slice(end) };
}

function dakotaBody(format: string, expression: string): Result {
  const field = parseFieldFormat(format);
  if (!field.ok) return field;
  const head = parseHead(expression);
  if (!head.ok) return head;
  const body = parseTail(expression.slice(head.end), head);
  if (!body.ok) return body;
  if (body.body.format !== null) return fail('the value is formatted twice');
  return { ok: true, body: { ...body.body, format: { kind: 'field', field: field.format } } };
}
