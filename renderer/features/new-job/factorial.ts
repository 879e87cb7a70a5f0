import type { SpecChange } from './draft-edits.ts';
import { valueAt } from './draft-edits.ts';
import { listAt, scalarOf, textOf } from './spec-reading.ts';

/** How a variable of the table editor gets its values. */
export type VariableKind = 'values' | 'range' | 'constant';

/** A variable of `doe.variables` as the table editor shows it; all cells are the texts that a person typed. */
export interface VariableRow {
  readonly name: string;
  readonly unit: string;
  readonly kind: VariableKind;
  /** `2, 2.5, 3`, or the one value of a constant. */
  readonly values: string;
  readonly min: string;
  readonly max: string;
  /** Number of values of a range, from `doe.design.levels`; empty when the design does not say. */
  readonly levels: string;
  /** Distance of the values of a range; it goes before `levels`. */
  readonly step: string;
}

/** Reads one entry of `doe.variables`: a map with `values`, `value` or `min`/`max`, or a bare list or value. */
export function variableRow(name: string, entry: unknown, designLevels: unknown): VariableRow {
  const isMap = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  const text = (key: string): string => (isMap ? textOf(valueAt(entry, [key])) : '');
  const constant = isMap ? valueAt(entry, ['value']) : Array.isArray(entry) ? undefined : (entry ?? undefined);
  const values = Array.isArray(entry) ? (entry as readonly unknown[]) : listAt(isMap ? entry : {}, ['values']);
  const listed = Array.isArray(entry) || (isMap && valueAt(entry, ['values']) !== undefined);
  const kind = listed ? 'values' : constant !== undefined ? 'constant' : 'range';
  return {
    name,
    unit: text('unit'),
    kind,
    values: kind === 'constant' ? textOf(constant) : values.map(textOf).join(', '),
    min: text('min'),
    max: text('max'),
    levels: textOf(typeof designLevels === 'object' ? valueAt(designLevels, [name]) : designLevels),
    step: text('step'),
  };
}

/** The list that a person typed as `2, 2.5, 3`; a comma, a semicolon or a line end divides. */
export function valuesOf(text: string): readonly (string | number)[] {
  return text
    .split(/[,;\n]/)
    .map(scalarOf)
    .filter((value) => value !== null);
}

/** How many values a variable takes in a full-factorial design; null when the row does not tell. */
export function levelsOf(row: VariableRow): number | null {
  if (row.kind === 'constant') return 1;
  if (row.kind === 'values') return valuesOf(row.values).length || null;
  const [min, max, step, levels] = [row.min, row.max, row.step, row.levels].map(scalarOf);
  if (typeof min !== 'number' || typeof max !== 'number' || max < min) return null;
  // The small allowance keeps `0…1 by 0.1` at 11 values although 0.1 has no exact double.
  if (typeof step === 'number') return step > 0 ? Math.floor((max - min) / step + 1e-9) + 1 : null;
  return typeof levels === 'number' && Number.isInteger(levels) && levels >= 1 ? levels : null;
}

/** Runs of a full-factorial design: the product of the levels. Null when a variable is not complete, or there is none. */
export function factorialRuns(rows: readonly VariableRow[]): number | null {
  if (rows.length === 0) return null;
  let product = 1;
  for (const row of rows) {
    const levels = levelsOf(row);
    if (levels === null) return null;
    product *= levels;
  }
  return product;
}

/** The entry of `doe.variables` for a row, with the other keys of the old entry kept. */
export function variableEntry(row: VariableRow, before: unknown): Readonly<Record<string, unknown>> {
  const own = ['values', 'value', 'min', 'max', 'step', 'unit'];
  const isMap = typeof before === 'object' && before !== null && !Array.isArray(before);
  const kept = isMap ? Object.entries(before).filter(([key]) => !own.includes(key)) : [];
  const given: readonly (readonly [string, unknown])[] =
    row.kind === 'values'
      ? [['values', valuesOf(row.values)]]
      : row.kind === 'constant'
        ? [['value', scalarOf(row.values)]]
        : [
            ['min', scalarOf(row.min)],
            ['max', scalarOf(row.max)],
            ['step', scalarOf(row.step)],
          ];
  const entries = [...given, ['unit', row.unit.trim() === '' ? null : row.unit.trim()] as const, ...kept];
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}

/** The changes that write the levels of one variable, whatever form `doe.design.levels` has now. */
export function levelChanges(rows: readonly VariableRow[], name: string, levels: string): readonly SpecChange[] {
  const all: Record<string, unknown> = {};
  for (const row of rows) {
    const value = scalarOf(row.name === name ? levels : row.levels);
    if (row.kind === 'range' && value !== null) all[row.name] = value;
  }
  return [
    { path: ['doe', 'design', 'method'], value: 'full-factorial' },
    { path: ['doe', 'design', 'levels'], value: Object.keys(all).length > 0 ? all : null },
  ];
}
