import { valueAt } from './draft-edits.ts';

/** The ways to take an output from a run, as the form offers them. */
export const OUTPUT_KINDS = ['regex', 'table', 'json', 'tsv', 'expr', 'builtin'] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** The key of an `outputs:` entry that tells its kind. */
const KEY_OF_KIND: Readonly<Record<OutputKind, string>> = {
  regex: 'regex',
  table: 'column',
  json: 'json',
  tsv: 'tsv',
  expr: 'expr',
  builtin: 'builtin',
};

/** What each kind is called on the page. */
export const KIND_TITLES: Readonly<Record<OutputKind, string>> = {
  regex: 'Regular expression',
  table: 'Table column',
  json: 'JSON value',
  tsv: 'name⇥value lines',
  expr: 'Expression',
  builtin: 'Built-in',
};

/** Keys that keep their meaning when the kind changes. */
const COMMON_KEYS = ['label', 'unit', 'expect', 'required', 'as'];
const FILE_KINDS: readonly OutputKind[] = ['regex', 'table', 'json', 'tsv'];
const REDUCED_KINDS: readonly OutputKind[] = ['regex', 'table', 'json'];
const START_VALUE: Readonly<Record<OutputKind, unknown>> = {
  regex: '(\\S+)',
  table: 1,
  json: '/',
  tsv: true,
  expr: '',
  builtin: 'wallSeconds',
};

/** The kind of an entry as written in slipway.yaml; a new or unclear entry is a regular expression. */
export function kindOfOutput(entry: unknown): OutputKind {
  return OUTPUT_KINDS.find((kind) => valueAt(entry, [KEY_OF_KIND[kind]]) !== undefined) ?? 'regex';
}

/** True when the output is read from a file of the run, so that it can be tried on a sample. */
export function readsFile(kind: OutputKind): boolean {
  return FILE_KINDS.includes(kind);
}

/** The entry as another kind: what both kinds know stays, the rest is dropped. */
export function withKind(entry: unknown, kind: OutputKind): Readonly<Record<string, unknown>> {
  const kept = [...COMMON_KEYS];
  const before = kindOfOutput(entry);
  if (readsFile(before) && readsFile(kind)) kept.push('file');
  if (REDUCED_KINDS.includes(before) && REDUCED_KINDS.includes(kind)) kept.push('reduce');
  const result: Record<string, unknown> = {};
  for (const key of ['file', ...COMMON_KEYS, 'reduce']) {
    const value = kept.includes(key) ? valueAt(entry, [key]) : undefined;
    if (value !== undefined) result[key] = value;
  }
  if (readsFile(kind) && result['file'] === undefined) result['file'] = 'stdout';
  const key = KEY_OF_KIND[kind];
  return { ...result, [key]: valueAt(entry, [key]) ?? START_VALUE[kind] };
}

/** One line that says where the value comes from, for the list of outputs. */
export function describeOutput(entry: unknown): string {
  const text = (key: string): string => {
    const value = valueAt(entry, [key]);
    return value === undefined || value === null ? '' : String(value as string | number);
  };
  switch (kindOfOutput(entry)) {
    case 'regex':
      return text('regex') === '' ? 'no pattern yet' : `${text('file')}: /${text('regex')}/`;
    case 'table':
      return `${text('file')}: column ${text('column')}${text('row') === '' ? '' : `, row ${text('row')}`}`;
    case 'json':
      return `${text('file')}: ${text('json')}`;
    case 'tsv':
      return `${text('file')}: every name⇥value line`;
    case 'expr':
      return text('expr') === '' ? 'no expression yet' : `= ${text('expr')}`;
    case 'builtin':
      return text('builtin') === 'exitCode' ? 'exit code of the run' : 'wall time of the run, s';
  }
}

/** A name that no other output has: `output1`, `output2`, … */
export function freeName(stem: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = `${stem}${n}`;
    if (!taken.includes(name)) return name;
  }
}
