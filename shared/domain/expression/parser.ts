import { suggest } from '../suggest.ts';
import { MAX_DEPTH, MAX_NODES } from './ast.ts';
import type { ArithmeticOperator, ComparisonOperator, Expression, ExpressionProblem } from './ast.ts';
import { arityProblem, FUNCTION_NAMES, FUNCTIONS } from './functions.ts';
import { ExpressionSyntaxError, readToken } from './lexer.ts';
import type { Token } from './lexer.ts';

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'not']);
/** `?string("…")` after an expression is a number format of templates, not a condition. */
const STRING_FORMAT = /\?\s*string\s*\(/y;

/**
 * Recursive descent, weakest binding first:
 * `?:` (right), `or ||`, `and &&`, `not`, one comparison, `+ -`, `* / %`, signs and `!`, `^ **` (right; so -2^2 = -4).
 */
class Parser {
  readonly #text: string;
  #token: Token;
  #failure: ExpressionSyntaxError | null = null;
  #nodes = 0;
  #depth = 0;
  /** End of the last token taken. */
  lastEnd = 0;

  constructor(text: string) {
    this.#text = text;
    this.#token = this.#read(0);
  }

  /** Where the first token that was not taken begins. */
  get offset(): number {
    return this.#token.offset;
  }

  expression(): Expression {
    return this.#nested(() => this.#conditional());
  }

  expectEnd(): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#token.kind !== 'end') throw this.#unexpected('an operator');
  }

  /** A bad character is an error only if the parser wants it: after an expression it may belong to the template. */
  #read(from: number): Token {
    try {
      this.#failure = null;
      return readToken(this.#text, from);
    } catch (error) {
      if (!(error instanceof ExpressionSyntaxError)) throw error;
      this.#failure = error;
      return { kind: 'symbol', value: '', offset: error.offset, end: error.offset };
    }
  }

  #take(): Token {
    const token = this.#token;
    this.lastEnd = token.end;
    this.#token = this.#read(token.end);
    return token;
  }

  #isSymbol(value: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.value === value;
  }

  #isWord(value: string): boolean {
    return this.#token.kind === 'name' && this.#token.value === value;
  }

  #node<T extends Expression>(node: T): T {
    if (++this.#nodes > MAX_NODES) {
      throw new ExpressionSyntaxError(`the expression has more than ${MAX_NODES} parts; split it`, node.offset);
    }
    return node;
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) {
      throw new ExpressionSyntaxError(`the expression is nested more than ${MAX_DEPTH} deep; split it`, this.offset);
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  #unexpected(wanted: string): ExpressionSyntaxError {
    if (this.#failure !== null) return this.#failure;
    const token = this.#token;
    if (token.kind === 'end')
      return new ExpressionSyntaxError(`the expression ends where ${wanted} is expected`, token.offset);
    const found = this.#text.slice(token.offset, token.end);
    return new ExpressionSyntaxError(`\`${found}\` stands where ${wanted} is expected`, token.offset);
  }

  #expect(symbol: string): void {
    if (!this.#isSymbol(symbol)) throw this.#unexpected(`\`${symbol}\``);
    this.#take();
  }

  #conditional(): Expression {
    const condition = this.#or();
    if (!this.#isSymbol('?')) return condition;
    STRING_FORMAT.lastIndex = this.offset;
    if (STRING_FORMAT.test(this.#text)) return condition;
    const { offset } = this.#take();
    const whenTrue = this.#nested(() => this.#conditional());
    this.#expect(':');
    const whenFalse = this.#nested(() => this.#conditional());
    return this.#node({ kind: 'conditional', condition, whenTrue, whenFalse, offset });
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#isWord('or') || this.#isSymbol('||')) {
      const { offset } = this.#take();
      left = this.#node({ kind: 'logical', operator: 'or', left, right: this.#and(), offset });
    }
    return left;
  }

  #and(): Expression {
    let left = this.#not();
    while (this.#isWord('and') || this.#isSymbol('&&')) {
      const { offset } = this.#take();
      left = this.#node({ kind: 'logical', operator: 'and', left, right: this.#not(), offset });
    }
    return left;
  }

  #not(): Expression {
    if (!this.#isWord('not')) return this.#comparison();
    const { offset } = this.#take();
    const operand = this.#nested(() => this.#not());
    return this.#node({ kind: 'unary', operator: 'not', operand, offset });
  }

  #comparison(): Expression {
    const left = this.#sum();
    if (!this.#isComparison()) return left;
    const token = this.#take();
    const operator = this.#text.slice(token.offset, token.end) as ComparisonOperator;
    const right = this.#sum();
    if (this.#isComparison()) {
      throw new ExpressionSyntaxError('comparisons cannot be chained; write `a < b and b < c`', this.offset);
    }
    return this.#node({ kind: 'comparison', operator, left, right, offset: token.offset });
  }

  #isComparison(): boolean {
    return this.#token.kind === 'symbol' && COMPARISONS.has(this.#token.value);
  }

  #sum(): Expression {
    let left = this.#product();
    while (this.#isSymbol('+') || this.#isSymbol('-')) left = this.#arithmetic(left, () => this.#product());
    return left;
  }

  #product(): Expression {
    let left = this.#signed();
    while (this.#isSymbol('*') || this.#isSymbol('/') || this.#isSymbol('%')) {
      left = this.#arithmetic(left, () => this.#signed());
    }
    return left;
  }

  #arithmetic(left: Expression, operand: () => Expression): Expression {
    const token = this.#take();
    const operator = this.#text.slice(token.offset, token.end) as ArithmeticOperator;
    return this.#node({ kind: 'arithmetic', operator, left, right: operand(), offset: token.offset });
  }

  #signed(): Expression {
    for (const operator of ['-', '+', '!'] as const) {
      if (!this.#isSymbol(operator)) continue;
      const { offset } = this.#take();
      const operand = this.#nested(() => this.#signed());
      return this.#node({ kind: 'unary', operator: operator === '!' ? 'not' : operator, operand, offset });
    }
    return this.#power();
  }

  #power(): Expression {
    const left = this.#primary();
    if (!this.#isSymbol('^') && !this.#isSymbol('**')) return left;
    const { offset } = this.#take();
    const right = this.#nested(() => this.#signed());
    return this.#node({ kind: 'arithmetic', operator: '^', left, right, offset });
  }

  #primary(): Expression {
    const token = this.#token;
    if (token.kind === 'number' || token.kind === 'text') {
      this.#take();
      return token.kind === 'number'
        ? this.#node({ kind: 'number', value: token.value, offset: token.offset })
        : this.#node({ kind: 'text', value: token.value, offset: token.offset });
    }
    if (token.kind === 'name' && !WORDS.has(token.value)) {
      this.#take();
      return this.#isSymbol('(')
        ? this.#call(token.value, token.offset)
        : this.#node({ kind: 'name', name: token.value, offset: token.offset });
    }
    if (!this.#isSymbol('(')) throw this.#unexpected('a number, a name or `(`');
    this.#take();
    const inner = this.expression();
    this.#expect(')');
    return inner;
  }

  #call(name: string, offset: number): Expression {
    if (name !== 'if' && !FUNCTIONS.has(name)) {
      const near = name === 'ln' ? 'log' : suggest(name, FUNCTION_NAMES);
      throw new ExpressionSyntaxError(
        `\`${name}\` is not a function${near === null ? '' : `; did you mean \`${near}\`?`}`,
        offset,
      );
    }
    this.#take();
    const args: Expression[] = [];
    if (!this.#isSymbol(')')) {
      args.push(this.expression());
      while (this.#isSymbol(',')) {
        this.#take();
        args.push(this.expression());
      }
    }
    this.#expect(')');
    const problem = arityProblem(name, args.length);
    if (problem !== null) throw new ExpressionSyntaxError(problem, offset);
    return this.#node({ kind: 'call', name, args, offset });
  }
}

function attempt<T>(parse: () => T): { ok: true; value: T } | { ok: false; problem: ExpressionProblem } {
  try {
    return { ok: true, value: parse() };
  } catch (error) {
    if (!(error instanceof ExpressionSyntaxError)) throw error;
    return { ok: false, problem: { message: error.message, offset: error.offset } };
  }
}

/** Parses a whole text as one expression. Never throws; unknown functions and wrong argument counts are found here. */
export function parseExpression(
  text: string,
): { ok: true; ast: Expression } | { ok: false; problem: ExpressionProblem } {
  const parsed = attempt(() => {
    const parser = new Parser(text);
    const ast = parser.expression();
    parser.expectEnd();
    return ast;
  });
  return parsed.ok ? { ok: true, ast: parsed.value } : parsed;
}

/**
 * Parses the longest expression at the start of a text and says where it ends (`end`, after its last token): the rest of a
 * template placeholder (`:%8.3f`, `?string("0.0")`, `~default`, `|filter`) is for the caller.
 */
export function parseLeadingExpression(
  text: string,
): { ok: true; ast: Expression; end: number } | { ok: false; problem: ExpressionProblem } {
  const parsed = attempt(() => {
    const parser = new Parser(text);
    return { ast: parser.expression(), end: parser.lastEnd };
  });
  return parsed.ok ? { ok: true, ...parsed.value } : parsed;
}
