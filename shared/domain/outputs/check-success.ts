/** Success rules: exit code 0 alone is not success. */
import { excerpt, lineAt, lineTextAt, normaliseLineEnds } from './excerpt.ts';
import type { RunFiles } from './extract-outputs.ts';
import { compileRegex } from './regex.ts';

/** A file that must (or must not) have a match of a regular expression. */
export interface MatchRule {
  readonly file: string;
  readonly regex: string;
}

export interface SuccessRules {
  /** Exit codes that count as success. */
  readonly exitCodes: readonly number[];
  readonly mustMatch: readonly MatchRule[];
  readonly mustNotMatch: readonly MatchRule[];
  /** Files that the run must leave behind. */
  readonly mustExist: readonly string[];
}

export interface SuccessFailure {
  readonly kind: 'exit-code' | 'criteria';
  readonly message: string;
}

/**
 * The first rule that a run breaks, or null. What a solver says about an error (`mustNotMatch`) tells a person more than its exit code,
 * so its line is added to the message of a wrong exit code. `exitCode` null = ended without one.
 */
export function checkSuccess(rules: SuccessRules, exitCode: number | null, files: RunFiles): SuccessFailure | null {
  const forbidden = firstForbidden(rules.mustNotMatch, files);
  if (exitCode === null || !rules.exitCodes.includes(exitCode)) {
    const what =
      exitCode === null ? 'The command ended without an exit code' : `The command ended with exit code ${exitCode}`;
    const allowed =
      rules.exitCodes.length === 1 && rules.exitCodes[0] === 0 ? '' : ` (success is ${rules.exitCodes.join(', ')})`;
    return { kind: 'exit-code', message: `${what}${allowed}${forbidden === null ? '.' : `; ${forbidden}`}` };
  }
  if (forbidden !== null) return { kind: 'criteria', message: `${forbidden} (success.mustNotMatch).` };
  for (const { file, regex } of rules.mustMatch) {
    const text = files(file);
    if (text === null)
      return {
        kind: 'criteria',
        message: `The run left no ${file}, which must match /${excerpt(regex)}/ (success.mustMatch).`,
      };
    if (matchOffset(regex, normaliseLineEnds(text)) === null) {
      return { kind: 'criteria', message: `Nothing in ${file} matches /${excerpt(regex)}/ (success.mustMatch).` };
    }
  }
  const absent = rules.mustExist.find((file) => files(file) === null);
  return absent === undefined ? null : { kind: 'criteria', message: `The run left no ${absent} (success.mustExist).` };
}

/** `stdout line 12: *ERROR in readinput`, or null when no rule is broken. A file that is not there cannot break one. */
function firstForbidden(rules: readonly MatchRule[], files: RunFiles): string | null {
  for (const { file, regex } of rules) {
    const raw = files(file);
    if (raw === null) continue;
    const text = normaliseLineEnds(raw);
    const offset = matchOffset(regex, text);
    if (offset !== null) return `${file} line ${lineAt(text, offset)}: ${excerpt(lineTextAt(text, offset))}`;
  }
  return null;
}

function matchOffset(regex: string, text: string): number | null {
  const compiled = compileRegex(regex);
  if (!compiled.ok) return null;
  compiled.regex.lastIndex = 0;
  const match = compiled.regex.exec(text);
  // A pattern may begin at the end of the line before; a person wants to see the line that says something.
  return match && match.index + (match[0].length - match[0].trimStart().length);
}
