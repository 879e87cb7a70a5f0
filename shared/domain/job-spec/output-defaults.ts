/** What an output means when it does not say so: shared by reading and writing. */
import type { Delimiter } from '../outputs/output-spec.ts';
import { compileRegex } from '../outputs/regex.ts';

/** How people write delimiters, and what they mean. */
export const DELIMITER_WORDS: Readonly<Record<string, Delimiter>> = {
  whitespace: 'whitespace',
  comma: ',',
  semicolon: ';',
  tab: '\t',
  pipe: '|',
};

/** The delimiter of a file when none is given. */
export function defaultDelimiter(file: string): Delimiter {
  if (/\.csv$/i.test(file)) return ',';
  return /\.(tsv|tab)$/i.test(file) ? '\t' : 'whitespace';
}

/** The group of a regular expression when none is given: the first, or the whole match. */
export function defaultGroup(regex: string, flags: string | undefined): number {
  const compiled = compileRegex(regex, flags);
  return compiled.ok && compiled.groups > 0 ? 1 : 0;
}
