/** Characters that mean something in a POSIX extended regular expression. */
const SPECIAL = /[.+^$()|{}\\[\]]/;

/**
 * A glob as a POSIX extended regular expression over whole paths, for programs such as `grep -E`; it fits what `globMatcher` fits. Null = the glob uses what such
 * an expression cannot say (negation, extended patterns).
 */
export function globExpression(glob: string): string | null {
  if (glob.startsWith('!') || /[@!+?*]\(/.test(glob)) return null;
  const body = translate(glob.replaceAll(/\*\*(\/\*\*)+/g, '**'));
  if (body === null) return null;
  return glob.includes('/') ? `^${body}$` : `^(.*/)?${body}$`;
}

function translate(glob: string): string | null {
  let out = '';
  let depth = 0;
  for (let i = 0; i < glob.length; i++) {
    const c = glob[i]!;
    const rest = glob.slice(i);
    const letters = /^\[[!^]?\]?[^\]]*\]/.exec(rest)?.[0];
    if (rest === '/**') {
      // `a/**` fits `a` itself, and `*/**` does not.
      out += /(^|\/)\*$/.test(glob.slice(0, i)) ? '/.*' : '(/.*)?';
      i += 2;
    } else if (rest.startsWith('**/') && (i === 0 || glob[i - 1] === '/')) {
      out += '(.*/)?';
      i += 2;
    } else if (rest === '**' || rest.startsWith('**')) {
      out += '.*';
      i += 1;
    } else if (c === '*') out += '[^/]*';
    else if (c === '?') out += '[^/]';
    else if (letters !== undefined) {
      if (letters.includes('\\') || letters.includes('/')) return null;
      out += letters;
      i += letters.length - 1;
    } else if (c === '{' && rest.includes('}') && rest.includes(',') && !/^\{[^}]*\.\./.test(rest)) {
      depth++;
      out += '(';
    } else if (c === '}' && depth > 0) {
      depth--;
      out += ')';
    } else if (c === ',' && depth > 0) out += '|';
    else if (c === '{' || c === '\\') return null;
    else out += SPECIAL.test(c) ? `\\${c}` : c;
  }
  return depth === 0 ? out : null;
}
