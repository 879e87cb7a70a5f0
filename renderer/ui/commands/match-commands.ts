/**
 * How well a text answers what was typed: every word of the query must be in the text; words at the beginning of the text or of a
 * word count more. Null = no match; an empty query matches all alike.
 */
export function matchScore(query: string, text: string): number | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const target = text.toLowerCase();
  let score = 0;
  for (const word of words) {
    const at = target.indexOf(word);
    if (at < 0) return null;
    const begins = at === 0 || /[^\p{L}\p{N}]/u.test(target.charAt(at - 1));
    score += at === 0 ? 3 : begins ? 2 : 1;
  }
  return score;
}

/** The matching items, best first; items of equal score keep their order. */
export function bestMatches<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
  limit: number,
): readonly T[] {
  return items
    .map((item) => ({ item, score: matchScore(query, textOf(item)) }))
    .filter((scored): scored is { item: T; score: number } => scored.score !== null)
    .sort((a, b) => b.score - a.score)
    .slice(0, limit)
    .map(({ item }) => item);
}
