import type { Dialect } from './types.ts';

/** A stretch `[start, end)` of a source that is not scanned for placeholders. */
export type Region =
  | { readonly kind: 'removed'; readonly start: number; readonly end: number }
  | { readonly kind: 'literal'; readonly start: number; readonly end: number; readonly text: string }
  | { readonly kind: 'code'; readonly start: number; readonly end: number; readonly text: string };

/** `{% … %}` blocks (open-ended ones too), `% …` lines, and `\%` at the start of a line. */
const DAKOTA = /(?<!\\)\{%[^]*?(?:%\}|$(?![^]))|^[ \t]*%[^\r\n]*|^([ \t]*)\\%/gm;

/** Regions of a source, rising and apart: the header lines, and in Dakota templates the code we refuse to run. */
export function specialRegions(
  source: string,
  dialect: Dialect,
  removed: readonly (readonly [number, number])[],
): readonly Region[] {
  const regions: Region[] = removed.map(([start, end]) => ({ kind: 'removed', start, end }));
  if (dialect !== 'dakota') return regions;
  const isRemoved = (offset: number): boolean => removed.some(([start, end]) => offset >= start && offset < end);
  for (const match of source.matchAll(DAKOTA)) {
    const [text, indent] = match;
    const start = match.index;
    const end = start + text.length;
    if (isRemoved(start)) continue;
    if (indent === undefined) regions.push({ kind: 'code', start, end, text });
    else regions.push({ kind: 'literal', start, end, text: `${indent}%` });
  }
  return regions.sort((a, b) => a.start - b.start);
}
