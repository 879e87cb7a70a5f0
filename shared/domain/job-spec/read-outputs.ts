/** Reading `outputs:`. */
import { excerpt } from '../outputs/excerpt.ts';
import { pointerSegments } from '../outputs/json-pointer.ts';
import {
  BUILTINS,
  REDUCTIONS,
  type BuiltinOutput,
  type Delimiter,
  type Expectation,
  type ExprOutput,
  type JsonOutput,
  type Occurrence,
  type OutputSpec,
  type RegexOutput,
  type SingleOutputSpec,
  type TableOutput,
} from '../outputs/output-spec.ts';
import { compileRegex } from '../outputs/regex.ts';
import { optional } from './optional.ts';
import { defaultDelimiter, defaultGroup, DELIMITER_WORDS } from './output-defaults.ts';
import { checkName } from './read-name.ts';
import { readFile, readPattern } from './read-patterns.ts';
import type { KnownMap, SpecReader } from './spec-reader.ts';
import { scalarText, scalarValue, type MapEntry, type Place } from './yaml-source.ts';

const COMMON_KEYS = ['label', 'unit', 'expect', 'required', 'as'];
const KEYS_BY_KIND = {
  regex: ['file', 'regex', 'group', 'occurrence', 'flags', 'reduce', ...COMMON_KEYS],
  column: ['file', 'column', 'row', 'delimiter', 'header', 'skip', 'reduce', ...COMMON_KEYS],
  json: ['file', 'json', 'reduce', ...COMMON_KEYS],
  tsv: ['file', 'tsv', 'label', 'required'],
  expr: ['expr', ...COMMON_KEYS],
  builtin: ['builtin', ...COMMON_KEYS],
} as const;
type KindKey = keyof typeof KEYS_BY_KIND;
const KIND_KEYS = Object.keys(KEYS_BY_KIND) as readonly KindKey[];
const ALL_KEYS = [...new Set(Object.values(KEYS_BY_KIND).flat())];
const KIND_HINT = 'Say where the value comes from: regex, column, json, tsv, expr or builtin.';

/** All outputs that could be understood, in the order of the file. */
export function readOutputs(reader: SpecReader, place: Place | null): Readonly<Record<string, OutputSpec>> {
  const outputs: [string, OutputSpec][] = [];
  for (const entry of reader.entries(place, '"outputs"')) {
    const isUsable = checkName(reader, entry, 'output');
    const spec = readOutput(reader, entry);
    if (isUsable && spec) outputs.push([entry.key, spec]);
  }
  return Object.fromEntries(outputs);
}

function readOutput(reader: SpecReader, { key, value }: MapEntry): OutputSpec | null {
  const what = `output "${excerpt(key, 64)}"`;
  const named = reader.isMap(value) ? reader.entries(value, what).map((entry) => entry.key) : [];
  const kinds = KIND_KEYS.filter((kind) => named.includes(kind));
  const kind = kinds[0];
  if (kind === undefined) {
    const before = reader.problems.length;
    reader.map(value, what, ALL_KEYS);
    if (reader.problems.length === before)
      reader.report('JOB04', value, `The ${what} does not say where its value comes from.`, KIND_HINT);
    return null;
  }
  if (kinds.length > 1) {
    reader.report(
      'JOB10',
      value,
      `The ${what} has ${kinds.map((name) => `"${name}"`).join(' and ')}; only one of them can give its value.`,
      KIND_HINT,
    );
    return null;
  }
  const map = reader.map(value, what, KEYS_BY_KIND[kind]);
  if (!map) return null;
  switch (kind) {
    case 'regex':
      return readRegex(reader, map, what);
    case 'column':
      return readTable(reader, map, what);
    case 'json':
      return readJson(reader, map, what);
    case 'tsv':
      return readTsv(reader, map, what);
    case 'expr':
      return readExpr(reader, map, what);
    case 'builtin':
      return readBuiltin(reader, map, what);
  }
}

type Common = Pick<SingleOutputSpec, 'label' | 'unit' | 'expect' | 'required' | 'as'>;

