import type { SpecChange } from './draft-edits.ts';
import { valueAt } from './draft-edits.ts';
import { textAt } from './spec-reading.ts';

/** Where the runs of a job come from: a run definition file, variables with a design, or there is just one run. */
export type RunsSource = 'file' | 'variables' | 'one';

/** Reads the source from the spec; without a type it is told by what is there. */
export function runsSourceOf(data: unknown): RunsSource {
  const type = textAt(data, ['type']);
  const doe = valueAt(data, ['doe']);
  if (type === 'basic' || (type === '' && doe === undefined)) return 'one';
  if (textAt(data, ['doe', 'runs']) !== '') return 'file';
  const hasDesign = valueAt(data, ['doe', 'design']) !== undefined || valueAt(data, ['doe', 'variables']) !== undefined;
  return hasDesign ? 'variables' : 'file';
}

/** True for files that can be a run definition file, by their name. */
export function isTableFile(path: string): boolean {
  return /\.(csv|tsv|txt|dat)$/i.test(path);
}

/** The `doe` part of the spec as it was when the runs last came from each source. */
export interface PutAway {
  readonly file: unknown;
  readonly variables: unknown;
  /** Of whichever source was shown last. */
  readonly last: unknown;
}

export const NOTHING_PUT_AWAY: PutAway = { file: null, variables: null, last: null };

/** The changes that switch the source, and what is put away for switching back. */
export interface SourceSwitch {
  readonly changes: readonly SpecChange[];
  readonly putAway: PutAway;
}

/** Keys of `doe` that mean the same for every source. */
const COMMON_KEYS = ['templates', 'before', 'after', 'constraints'];

/**
 * Switches where the runs come from. `tables` are the files that could define the runs (`runs.csv` is taken first);
 * `before` is what earlier switches put away, so that going forth and back loses nothing.
 */
export function sourceChanges(
  data: unknown,
  next: RunsSource,
  tables: readonly string[],
  before: PutAway,
): SourceSwitch {
  const doe = valueAt(data, ['doe']) ?? null;
  const source = runsSourceOf(data);
  const putAway: PutAway = doe === null || source === 'one' ? before : { ...before, [source]: doe, last: doe };
  if (next === 'one') {
    return {
      changes: [
        { path: ['type'], value: 'basic' },
        { path: ['doe'], value: null },
      ],
      putAway,
    };
  }
  const old = next === 'file' ? putAway.file : putAway.variables;
  const restored = doe === null ? COMMON_KEYS.map((key) => set(key, valueAt(putAway.last, [key]))) : [];
  const own =
    next === 'file'
      ? [
          set('runs', valueAt(old, ['runs']) ?? firstTable(tables)),
          set('variables', valueAt(old, ['variables'])),
          set('design', null),
        ]
      : [
          set('runs', null),
          set('variables', valueAt(old, ['variables']) ?? { x: { values: [1, 2] } }),
          set('design', valueAt(old, ['design']) ?? { method: 'full-factorial' }),
        ];
  const wanted = [...own, ...restored].filter((change) => doe !== null || change.value !== null);
  return { changes: [{ path: ['type'], value: 'doe' }, ...wanted], putAway };
}

function set(key: string, value: unknown): SpecChange {
  return { path: ['doe', key], value: value ?? null };
}

function firstTable(tables: readonly string[]): string | null {
  const named = tables.find((path) => /(^|\/)runs\.csv$/i.test(path));
  return named ?? tables.find((path) => /\.csv$/i.test(path)) ?? null;
}
