/** Names of outputs. */
import { isExpressionWord, isKey, looksLikeUnit, proposeKey } from '../csv/header-key.ts';

/** Columns that every result table has beside variables and outputs. */
const TABLE_COLUMNS: ReadonlySet<string> = new Set(['run', 'state']);

export type NameFlaw = 'no-key' | 'underscore' | 'table-column' | 'expression-word';

/** Why a text cannot be the name of a variable or output, or null when it can. */
export function nameFlaw(text: string): NameFlaw | null {
  if (!isKey(text)) return 'no-key';
  if (text.startsWith('_')) return 'underscore';
  if (TABLE_COLUMNS.has(text)) return 'table-column';
  return isExpressionWord(text) ? 'expression-word' : null;
}

export interface OutputName {
  readonly key: string;
  readonly label: string | null;
  readonly unit: string | null;
}

/**
 * Key, label and unit for a name that a script prints. It reads names as the header of a run definition file is read: `key`,
 * `key [unit]`, `Label (key) [unit]`; for anything else (`Max. stress (MPa)`) a key is proposed (`max_stress`) that is not in `taken`,
 * and the words are the label.
 */
export function outputKeyFor(name: string, taken: ReadonlySet<string> = new Set()): OutputName {
  const square = /^(.*\S)\s*\[([^\][]*)\]$/.exec(name);
  const unit = square?.[2]?.trim() || null;
  const rest = square ? square[1]! : name;
  if (nameFlaw(rest) === null) return { key: rest, label: null, unit };
  const round = /^(.*\S)\s*\(([^()]*)\)$/.exec(rest);
  const inside = round?.[2]?.trim() ?? '';
  const isUnit = unit === null && looksLikeUnit(inside);
  if (round && !isUnit && nameFlaw(inside) === null) return { key: inside, label: round[1]!, unit };
  const words = round && isUnit ? round[1]! : rest;
  return { key: proposed(words, taken), label: words, unit: isUnit ? inside : unit };
}

function proposed(words: string, taken: ReadonlySet<string>): string {
  const key = proposeKey(words.replace(/^_+/, ''), 'value', taken);
  return nameFlaw(key) === null ? key : proposeKey(`${key.replace(/^_+/, '')}_value`, 'value', taken);
}
