/** A piece of an expression's text: `[offset, end)` in UTF-16 units. */
export type Token =
  | { readonly kind: 'number'; readonly value: number; readonly offset: number; readonly end: number }
  | { readonly kind: 'text'; readonly value: string; readonly offset: number; readonly end: number }
  | { readonly kind: 'name'; readonly value: string; readonly offset: number; readonly end: number }
  | { readonly kind: 'symbol'; readonly value: string; readonly offset: number; readonly end: number }
  | { readonly kind: 'end'; readonly offset: number; readonly end: number };

/** Thrown inside the expression folder only; the public functions turn it into a problem. */
export class ExpressionSyntaxError extends Error {
  readonly offset: number;
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

const BLANK = /[ \t\r\n\f\v\u00a0]*/y;
const NUMBER = /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SYMBOL = /\*\*|==|!=|<=|>=|&&|\|\||[-+*/%^<>!?:(),]/y;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
]);

/** Text matched by a sticky pattern at `offset`, or null. */
function matchAt(pattern: RegExp, text: string, offset: number): string | null {
  pattern.lastIndex = offset;
  return pattern.exec(text)?.[0] ?? null;
}

/** Reads the token that begins at or after `from` (blanks are skipped). Throws ExpressionSyntaxError. */
export function readToken(text: string, from: number): Token {
  const offset = from + (matchAt(BLANK, text, from)?.length ?? 0);
  if (offset >= text.length) return { kind: 'end', offset, end: offset };
  const first = text[offset]!;

  const number = matchAt(NUMBER, text, offset);
  if (number !== null) return numberToken(text, number, offset);

  const name = matchAt(NAME, text, offset);
  if (name !== null) return { kind: 'name', value: name, offset, end: offset + name.length };

  if (first === '"' || first === "'") return textToken(text, offset);

  const symbol = matchAt(SYMBOL, text, offset);
  if (symbol !== null) return { kind: 'symbol', value: symbol, offset, end: offset + symbol.length };

  if (first === '=') {
    throw new ExpressionSyntaxError('`=` assigns nothing here; write `==` to compare', offset);
  }
  if (first === '.' || first === '[') {
    throw new ExpressionSyntaxError(`\`${first}\` is not possible: values have no members`, offset);
  }
  throw new ExpressionSyntaxError(`\`${visible(text, offset)}\` is not part of an expression`, offset);
}

function numberToken(text: string, digits: string, offset: number): Token {
  const end = offset + digits.length;
  const glued = matchAt(/[A-Za-z0-9_.]+/y, text, end);
  if (glued !== null) {
    throw new ExpressionSyntaxError(
      `\`${digits}${glued}\` is not a number; put an operator between a number and a name`,
      offset,
    );
  }
  const value = Number(digits);
  if (!Number.isFinite(value)) throw new ExpressionSyntaxError(`\`${digits}\` is too large for a number`, offset);
  return { kind: 'number', value, offset, end };
}

function textToken(text: string, offset: number): Token {
  const quote = text[offset]!;
  let value = '';
  for (let i = offset + 1; i < text.length; i++) {
    const character = text[i]!;
    if (character === quote) return { kind: 'text', value, offset, end: i + 1 };
    if (character === '\n') break;
    if (character !== '\\') {
      value += character;
      continue;
    }
    const escaped = ESCAPES.get(text[i + 1] ?? '');
    if (escaped === undefined) value += character;
    else {
      value += escaped;
      i++;
    }
  }
  throw new ExpressionSyntaxError(`the text that begins with ${quote} has no closing ${quote}`, offset);
}

/** The character at `offset`, with control characters made visible. */
function visible(text: string, offset: number): string {
  const code = text.codePointAt(offset) ?? 0;
  return code < 32 || code === 127
    ? `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
    : String.fromCodePoint(code);
}
