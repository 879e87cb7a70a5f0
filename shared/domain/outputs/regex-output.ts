/** Values by regular expression. */
import { missing, type Candidate, type Candidates } from './candidates.ts';
import { excerpt } from './excerpt.ts';
import type { RegexOutput } from './output-spec.ts';
import { compileRegex } from './regex.ts';

/** The group's text of every match, in order; only as many as the occurrence needs when it counts from the start. */
export function regexCandidates(spec: RegexOutput, text: string, all = false): Candidates {
  const compiled = compileRegex(spec.regex, spec.flags);
  if (!compiled.ok) return missing(`the regular expression ${spec.regex} does not compile: ${compiled.message}`);
  const enough = all || spec.reduce !== undefined ? Infinity : needed(spec.occurrence);
  const items: Candidate[] = [];
  let withoutGroup = 0;
  for (const match of text.matchAll(compiled.regex)) {
    const value = typeof spec.group === 'number' ? match[spec.group] : match.groups?.[spec.group];
    const span = typeof spec.group === 'number' ? match.indices?.[spec.group] : match.indices?.groups?.[spec.group];
    if (value === undefined || !span) {
      withoutGroup += 1;
      continue;
    }
    items.push({ text: value, span });
    if (items.length >= enough) break;
  }
  if (items.length === 0 && withoutGroup > 0) {
    return missing(
      `/${excerpt(spec.regex)}/ matches ${withoutGroup} times, but group ${spec.group} takes no part in it`,
    );
  }
  return { kind: 'found', items, noun: 'match' };
}

function needed(occurrence: RegexOutput['occurrence']): number {
  if (occurrence === 'first') return 1;
  return typeof occurrence === 'number' && occurrence > 0 ? occurrence : Infinity;
}
