/** From candidates to the one value: occurrence, reduction, type and plausible range. */
import type { Candidate, Candidates } from './candidates.ts';
import { excerpt } from './excerpt.ts';
import type { Expectation, FileValueSpec, Occurrence, SingleOutputSpec } from './output-spec.ts';
import { isNonFiniteNumber, numberHint, parseNumber } from './parse-number.ts';

export type OutputCode = 'OUT01' | 'OUT02' | 'OUT03' | 'OUT04';

/** What stands in the way of a value; `at` is the offset in the file, when known. */
export interface Flaw {
  readonly code: OutputCode;
  readonly message: string;
  readonly hint: string | null;
  readonly at: number | null;
}

/** `value` null: the flaws say why. A value with flaws is out of its range (OUT03) or one of several (OUT04). */
export interface Picked {
  readonly value: number | string | null;
  /** Index of the candidate used; null when none or, with a reduction, all of them. */
  readonly used: number | null;
  readonly flaws: readonly Flaw[];
}

const nothing = (flaw: Flaw): Picked => ({ value: null, used: null, flaws: [flaw] });

/** Reads a text as the type of the output. */
export function typedValue(
  text: string,
  as: 'number' | 'text',
  at: number | null,
): { readonly value: number | string } | Flaw {
  if (as === 'text') return { value: text };
  const value = parseNumber(text);
  if (value !== null) return { value };
  const shown = `"${excerpt(text, 60)}"`;
  if (isNonFiniteNumber(text)) return { code: 'OUT03', message: `${shown} is not a finite number`, hint: null, at };
  return { code: 'OUT02', message: `${shown} is not a number`, hint: numberHint(text), at };
}

/** OUT03 when a number lies outside the expected range; null bounds are open. */
export function rangeFlaw(
  value: number | string,
  spec: { readonly expect?: Expectation; readonly unit?: string },
  at: number | null,
): Flaw | null {
  if (!spec.expect || typeof value !== 'number') return null;
  const [low, high] = spec.expect;
  if ((low === null || value >= low) && (high === null || value <= high)) return null;
  const range = low === null ? `at most ${high}` : high === null ? `at least ${low}` : `${low} … ${high}`;
  const unit = spec.unit === undefined ? '' : ` ${spec.unit}`;
  return { code: 'OUT03', message: `${value}${unit} is outside the expected range (${range}${unit})`, hint: null, at };
}

/** Picks and types the value of an output out of the places that were found. */
export function pickValue(spec: FileValueSpec, found: Candidates): Picked {
  if (found.kind === 'missing') return nothing({ code: 'OUT01', message: found.message, hint: found.hint, at: null });
  const { items, noun } = found;
  if (spec.reduce === 'count') return withRange(spec, items.length, null, null, []);
  if (items.length === 0) return nothing({ code: 'OUT01', message: noMatch(spec), hint: null, at: null });
  if (spec.reduce !== undefined && spec.reduce !== 'first' && spec.reduce !== 'last')
    return reduced(spec, spec.reduce, items);

  const which = spec.reduce ?? occurrenceOf(spec);
  const index = indexOf(which, items.length);
  const item = items[index];
  if (!item) {
    const message = `${noun} ${String(which)} is wanted, but there ${items.length === 1 ? 'is only 1' : `are only ${items.length}`}`;
    return nothing({ code: 'OUT01', message, hint: null, at: null });
  }
  const at = item.span?.[0] ?? null;
  const typed = typedValue(item.text, spec.as, at);
  if (!('value' in typed)) return { value: null, used: index, flaws: [typed] };
  const flaws: Flaw[] = [];
  if (which === undefined && items.length > 1) {
    const key = spec.kind === 'table' ? 'row' : 'occurrence';
    const plural = noun === 'match' ? 'matches' : `${noun}s`;
    const message = `${items.length} ${plural} where one was expected; the first is used`;
    flaws.push({
      code: 'OUT04',
      message,
      hint: `Say which one with "${key}: first", "${key}: last" or a number, or add "reduce".`,
      at,
    });
  }
  return withRange(spec, typed.value, index, at, flaws);
}

function withRange(
  spec: SingleOutputSpec,
  value: number | string,
  used: number | null,
  at: number | null,
  flaws: readonly Flaw[],
): Picked {
  const flaw = rangeFlaw(value, spec, at);
  return { value, used, flaws: flaw ? [...flaws, flaw] : flaws };
}

function reduced(spec: FileValueSpec, how: 'min' | 'max' | 'mean' | 'sum', items: readonly Candidate[]): Picked {
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (const item of items) {
    const at = item.span?.[0] ?? null;
    const typed = typedValue(item.text, 'number', at);
    if (!('value' in typed)) return nothing(typed);
    const value = typed.value as number;
    low = Math.min(low, value);
    high = Math.max(high, value);
    sum += value;
  }
  const value = { min: low, max: high, sum, mean: sum / items.length }[how];
  if (!Number.isFinite(value))
    return nothing({ code: 'OUT03', message: `the ${how} is not a finite number`, hint: null, at: null });
  return withRange(spec, value, null, null, []);
}

function occurrenceOf(spec: FileValueSpec): Occurrence | undefined {
  if (spec.kind === 'regex') return spec.occurrence;
  return spec.kind === 'table' ? spec.row : 'first';
}

function indexOf(which: Occurrence | undefined, count: number): number {
  if (which === undefined || which === 'first') return 0;
  if (which === 'last') return count - 1;
  return which > 0 ? which - 1 : count + which;
}

function noMatch(spec: FileValueSpec): string {
  if (spec.kind === 'regex') return `nothing matches /${excerpt(spec.regex)}/`;
  return spec.kind === 'table' ? 'the table has no rows' : `${spec.json || 'the list'} is empty`;
}
