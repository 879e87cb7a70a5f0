import { CONSTANTS, namesIn } from '../expression/index.ts';
import { problem } from '../problem.ts';
import { assignedNames, DIALECTS } from './dialects.ts';
import { foreignProblem, sharedNameProblem } from './foreign.ts';
import { delimiterProblem, readHeader } from './header.ts';
import { LineMap } from './line-map.ts';
import { parsePlaceholderBody } from './placeholder-body.ts';
import { specialRegions } from './regions.ts';
import type { Region } from './regions.ts';
import { scanPlaceholders } from './scan.ts';
import type { ScannedPiece } from './scan.ts';
import type { ParsedTemplate, ParseOptions, Placeholder, PlaceholderBody, Segment, TemplateProblem } from './types.ts';
import { undefinedProblem } from './undefined.ts';

export type { ParsedTemplate, ParseOptions, Placeholder, TemplateProblem } from './types.ts';

/** How a file treats backslashes before OPEN: `escape` = `\OPEN` is literal and pairs halve; `shell` = they belong to the shell. */
export type BackslashRule = 'escape' | 'shell';

/**
 * Compiles a template. Never throws: everything wrong is in `problems` (TPL01, TPL02, TPL04; warnings for names that a lenient
 * dialect leaves alone although they look like ours), and errors also make renderTemplate refuse.
 */
export function parseTemplate(
  source: string,
  options: ParseOptions,
): { readonly template: ParsedTemplate; readonly problems: TemplateProblem[] } {
  return parseWithBackslashes(source, options, 'escape');
}

/** parseTemplate for texts whose backslashes mean something else, such as shell commands. */
export function parseWithBackslashes(
  source: string,
  options: ParseOptions,
  backslashes: BackslashRule,
): { readonly template: ParsedTemplate; readonly problems: TemplateProblem[] } {
  const compiler = new Compiler(source, options, backslashes);
  compiler.run();
  return { template: compiler.template(), problems: compiler.problems };
}

class Compiler {
  readonly problems: TemplateProblem[] = [];
  readonly #source: string;
  readonly #options: ParseOptions;
  readonly #backslashRule: BackslashRule;
  readonly #isStrict: boolean;
  readonly #lines: LineMap;
  readonly #names: ReadonlySet<string>;
  readonly #assigned: ReadonlyMap<string, number>;
  readonly #regions: readonly Region[];
  readonly #segments: Segment[] = [];
  readonly #placeholders: Placeholder[] = [];
  #open: string;
  #close: string;
  #text = '';

  constructor(source: string, options: ParseOptions, backslashRule: BackslashRule) {
    const { dialect } = options;
    const rules = DIALECTS[dialect];
    const header = backslashRule === 'shell' ? { delimiters: null, removed: [] } : readHeader(source);
    this.#source = source;
    this.#options = options;
    this.#backslashRule = backslashRule;
    this.#isStrict = rules.isStrict;
    this.#lines = new LineMap(source);
    this.#open = header.delimiters?.open ?? options.open ?? rules.open;
    this.#close = header.delimiters?.close ?? options.close ?? rules.close;
    this.#regions = specialRegions(source, dialect, header.removed);
    const message = delimiterProblem(this.#open, this.#close);
    if (message !== null) {
      const start = header.removed[0]?.[0] ?? 0;
      this.#report(
        'TPL04',
        'error',
        `${message}.`,
        start,
        0,
        'Choose for example `${` and `}`, `@` and `@`, or `={` and `}=`.',
      );
      this.#open = rules.open;
      this.#close = rules.close;
    }
    this.#assigned = assignedNames(dialect, source, this.#open);
    // A script's own `run` must not be taken for the run number, which nobody declared by hand.
    this.#names = rules.isStrict || !this.#assigned.has('run') ? new Set([...options.names, 'run']) : options.names;
  }

