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

/** The changes that switch the source, and what is put away for switching back. */
export interface SourceSwitch {
  readonly changes: readonly SpecChange[];
  /** The `doe` part as it was; given again as `before` of the next switch. */
  readonly putAway: unknown;
}

/**
 * Switches where the runs come from. `tables` are the files that could define the runs (`runs.csv` is taken first);
 * `before` is what an earlier switch put away, so that going forth and back loses nothing.
 */
export function sourceChanges(
  data: unknown,
  next: RunsSource,
  tables: readonly string[],
  before: unknown,
): SourceSwitch {
  const doe = valueAt(data, ['doe']) ?? null;
  const old = (key: string): unknown => valueAt(doe, [key]) ?? valueAt(before, [key]) ?? null;
  const putAway = { ...asRecord(before), ...asRecord(doe) };
  if (next === 'one') {
    return {
      changes: [
        { path: ['type'], value: 'basic' },
        { path: ['doe'], value: null },
      ],
      putAway,
    };
  }
  const kept = ['templates', 'before', 'after', 'constraints'].map((key) => ({ path: ['doe', key], value: old(key) }));
  const restored = doe === null ? kept.filter(({ value }) => value !== null) : [];
  const csv = tables.filter((path) => /\.csv$/i.test(path));
  const first = tables.find((path) => /(^|\/)runs\.csv$/i.test(path)) ?? csv[0] ?? null;
  const source: readonly SpecChange[] =
    next === 'file'
      ? [
          { path: ['doe', 'runs'], value: old('runs') ?? first },
          { path: ['doe', 'variables'], value: null },
          { path: ['doe', 'design'], value: null },
        ]
      : [
          { path: ['doe', 'runs'], value: null },
          { path: ['doe', 'variables'], value: old('variables') ?? { x: { values: [1, 2] } } },
          { path: ['doe', 'design'], value: old('design') ?? { method: 'full-factorial' } },
        ];
  return { changes: [{ path: ['type'], value: 'doe' }, ...source, ...restored], putAway };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
