/** Values from a JSON file. */
import { missing, type Candidate, type Candidates } from './candidates.ts';
import { excerpt } from './excerpt.ts';
import { resolvePointer } from './json-pointer.ts';
import type { JsonOutput } from './output-spec.ts';

/** The value at the pointer; with `reduce`, the items of the list at the pointer. */
export function jsonCandidates(spec: JsonOutput, text: string): Candidates {
  let root: unknown;
  try {
    root = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    const reason = error instanceof Error ? excerpt(error.message) : String(error);
    const hint = /\bNaN\b|\bInfinity\b/.test(text)
      ? 'JSON has no NaN or Infinity; let the script write null or a text.'
      : null;
    return missing(`the file is not valid JSON: ${reason}`, hint);
  }
  const result = resolvePointer(root, spec.json);
  if (!result.ok) return missing(result.message);
  const values: readonly unknown[] =
    spec.reduce !== undefined && Array.isArray(result.value) ? result.value : [result.value];
  const items: Candidate[] = [];
  for (const value of values) {
    if (value === null) return missing(`${spec.json || 'the file'} is null`);
    if (typeof value === 'object') {
      const what = Array.isArray(value) ? 'a list' : 'an object';
      return missing(
        `${spec.json || 'the file'} is ${what}, not a single value`,
        Array.isArray(value) ? 'Add an index or "reduce".' : 'Add a key.',
      );
    }
    items.push({ text: String(value), span: null });
  }
  return { kind: 'found', items, noun: 'item' };
}