  run(): void {
    let position = 0;
    for (const region of this.#regions) {
      this.#scan(position, region.start);
      position = region.end;
      if (region.kind === 'literal') this.#text += region.text;
      if (region.kind === 'code') this.#refuseCode(region);
    }
    this.#scan(position, this.#source.length);
    this.#flushText();
  }

  template(): ParsedTemplate {
    return {
      dialect: this.#options.dialect,
      open: this.#open,
      close: this.#close,
      file: this.#options.file ?? null,
      floatStyle: this.#options.float ?? 'shortest',
      placeholders: this.#placeholders,
      segments: this.#segments,
      errors: this.problems.filter((found) => found.severity === 'error'),
    };
  }

  #scan(from: number, to: number): void {
    for (const piece of scanPlaceholders(this.#source, from, to, this.#open, this.#close)) {
      if (piece.kind === 'text') this.#text += piece.text;
      else if (piece.backslashes % 2 === 1) this.#escaped(piece);
      else if (piece.kind === 'unclosed') this.#unclosed(piece);
      else this.#placeholder(piece);
    }
  }

  #flushText(): void {
    if (this.#text !== '') this.#segments.push({ kind: 'text', text: this.#text });
    this.#text = '';
  }

  #report(
    code: string,
    severity: TemplateProblem['severity'],
    message: string,
    offset: number,
    length: number,
    hint: string | null = null,
  ): void {
    const file = this.#options.file ?? null;
    this.problems.push({
      ...problem(code, severity, message, { file, ...this.#lines.at(offset), hint }),
      offset,
      length,
    });
  }

  /** `\OPEN`: the backslash says "not a placeholder". */
  #escaped(piece: ScannedPiece & { offset: number; end: number; backslashes: number }): void {
    const name = /^\s*([A-Za-z_]\w*)/.exec(this.#source.slice(piece.end, piece.end + 80))?.[1];
    const isOurs = this.#isStrict || (name !== undefined && this.#names.has(name));
    const drops = isOurs && this.#backslashRule === 'escape';
    this.#text += '\\'.repeat(drops ? (piece.backslashes - 1) / 2 : piece.backslashes) + this.#open;
  }

  #unclosed(piece: ScannedPiece & { offset: number; end: number; backslashes: number }): void {
    this.#text += '\\'.repeat(piece.backslashes) + this.#open;
    if (!this.#isStrict) return;
    const start = this.#source.slice(piece.offset, piece.offset + 30).split(/[\r\n]/, 1)[0]!;
    this.#report(
      'TPL02',
      'error',
      `The placeholder that begins with \`${start}\` is not closed with \`${this.#close}\` on its line.`,
      piece.offset,
      piece.end - piece.offset,
      `Close it, or write \`\\${this.#open}\` where the text itself is meant.`,
    );
  }

  #refuseCode(region: Region & { text: string }): void {
    const line = region.text.trim().split(/[\r\n]/, 1)[0]!;
    const what = line.startsWith('{%') ? 'code block' : 'code line';
    this.#report(
      'TPL04',
      'error',
      `The ${what} \`${line.length > 40 ? `${line.slice(0, 37)}…` : line}\` is not run: templates hold values and expressions only.`,
      region.start,
      region.end - region.start,
      'Compute the value in a column or an expression; write `\\%` where a line of the file itself begins with `%`.',
    );
  }

  #placeholder(piece: ScannedPiece & { kind: 'placeholder' }): void {
    const parsed = this.#parseBody(piece.content);
    const names = parsed.ok ? [...namesIn(parsed.body.expression, this.#names)] : [];
    if (!this.#isStrict && !this.#owns(piece.content, parsed.ok ? names : null)) return this.#foreign(piece);
    if (this.#backslashRule === 'escape') this.#text += '\\'.repeat(piece.backslashes / 2);
    else this.#text += '\\'.repeat(piece.backslashes);

    const text = this.#source.slice(piece.offset, piece.end);
    const length = text.length;
    const isValue = parsed.ok && parsed.body.bareName !== null;
    const index = this.#addPlaceholder(
      isValue ? 'value' : 'expression',
      piece,
      parsed.ok ? allNames(parsed.body, names) : [],
    );
    if (!parsed.ok) {
      this.#report('TPL04', 'error', `\`${text}\`: ${parsed.message}.`, piece.offset, length, this.#escapeHint(text));
      return;
    }
    this.#flushText();
    this.#segments.push(compile(parsed.body, allNames(parsed.body, names), index));
    for (const name of allNames(parsed.body, names)) {
      if (!this.#names.has(name) && parsed.body.fallback === null) {
        const { message, hint } = undefinedProblem(name, text, this.#names, this.#open, this.#close);
        this.#report('TPL01', 'error', message, piece.offset, length, hint);
      }
      const shared = this.#isStrict ? null : sharedNameProblem(name, text, this.#assigned, this.#options.dialect);
      if (shared !== null) this.#report('TPL09', 'warning', shared.message, piece.offset, length, shared.hint);
    }
  }

  #parseBody(content: string): ReturnType<typeof parsePlaceholderBody> {
    const parsed = parsePlaceholderBody(content, this.#options.dialect);
    if (!parsed.ok || parsed.body.bareName === null) return parsed;
    const isConstant = CONSTANTS.has(parsed.body.bareName) && !this.#names.has(parsed.body.bareName);
    return isConstant ? { ok: true, body: { ...parsed.body, bareName: null } } : parsed;
  }

  /** In a lenient dialect: whether a placeholder is ours. `names` is null when it is not in our grammar. */
  #owns(content: string, names: readonly string[] | null): boolean {
    const first = /^\s*([A-Za-z_]\w*)\s*/.exec(content);
    const isDeclared = first !== null && this.#names.has(first[1]!);
    if (isDeclared && /^:[-=+?]/.test(content.slice(first[0].length))) return false;
    if (names !== null) {
      const bare = first !== null && first[0].length === content.length ? first[1]! : null;
      return bare !== null ? isDeclared : names.length > 0 && names.every((name) => this.#names.has(name));
    }
    // Broken, but with marks that only our grammar has: better an error than a placeholder in the solver's deck.
    return isDeclared && /^(?:\?\s*string\s*\(|\|\s*\w|:\s*%)/.test(content.slice(first[0].length));
  }

  #foreign(piece: ScannedPiece & { kind: 'placeholder' }): void {
    const text = this.#source.slice(piece.offset, piece.end);
    this.#text += '\\'.repeat(piece.backslashes) + text;
    const name = /^[#!]?\s*([A-Za-z_]\w*)/.exec(piece.content)?.[1];
    this.#addPlaceholder('foreign', piece, name === undefined ? [] : [name]);
    if (name === undefined || this.#assigned.has(name)) return;
    const found = foreignProblem(
      name,
      piece.content,
      text,
      this.#names,
      this.#options.dialect,
      this.#open,
      this.#close,
    );
    if (found !== null) this.#report(found.code, 'warning', found.message, piece.offset, text.length, found.hint);
  }

  #addPlaceholder(
    kind: Placeholder['kind'],
    { offset, end }: { readonly offset: number; readonly end: number },
    names: readonly string[],
  ): number {
    const text = this.#source.slice(offset, end);
    return this.#placeholders.push({ kind, offset, length: end - offset, ...this.#lines.at(offset), text, names }) - 1;
  }

  #escapeHint(text: string): string {
    return `Write \`\\${text}\` where the text itself is meant.`;
  }
}

function allNames(body: PlaceholderBody, names: readonly string[]): readonly string[] {
  return body.bareName === null ? names : [body.bareName];
}

function compile(body: PlaceholderBody, names: readonly string[], placeholder: number): Segment {
  const isPlain = body.format === null && body.fallback === null && body.filters.length === 0;
  return body.bareName !== null && isPlain
    ? { kind: 'value', name: body.bareName, placeholder }
    : { kind: 'field', body, names, placeholder };
}
