import { LineCounter, parseDocument } from 'yaml';

import { valueAt } from './draft-edits.ts';
import type { SpecPath } from './draft-edits.ts';

/** slipway.yaml as plain data for the form, or why it cannot be read. Meaning is checked by the core, not here. */
export type SpecReading =
  | { readonly kind: 'data'; readonly data: unknown }
  | { readonly kind: 'unreadable'; readonly message: string; readonly line: number; readonly column: number };

/** Reads the text of slipway.yaml (YAML 1.2 or JSON). An empty text is an empty spec. */
export function readSpecText(text: string): SpecReading {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const error = document.errors[0];
  if (error) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return { kind: 'unreadable', message: error.message, line, column: col };
  }
  try {
    return { kind: 'data', data: (document.toJS({ maxAliasCount: 100 }) as unknown) ?? {} };
  } catch (cause) {
    return { kind: 'unreadable', message: cause instanceof Error ? cause.message : String(cause), line: 1, column: 1 };
  }
}

/** The text that a field shows: scalars as text, nothing for a missing value, flow JSON for lists and maps. */
export function textAt(data: unknown, path: SpecPath): string {
  return textOf(valueAt(data, path));
}

/** The items of a list; a single value counts as a list of one, a missing one as an empty list. */
export function listAt(data: unknown, path: SpecPath): readonly unknown[] {
  const value = valueAt(data, path);
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

/** Key–value pairs of a map in the order of the file; none when there is no map. */
export function entriesAt(data: unknown, path: SpecPath): readonly (readonly [string, unknown])[] {
  const value = valueAt(data, path);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** A scalar as a person would write it. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value as string | number | boolean);
}

/** What a person typed, as the value that slipway.yaml should hold: a plain number where it is one exactly, else the text. Empty = no value. */
export function scalarOf(text: string): string | number | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const number = Number(trimmed);
  // `007`, `1e5` and 20-digit integers would be written differently as numbers; they stay text.
  return Number.isFinite(number) && String(number) === trimmed ? number : trimmed;
}
