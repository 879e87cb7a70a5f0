/** What an output is and where its value comes from: the normalised form of `outputs:` in `slipway.yaml`. */
import { z } from '../../zod.ts';

/** How several matches become one value. `count` works on text too; `first` and `last` are the same as the occurrence of that name. */
export const REDUCTIONS = ['min', 'max', 'mean', 'sum', 'count', 'first', 'last'] as const;
export type Reduction = (typeof REDUCTIONS)[number];

/** Which of several matches: the n-th from the start (1 = first) or, negative, from the end (-1 = last). */
export type Occurrence = 'first' | 'last' | number;

export const DELIMITERS = ['whitespace', ',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

export const BUILTINS = ['exitCode', 'wallSeconds'] as const;
export type Builtin = (typeof BUILTINS)[number];

/** Lower and upper bound of a plausible value; null = open. */
export type Expectation = readonly [number | null, number | null];

interface OutputBase {
  /** Text for people; the key is shown when there is none. */
  readonly label?: string;
  readonly unit?: string;
  /** The run fails (`criteria`) when a required value lies outside. */
  readonly expect?: Expectation;
  /** Without a value the run fails when true; a warning when false. */
  readonly required: boolean;
  readonly as: 'number' | 'text';
}

/** The text of one group of a regular expression. `^` and `$` match at every line (`m` is always on); line ends are LF. */
export interface RegexOutput extends OutputBase {
  readonly kind: 'regex';
  readonly file: string;
  readonly regex: string;
  /** Number or name of the capturing group; 0 = the whole match. */
  readonly group: number | string;
  /** Absent: one match is expected; with several the first is used and OUT04 says so. */
  readonly occurrence?: Occurrence;
  /** Further flags out of `i`, `s`, `u`. */
  readonly flags?: string;
  readonly reduce?: Reduction;
}

/** A cell of a table in a text file (whitespace columns, CSV, …). */
export interface TableOutput extends OutputBase {
  readonly kind: 'table';
  readonly file: string;
  /** Name in the header line, or 1-based index. */
  readonly column: string | number;
  /** Data row; absent as `occurrence` of a regex. */
  readonly row?: Occurrence;
  readonly delimiter: Delimiter;
  /** Whether the first row names the columns. Absent: yes for a column name; for an index, yes when no cell of the first row is a number. */
  readonly header?: boolean;
  /** Lines to leave out before the table. */
  readonly skip: number;
  readonly reduce?: Reduction;
}

/** A value of a JSON file by RFC 6901 pointer; an array when `reduce` is given. */
export interface JsonOutput extends OutputBase {
  readonly kind: 'json';
  readonly file: string;
  readonly json: string;
  readonly reduce?: Reduction;
}

/** `name<TAB>value` lines: every line defines an output. A value that is no number is kept as text. */
export interface TsvOutput {
  readonly kind: 'tsv';
  readonly file: string;
  readonly label?: string;
  /** When true, a file that is missing or has no such line fails the run. */
  readonly required: boolean;
}

/** A value computed from variables and other outputs. */
export interface ExprOutput extends OutputBase {
  readonly kind: 'expr';
  readonly expr: string;
}

/** A value that Slipway itself knows about a run. */
export interface BuiltinOutput extends OutputBase {
  readonly kind: 'builtin';
  readonly builtin: Builtin;
}

export type OutputSpec = RegexOutput | TableOutput | JsonOutput | TsvOutput | ExprOutput | BuiltinOutput;
/** The outputs whose value stands in one place of one file. */
export type FileValueSpec = RegexOutput | TableOutput | JsonOutput;
/** An output that has exactly one value (all but `tsv`). */
export type SingleOutputSpec = Exclude<OutputSpec, TsvOutput>;

/** The file that an output is read from; null for expressions and built-ins. */
export function fileOf(spec: OutputSpec): string | null {
  return spec.kind === 'expr' || spec.kind === 'builtin' ? null : spec.file;
}

/**
 * Whether the value can only be found with the whole text at hand. False when every match stands in one line, so that a reader of a
 * big file may pass on only the lines that matter, in order (regex, tsv); always true for tables and JSON, false without a file.
 */
export function needsWholeFile(spec: OutputSpec): boolean {
  if (spec.kind === 'regex') return spec.flags?.includes('s') === true || MAY_CROSS_LINES.test(spec.regex);
  return spec.kind === 'table' || spec.kind === 'json';
}

/** Escapes and classes that can match a line end; a doubled backslash only makes the answer more careful than needed. */
const MAY_CROSS_LINES = /\\[nrsWDPpuxcfv0]|\[\^|\\t-|\r|\n/;

const occurrence = z.union([z.enum(['first', 'last']), z.number().int()]);
const bound = z.number().nullable();
const base = {
  label: z.string().optional(),
  unit: z.string().optional(),
  expect: z.tuple([bound, bound]).optional(),
  required: z.boolean(),
  as: z.enum(['number', 'text']),
};
const reduce = z.enum(REDUCTIONS).optional();
const file = z.string();

/** Schema of a normalised output, for the wire and the store; `slipway.yaml` itself is read by `readJobSpec`. */
export const outputSpecSchema: z.ZodType<OutputSpec> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('regex'),
    file,
    regex: z.string(),
    group: z.union([z.number().int().nonnegative(), z.string()]),
    occurrence: occurrence.optional(),
    flags: z.string().optional(),
    reduce,
    ...base,
  }),
  z.strictObject({
    kind: z.literal('table'),
    file,
    column: z.union([z.string(), z.number().int().positive()]),
    row: occurrence.optional(),
    delimiter: z.enum(DELIMITERS),
    header: z.boolean().optional(),
    skip: z.number().int().nonnegative(),
    reduce,
    ...base,
  }),
  z.strictObject({ kind: z.literal('json'), file, json: z.string(), reduce, ...base }),
  z.strictObject({ kind: z.literal('tsv'), file, label: z.string().optional(), required: z.boolean() }),
  z.strictObject({ kind: z.literal('expr'), expr: z.string(), ...base }),
  z.strictObject({ kind: z.literal('builtin'), builtin: z.enum(BUILTINS), ...base }),
]);
