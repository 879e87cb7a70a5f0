/** Compiling the regular expressions of a job spec. They run on text of any size: callers run them where they can be stopped. */

export type CompiledRegex =
  | { readonly ok: true; readonly regex: RegExp; readonly groups: number; readonly groupNames: readonly string[] }
  | { readonly ok: false; readonly message: string };

const cache = new Map<string, CompiledRegex>();
const CACHE_LIMIT = 500;

/**
 * Compiles with the flags `d`, `g`, `m` and those of `flags` (out of `i`, `s`, `u`). The returned RegExp is shared: use `matchAll`,
 * or set `lastIndex` first. Not ok: the message says what the engine objects to.
 */
export function compileRegex(source: string, flags = ''): CompiledRegex {
  const cacheKey = `${flags}/${source}`;
  const known = cache.get(cacheKey);
  if (known) return known;
  if (cache.size >= CACHE_LIMIT) cache.clear();
  const compiled = compile(source, flags);
  cache.set(cacheKey, compiled);
  return compiled;
}

function compile(source: string, flags: string): CompiledRegex {
  const bad = [...flags].find((flag) => !'isum'.includes(flag));
  if (bad !== undefined) return { ok: false, message: `unknown flag "${bad}"; i, s and u are allowed` };
  try {
    const regex = new RegExp(source, [...new Set(`dgm${flags}`)].join(''));
    // The empty alternative always matches, so that the result lists every group.
    const shape = new RegExp(`${source}|`, flags.includes('u') ? 'u' : '').exec('')!;
    return { ok: true, regex, groups: shape.length - 1, groupNames: Object.keys(shape.groups ?? {}) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    // V8: "Invalid regular expression: /…/flags: Unterminated group".
    return { ok: false, message: text.slice(text.lastIndexOf(': ') + 2).toLowerCase() };
  }
}
