import type { Problem } from '../../../shared/domain/problem.ts';
import { readRunDefinition } from '../../../shared/domain/csv/run-definition.ts';
import type { RunDefinition, RunDefinitionOptions } from '../../../shared/domain/csv/run-definition-types.ts';

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** One byte per character; only for texts of U+0000–U+00FF without 0x80–0x9F. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

export function read(text: string, options: RunDefinitionOptions = {}): RunDefinition {
  return readRunDefinition(bytesOf(text), { file: 'runs.csv', ...options });
}

export function codes(definition: { readonly problems: readonly Problem[] }): string[] {
  return definition.problems.map((p) => p.code);
}

/** All problems of one code. */
export function ofCode(definition: { readonly problems: readonly Problem[] }, code: string): Problem[] {
  return definition.problems.filter((p) => p.code === code);
}

/** The only problem of a code. */
export function only(definition: { readonly problems: readonly Problem[] }, code: string): Problem {
  const found = ofCode(definition, code);
  if (found.length !== 1)
    throw new Error(`expected one ${code}, got ${found.length}: ${JSON.stringify(definition.problems, null, 1)}`);
  return found[0]!;
}

/** Texts of one column. */
export function column(definition: RunDefinition, key: string): string[] {
  const index = definition.columns.findIndex((c) => c.key === key);
  return definition.rows.map((row) => row.fields[index] ?? `no column ${key}`);
}
