import { suggest } from '../suggest.ts';
import { DIALECTS, isEnvironmentName } from './dialects.ts';
import type { Dialect } from './types.ts';

interface Finding {
  readonly code: 'TPL01' | 'TPL09';
  readonly message: string;
  readonly hint: string;
}

/** Marks that only our grammar has, so that an unknown name cannot be meant for the language of the file. */
const ONLY_OURS = /^\w+\s*(?:\?\s*string\s*\(|\|\s*(?:sh|upper|lower|basename|abspath|pad)\b|:\s*%)/;

/**
 * Why a placeholder that is left to the language of the file deserves a look: it begins with one of our variables but is written
 * in that language's way, or its name is close to one of ours. Null when it is plainly foreign.
 */
export function foreignProblem(
  name: string,
  content: string,
  text: string,
  names: ReadonlySet<string>,
  dialect: Dialect,
  open: string,
  close: string,
): Finding | null {
  const { owner } = DIALECTS[dialect];
  if (names.has(name)) {
    return {
      code: 'TPL09',
      message: `\`${text}\` is left to ${owner}, although \`${name}\` is a variable of the run definition.`,
      hint: `To insert the run's value write \`${open}${name}${close}\`; a default is written \`${open}${name}~0${close}\`.`,
    };
  }
  const isOurs = ONLY_OURS.test(content.trim());
  if (!isOurs && (isEnvironmentName(name) || name.length < 3)) return null;
  const near = suggest(name, names);
  if (near === null && !isOurs) return null;
  return {
    code: 'TPL01',
    message: `\`${text}\` is not defined${near === null ? '.' : ` – did you mean \`${open}${near}${close}\`?`}`,
    hint: `It is left to ${owner}. Correct the name, or add a column \`${name}\` to the run definition.`,
  };
}

/** A variable of the run definition that the file itself sets too, or that every environment has. Null when there is no clash. */
export function sharedNameProblem(
  name: string,
  text: string,
  assigned: ReadonlyMap<string, number>,
  dialect: Dialect,
): Omit<Finding, 'code'> | null {
  const line = assigned.get(name);
  const isShell = dialect === 'shell' || dialect === 'slurm';
  if (line === undefined && !(isShell && isEnvironmentName(name))) return null;
  const other = line === undefined ? 'the name of an environment variable' : `set by the file itself in line ${line}`;
  return {
    message: `\`${text}\` gets the run's value, but \`${name}\` is also ${other}.`,
    hint: 'Rename the variable, or choose delimiters for this template that its language does not use, such as `@` and `@`.',
  };
}
