import { evaluate, textToNumber, typedValue } from '../expression/index.ts';
import type { Value } from '../expression/index.ts';
import { problem } from '../problem.ts';
import { formatDecimal } from './decimal-format.ts';
import { applyFieldFormat, computedNumberText } from './field-format.ts';
import type { FieldValue } from './field-format.ts';
import { applyFilter } from './filters.ts';
import type { ParsedTemplate, RenderScope, Segment, TemplateProblem, ValueFormat } from './types.ts';
import { undefinedProblem } from './undefined.ts';

export type { RenderScope } from './types.ts';

export type RenderResult =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problems: readonly TemplateProblem[] };

/** Changes a placeholder's finished text before it is inserted, or refuses it with a sentence (used for shell quoting). */
export type InsertRule = (
  text: string,
  placeholder: number,
) =>
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly hint: string };

type Field = Segment & { readonly kind: 'field' };
type Failure = {
  readonly ok: false;
  readonly code: 'TPL01' | 'TPL04' | 'TPL05' | 'TPL06';
  readonly message: string;
  readonly hint: string | null;
};
type Piece = { readonly ok: true; readonly text: string } | Failure;

/**
 * The processed text of one run. Inserted text is never looked at again. A bare name inserts its cell verbatim; computed numbers
 * are written with the fewest digits that read back the same. All problems of the run are returned at once.
 */
export function renderTemplate(template: ParsedTemplate, scope: RenderScope): RenderResult {
  return renderWith(template, scope, null);
}

/** renderTemplate with a rule for every insertion. */
export function renderWith(template: ParsedTemplate, scope: RenderScope, rule: InsertRule | null): RenderResult {
  if (template.errors.length > 0) return { ok: false, problems: template.errors };
  let text = '';
  let problems: TemplateProblem[] | null = null;
  for (const segment of template.segments) {
    if (segment.kind === 'text') {
      text += segment.text;
      continue;
    }
    let piece = segment.kind === 'value' ? valueText(template, segment, scope) : fieldText(template, segment, scope);
    if (piece.ok && rule !== null) {
      const ruled = rule(piece.text, segment.placeholder);
      piece = ruled.ok ? ruled : { ...ruled, code: 'TPL06' };
    }
    if (piece.ok) text += piece.text;
    else (problems ??= []).push(located(template, segment.placeholder, piece));
  }
  return problems === null ? { ok: true, text } : { ok: false, problems };
}

function located(template: ParsedTemplate, index: number, failure: Failure): TemplateProblem {
  const { line, column, offset, length } = template.placeholders[index]!;
  const { code, message, hint } = failure;
  return { ...problem(code, 'error', message, { file: template.file, line, column, hint }), offset, length };
}

/** Text of a variable as it is inserted, or undefined. The run's number cannot be hidden by a column. */
function variableText(template: ParsedTemplate, name: string, scope: RenderScope): string | undefined {
  if (name === 'run') return String(scope.run);
  const raw = scope.values.get(name);
  if (raw !== undefined) return raw;
  const derived = scope.derived?.get(name);
  return derived === undefined ? undefined : computedText(template, derived);
}

function computedText(template: ParsedTemplate, value: Value): string {
  return typeof value === 'number' ? computedNumberText(value, template.floatStyle) : String(value);
}

function valueText(template: ParsedTemplate, segment: Segment & { kind: 'value' }, scope: RenderScope): Piece {
  const text = variableText(template, segment.name, scope);
  return text === undefined ? missing(template, segment.name, segment.placeholder, scope) : { ok: true, text };
}

function missing(template: ParsedTemplate, name: string, index: number, scope: RenderScope): Failure {
  const known = new Set([...scope.values.keys(), ...(scope.derived?.keys() ?? []), 'run']);
  const { text } = template.placeholders[index]!;
  return { ok: false, code: 'TPL01', ...undefinedProblem(name, text, known, template.open, template.close) };
}

function fieldText(template: ParsedTemplate, segment: Field, scope: RenderScope): Piece {
  const value = fieldValue(template, segment, scope);
  if (!value.ok) return value;
  const { format, filters } = segment.body;
  const source = template.placeholders[segment.placeholder]!.text;
  let piece: Piece = format === null ? { ok: true, text: value.text } : formatted(format, value, source);
  for (const filter of filters) {
    if (!piece.ok) return piece;
    const filtered = applyFilter(filter, piece.text, scope.baseFolder);
    piece = filtered.ok ? filtered : failure('TPL04', `\`${source}\`: ${filtered.message}.`);
  }
  return piece;
}

function failure(code: Failure['code'], message: string, hint: string | null = null): Failure {
  return { ok: false, code, message, hint };
}

function fieldValue(
  template: ParsedTemplate,
  segment: Field,
  scope: RenderScope,
): ({ readonly ok: true } & FieldValue) | Failure {
  const { expression, bareName, fallback } = segment.body;
  const variables = new Map<string, Value>();
  for (const name of segment.names) {
    const text = variableText(template, name, scope);
    if (fallback !== null && (text === undefined || text === '')) {
      return { ok: true, text: fallback, number: textToNumber(fallback) };
    }
    if (text === undefined) return missing(template, name, segment.placeholder, scope);
    if (name === bareName) return { ok: true, text, number: textToNumber(text) };
    variables.set(name, scope.values.has(name) || name === 'run' ? typedValue(text) : scope.derived!.get(name)!);
  }
  const result = evaluate(expression, variables);
  const source = template.placeholders[segment.placeholder]!.text;
  if (!result.ok) return failure('TPL04', `\`${source}\`: ${result.message}.`);
  const { value } = result;
  return { ok: true, text: computedText(template, value), number: typeof value === 'number' ? value : null };
}

function formatted(format: ValueFormat, value: FieldValue, source: string): Piece {
  if (format.kind === 'decimal') {
    return value.number === null
      ? failure('TPL04', `\`${source}\` needs a number, but the value is \`${value.text}\`.`)
      : { ok: true, text: formatDecimal(format.pattern, value.number) };
  }
  const result = applyFieldFormat(format.field, value);
  if (result.ok) return result;
  return result.reason === 'overflow'
    ? failure('TPL05', `\`${source}\`: ${result.message}.`, 'Widen the field or ask for fewer digits.')
    : failure('TPL04', `\`${source}\`: ${result.message}.`);
}

/** The variables a template uses in placeholders that are its own, constants such as `pi` left out. */
export function namesUsed(template: ParsedTemplate): ReadonlySet<string> {
  const names = template.placeholders.filter((found) => found.kind !== 'foreign').flatMap((found) => found.names);
  return new Set(names.filter((name) => name !== 'run'));
}
