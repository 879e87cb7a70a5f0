import type { Expression, Value } from '../expression/index.ts';
import type { Problem } from '../problem.ts';
import type { DecimalPattern } from './decimal-format.ts';
import type { FieldFormat } from './field-format.ts';
import type { Filter } from './filters.ts';

/** The language of a template's text. It decides the delimiters and what happens to placeholders with unknown names. */
export type Dialect = 'generic' | 'shell' | 'openfoam' | 'slurm' | 'make' | 'tcl' | 'json' | 'dakota';

/** A problem with its place in the source, so that an editor can underline it. Offsets are 0-based UTF-16 units. */
export interface TemplateProblem extends Problem {
  readonly offset: number;
  readonly length: number;
}

/**
 * A placeholder found in the source. `value` inserts one variable, `expression` computes, `foreign` belongs to the language of the
 * file (`${HOME}` in a shell script) and is left as it is.
 */
export interface Placeholder {
  readonly kind: 'value' | 'expression' | 'foreign';
  /** 0-based, UTF-16 units, from the start of the source. */
  readonly offset: number;
  readonly length: number;
  /** 1-based. */
  readonly line: number;
  /** 1-based, UTF-16 units. */
  readonly column: number;
  /** With its delimiters, as written. */
  readonly text: string;
  /** Variables it uses; for a foreign one the name it begins with, if any. */
  readonly names: readonly string[];
}

/** How a placeholder's value becomes text. */
export type ValueFormat =
  | { readonly kind: 'field'; readonly field: FieldFormat }
  | { readonly kind: 'decimal'; readonly pattern: DecimalPattern };

/** What stands between the delimiters. */
export interface PlaceholderBody {
  readonly expression: Expression;
  /** Set when the expression is one bare variable name, whose text is inserted verbatim. */
  readonly bareName: string | null;
  readonly format: ValueFormat | null;
  /** Text used when a variable is undefined or its cell is empty. */
  readonly fallback: string | null;
  readonly filters: readonly Filter[];
}

/** Compiled piece of a template. `placeholder` is an index into ParsedTemplate.placeholders. */
export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'value'; readonly name: string; readonly placeholder: number }
  | {
      readonly kind: 'field';
      readonly body: PlaceholderBody;
      readonly names: readonly string[];
      readonly placeholder: number;
    };

/** A template ready to be rendered any number of times. Plain data: it may be posted to a worker. */
export interface ParsedTemplate {
  readonly dialect: Dialect;
  readonly open: string;
  readonly close: string;
  /** Name used in problems, or null. */
  readonly file: string | null;
  readonly floatStyle: FloatStyle;
  /** In the order of the source. */
  readonly placeholders: readonly Placeholder[];
  readonly segments: readonly Segment[];
  /** Errors that make rendering impossible. */
  readonly errors: readonly TemplateProblem[];
}

/** `always`: computed whole numbers are written with `.0` (Nastran); `shortest`: as few characters as possible. */
export type FloatStyle = 'shortest' | 'always';

export interface ParseOptions {
  /** Delimiters, 1–4 characters each; without them those of the dialect. A `TEMPLATE_INLINE` line in the file wins. */
  readonly open?: string;
  readonly close?: string;
  readonly dialect: Dialect;
  /** The variables of the run definition, derived ones included; `run` is always known. */
  readonly names: ReadonlySet<string>;
  /** Path for problems, relative to the job folder. */
  readonly file?: string;
  readonly float?: FloatStyle;
}

/** What one run inserts. */
export interface RenderScope {
  /** Text of each cell exactly as it stands in the run definition. */
  readonly values: ReadonlyMap<string, string>;
  /** Number of the run, 1…n. */
  readonly run: number;
  readonly derived?: ReadonlyMap<string, Value>;
  /** Folder that the `abspath` filter completes relative paths with. */
  readonly baseFolder?: string;
}
