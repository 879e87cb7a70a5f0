/** Optimal-string-alignment distance (edits and adjacent swaps), bounded by the lengths of the words. */
function distance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, () => Array.from({ length: b.length + 1 }, () => 0));
  const at = (i: number, j: number): number => rows[i]![j]!;
  for (let i = 0; i <= a.length; i++) rows[i]![0] = i;
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, at(i - 2, j - 2) + 1);
      rows[i]![j] = best;
    }
  }
  return at(a.length, b.length);
}

/**
 * The candidate that a person most likely meant by `word`, or null when none is near.
 * Near = a case difference, a shared prefix of 3 characters or more, or at most a third of the letters edited.
 */
export function suggest(word: string, candidates: Iterable<string>): string | null {
  const lower = word.toLowerCase();
  let best: string | null = null;
  let bestScore = Infinity;
  for (const candidate of candidates) {
    if (candidate.length > 64 || word.length > 64) continue;
    const other = candidate.toLowerCase();
    if (other === lower) return candidate;
    let score = distance(lower, other);
    const isPrefix = (lower.length >= 3 && other.startsWith(lower)) || (other.length >= 3 && lower.startsWith(other));
    if (isPrefix) score = Math.min(score, 1.5);
    const limit = isPrefix ? 2 : Math.max(1, Math.floor(Math.max(lower.length, other.length) / 3));
    if (score <= limit && score < bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}
