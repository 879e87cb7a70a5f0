/** Reading regular expressions and the match rules of `success:`. */
import type { MatchRule } from '../outputs/check-success.ts';
import { compileRegex } from '../outputs/regex.ts';
import type { KnownMap, SpecReader } from './spec-reader.ts';
import type { Place } from './yaml-source.ts';

/** `mustMatch` and `mustNotMatch`: one rule or a list of rules. */
export function readMatchRules(reader: SpecReader, place: Place | null, key: string): readonly MatchRule[] {
  return reader.list(place).flatMap((item) => {
    const what = `"success.${key}"`;
    const map = reader.map(item, what, ['file', 'regex']);
    if (!map) return [];
    const file = readFile(reader, map, what);
    const regex = readPattern(reader, map, what);
    return file === null || regex === null ? [] : [{ file, regex }];
  });
}

/** The required `file`: a path of the run folder. */
export function readFile(reader: SpecReader, map: KnownMap, what: string): string | null {
  const place = reader.required(map, 'file', what, 'Name a file of the run folder, or stdout.');
  return reader.path(place, `"file" of ${what}`);
}

/** The required `regex`; reported when it does not compile or matches everywhere. */
export function readPattern(reader: SpecReader, map: KnownMap, what: string, flags?: string): string | null {
  const place = reader.required(map, 'regex', what);
  const regex = reader.fullText(place, `"regex" of ${what}`, true);
  if (regex === null) return null;
  const compiled = compileRegex(regex, flags);
  if (!compiled.ok) {
    reader.report(
      'JOB09',
      place!,
      `The regular expression of ${what} does not compile: ${compiled.message}.`,
      'A backslash takes away the special meaning of ( ) [ ] { } * + ? . ^ $ |.',
    );
    return null;
  }
  if (new RegExp(compiled.regex.source, compiled.regex.flags.replace(/[dg]/g, '')).test('')) {
    reader.report(
      'JOB16',
      place!,
      `The regular expression of ${what} matches the empty text, so it matches everywhere.`,
      'Let it demand at least one character.',
      'warning',
    );
  }
  return regex;
}
