/** Names up to this length are not split: they fit, or lose little. */
const SHORT = 28;
/** Characters at the end of a long name that stay in sight: the ending, and the number before it. */
const KEPT = 12;

/**
 * A name in two parts, of which the first may be cut to fit: what tells the results of a study apart is mostly at the end
 * (`…_mesh=fine_run=0001.odb`). The second is empty where the name is short.
 */
export function splitName(name: string): readonly [start: string, end: string] {
  if (name.length <= SHORT) return [name, ''];
  let at = name.length - KEPT;
  // Marks and the second halves of surrogate pairs stay with what they belong to.
  while (at > 0 && /^[\p{M}\uDC00-\uDFFF]/u.test(name.slice(at))) at--;
  return [name.slice(0, at), name.slice(at)];
}