function readCommon(reader: SpecReader, map: KnownMap, what: string): Common {
  const as = reader.choice(map.get('as'), `"as" of ${what}`, ['number', 'text']) ?? 'number';
  const expect = readExpect(reader, map.get('expect'), what);
  if (expect && as === 'text')
    reader.report(
      'JOB10',
      map.get('expect')!,
      `The ${what} is a text; "expect" is for numbers.`,
      'Remove one of the two.',
    );
  return {
    ...optional('label', reader.fullText(map.get('label'), `"label" of ${what}`)),
    ...optional('unit', reader.fullText(map.get('unit'), `"unit" of ${what}`)),
    ...optional('expect', as === 'text' ? null : expect),
    required: reader.boolean(map.get('required'), `"required" of ${what}`) ?? true,
    as,
  };
}

function readExpect(reader: SpecReader, place: Place | null, what: string): Expectation | null {
  if (!place) return null;
  const bounds = reader.isList(place) ? reader.list(place).map(({ node }) => scalarValue(node)) : [];
  const [low, high] = bounds.map((value) =>
    value === null || value === Infinity || value === -Infinity ? null : value,
  );
  const isBound = (value: unknown): value is number | null =>
    value === null || (typeof value === 'number' && !Number.isNaN(value));
  if (bounds.length !== 2 || !isBound(low) || !isBound(high) || (low !== null && high !== null && low > high)) {
    reader.report(
      'JOB03',
      place,
      `"expect" of ${what} must be a list of the lowest and the highest plausible value.`,
      'For example [0, 100], or [0, null] without upper bound.',
    );
    return null;
  }
  return [low, high];
}

function readRegex(reader: SpecReader, map: KnownMap, what: string): RegexOutput | null {
  const file = readFile(reader, map, what);
  const flags = reader.text(map.get('flags'), `"flags" of ${what}`) || undefined;
  const regex = readPattern(reader, map, what, flags);
  const common = readCommon(reader, map, what);
  const { which, reduce } = readWhich(reader, map, 'occurrence', what, common.as);
  if (file === null || regex === null) return null;
  const group = readGroup(reader, map.get('group'), regex, flags, what);
  return {
    kind: 'regex',
    file,
    regex,
    group,
    ...optional('occurrence', which),
    ...optional('flags', flags ?? null),
    ...optional('reduce', reduce),
    ...common,
  };
}

function readGroup(
  reader: SpecReader,
  place: Place | null,
  regex: string,
  flags: string | undefined,
  what: string,
): number | string {
  const fallback = defaultGroup(regex, flags);
  const compiled = compileRegex(regex, flags);
  if (!place || !compiled.ok) return fallback;
  const value = scalarValue(place.node);
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= compiled.groups) return value;
  if (typeof value === 'string' && compiled.groupNames.includes(value)) return value;
  const shown = excerpt(scalarText(place.node) ?? 'this', 40);
  const count = compiled.groups === 0 ? 'no groups' : compiled.groups === 1 ? '1 group' : `${compiled.groups} groups`;
  reader.report(
    'JOB09',
    place,
    `"group" of ${what}: the regular expression has ${count}, so there is no group ${shown}.`,
    'Put round brackets around the part that is the value.',
  );
  return fallback;
}

/** `occurrence` or `row`, and `reduce`; they exclude each other. */
function readWhich(
  reader: SpecReader,
  map: KnownMap,
  key: 'occurrence' | 'row',
  what: string,
  as: 'number' | 'text',
): { which: Occurrence | null; reduce: SingleReduction } {
  const place = map.get(key);
  let which: Occurrence | null = null;
  if (place) {
    const value = scalarValue(place.node);
    if (
      value === 'first' ||
      value === 'last' ||
      (typeof value === 'number' && Number.isSafeInteger(value) && value !== 0)
    )
      which = value;
    else
      reader.report(
        'JOB03',
        place,
        `"${key}" of ${what} must be first, last or a whole number.`,
        '1 is the first, -1 the last.',
      );
  }
  const reduce = readReduce(reader, map, what, as);
  if (which === null || reduce === null) return { which, reduce };
  reader.report('JOB10', place!, `The ${what} has both "${key}" and "reduce".`, 'Remove one of the two.');
  return { which, reduce: null };
}

type SingleReduction = (typeof REDUCTIONS)[number] | null;

