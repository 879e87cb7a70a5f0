/** The live try-out of an output on a sample text. */
import type { Problem } from '../problem.ts';
import { normaliseLineEnds } from './excerpt.ts';
import { candidatesOf, flawProblem } from './extract-outputs.ts';
import type { OutputSpec } from './output-spec.ts';
import { pickValue } from './pick-value.ts';
import { tsvValues } from './tsv-output.ts';

export interface MatchSpan {
  /** Offset and length (UTF-16 units) of the value in the text with LF line ends. */
  readonly offset: number;
  readonly length: number;
  /** Whether the value comes from here. */
  readonly used: boolean;
}

export interface TryOut {
  /** The value, or null; for `tsv` the number of values found. */
  readonly value: number | string | null;
  readonly problems: readonly Problem[];
  /** At most `limit` places, always with the used one. */
  readonly matches: readonly MatchSpan[];
  /** How many places there are in all. */
  readonly total: number;
}

/** What an output finds in a sample of its file: all places, which one is used, and the value or the problem. Expressions and built-ins have no places. */
export function matchSpans(key: string, spec: OutputSpec, sample: string, limit = 1000): TryOut {
  if (spec.kind === 'expr' || spec.kind === 'builtin') return { value: null, problems: [], matches: [], total: 0 };
  const text = normaliseLineEnds(sample);
  if (spec.kind === 'tsv') {
    const found = tsvValues(text);
    const matches = found
      .slice(0, limit)
      .map(({ span: [from, to] }) => ({ offset: from, length: to - from, used: true }));
    const flaw = { code: 'OUT01', message: 'it has no line of the form name<TAB>value', hint: null, at: null } as const;
    const problems = found.length > 0 ? [] : [flawProblem(key, spec.required, flaw, spec.file, text)];
    return { value: found.length === 0 ? null : found.length, problems, matches, total: found.length };
  }
  const found = candidatesOf(spec, text, true);
  const picked = pickValue(spec, found);
  const problems = picked.flaws.map((flaw) => flawProblem(key, spec.required, flaw, spec.file, text));
  const items = found.kind === 'found' ? found.items : [];
  const usesAll = picked.used === null && picked.value !== null;
  const matches: MatchSpan[] = [];
  for (const [index, { span }] of items.entries()) {
    const used = usesAll || index === picked.used;
    if (span && (used || index < limit) && matches.length <= limit)
      matches.push({ offset: span[0], length: span[1] - span[0], used });
  }
  return { value: picked.value, problems, matches, total: items.length };
}
