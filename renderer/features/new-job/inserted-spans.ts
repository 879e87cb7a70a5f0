import type { TemplateReport } from '../../../shared/contract/drafts.ts';

type Placeholder = TemplateReport['placeholders'][number];

/** A stretch of the processed file that came from a placeholder. Offsets and lengths in UTF-16 units. */
export interface InsertedSpan {
  readonly offset: number;
  readonly length: number;
  readonly kind: Placeholder['kind'];
}

/**
 * Finds what was inserted for each placeholder by walking template and processed file side by side: the text between
 * two placeholders is the same in both. Empty when the files do not line up (a template with escapes), because a
 * mark in the wrong place is worse than none.
 */
export function insertedSpans(
  source: string,
  placeholders: readonly Placeholder[],
  result: string,
): readonly InsertedSpan[] {
  const replaced = placeholders
    .filter((p) => p.kind === 'value' || p.kind === 'expression')
    .toSorted((a, b) => a.offset - b.offset);
  const spans: InsertedSpan[] = [];
  let inSource = 0;
  let inResult = 0;
  for (const [i, placeholder] of replaced.entries()) {
    const before = source.slice(inSource, placeholder.offset);
    if (!result.startsWith(before, inResult)) return [];
    inResult += before.length;
    inSource = placeholder.offset + placeholder.length;
    const next = replaced[i + 1];
    const after = source.slice(inSource, next?.offset ?? source.length);
    const end = next ? result.indexOf(after, inResult) : result.length - after.length;
    if (end < inResult || (next && after === '') || !result.startsWith(after, end)) return [];
    spans.push({ offset: inResult, length: end - inResult, kind: placeholder.kind });
    inResult = end;
  }
  return spans;
}