function readReduce(reader: SpecReader, map: KnownMap, what: string, as: 'number' | 'text'): SingleReduction {
  const place = map.get('reduce');
  const reduce = reader.choice(place, `"reduce" of ${what}`, REDUCTIONS);
  if (reduce === null || as === 'number' || ['first', 'last', 'count'].includes(reduce)) return reduce;
  reader.report(
    'JOB10',
    place!,
    `The ${what} is a text; "reduce: ${reduce}" is for numbers.`,
    'Texts can be reduced by first, last and count.',
  );
  return null;
}

function readTable(reader: SpecReader, map: KnownMap, what: string): TableOutput | null {
  const file = readFile(reader, map, what);
  const common = readCommon(reader, map, what);
  const { which, reduce } = readWhich(reader, map, 'row', what, common.as);
  const column = readColumn(reader, map.get('column'), what);
  const header = reader.boolean(map.get('header'), `"header" of ${what}`);
  const skip = reader.integer(map.get('skip'), `"skip" of ${what}`, 0) ?? 0;
  const delimiter = readDelimiter(reader, map.get('delimiter'), what) ?? defaultDelimiter(file ?? '');
  if (header === false && typeof column === 'string') {
    reader.report(
      'JOB10',
      map.get('header')!,
      `The ${what} names its column, but says that there is no header.`,
      'Give the index of the column (1 = first), or leave out "header".',
    );
  }
  if (file === null || column === null) return null;
  return {
    kind: 'table',
    file,
    column,
    ...optional('row', which),
    delimiter,
    ...optional('header', header),
    skip,
    ...optional('reduce', reduce),
    ...common,
  };
}

function readColumn(reader: SpecReader, place: Place | null, what: string): string | number | null {
  if (!place) return null;
  const value = scalarValue(place.node);
  if (typeof value === 'number') return reader.integer(place, `"column" of ${what}`, 1);
  return reader.fullText(place, `"column" of ${what}`)?.trim() ?? null;
}

function readDelimiter(reader: SpecReader, place: Place | null, what: string): Delimiter | null {
  if (!place) return null;
  const text = scalarText(place.node) ?? '';
  const sign = Object.values(DELIMITER_WORDS).find((delimiter) => delimiter === text);
  const words = Object.keys(DELIMITER_WORDS);
  return sign ?? DELIMITER_WORDS[reader.choice(place, `"delimiter" of ${what}`, words) ?? ''] ?? null;
}

function readJson(reader: SpecReader, map: KnownMap, what: string): JsonOutput | null {
  const file = readFile(reader, map, what);
  const place = map.get('json');
  const json = reader.text(place, `"json" of ${what}`);
  const common = readCommon(reader, map, what);
  const reduce = readReduce(reader, map, what, common.as);
  if (json !== null && !pointerSegments(json)) {
    reader.report(
      'JOB03',
      place!,
      `"json" of ${what} must be a JSON pointer.`,
      'It begins with /: /results/0/max is item 0 of "results", then "max". / in a key is ~1, ~ is ~0.',
    );
    return null;
  }
  if (file === null || json === null) return null;
  return { kind: 'json', file, json, ...optional('reduce', reduce), ...common };
}

function readTsv(reader: SpecReader, map: KnownMap, what: string): OutputSpec | null {
  const file = readFile(reader, map, what);
  const place = map.get('tsv');
  if (reader.boolean(place, `"tsv" of ${what}`) === false)
    reader.report('JOB03', place!, `"tsv" of ${what} can only be true.`, KIND_HINT);
  const label = reader.fullText(map.get('label'), `"label" of ${what}`);
  const required = reader.boolean(map.get('required'), `"required" of ${what}`) ?? true;
  return file === null ? null : { kind: 'tsv', file, ...optional('label', label), required };
}

function readExpr(reader: SpecReader, map: KnownMap, what: string): ExprOutput | null {
  const expr = reader.fullText(map.get('expr'), `"expr" of ${what}`, true);
  const common = readCommon(reader, map, what);
  return expr === null ? null : { kind: 'expr', expr, ...common };
}

function readBuiltin(reader: SpecReader, map: KnownMap, what: string): BuiltinOutput | null {
  const builtin = reader.choice(map.get('builtin'), `"builtin" of ${what}`, BUILTINS);
  const common = readCommon(reader, map, what);
  return builtin === null ? null : { kind: 'builtin', builtin, ...common };
}
