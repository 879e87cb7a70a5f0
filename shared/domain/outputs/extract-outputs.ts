/** The outputs of one run from the texts of its files. Nothing is read or written here; the caller lends a function that knows the files. */
import { evaluate, scopeFromTexts } from '../expression/index.ts';
import { problem, type Problem } from '../problem.ts';
import { suggest } from '../suggest.ts';
import type { Candidates } from './candidates.ts';
import { excerpt, lineAt, normaliseLineEnds } from './excerpt.ts';
import { planExpressions, type ExpressionPlan } from './expression-plan.ts';
import { jsonCandidates } from './json-output.ts';
import type { BuiltinOutput, FileValueSpec, OutputSpec, SingleOutputSpec, TsvOutput } from './output-spec.ts';
import { pickValue, rangeFlaw, typedValue, type Flaw } from './pick-value.ts';
import { isNonFiniteNumber } from './parse-number.ts';
import { regexCandidates } from './regex-output.ts';
import { tableCandidates } from './table-output.ts';
import { tsvValues } from './tsv-output.ts';

/** Text of a file of the run folder by relative path (`beam.dat`, `stdout`, `stderr`, `after.out`); null when there is none. */
export type RunFiles = (name: string) => string | null;

export interface RunContext {
  /** The run's variables, as text. */
  readonly values: Readonly<Record<string, string>>;
  readonly run: number;
  /** Null when the run was ended by a signal or its end is not known. */
  readonly exitCode: number | null;
  readonly wallSeconds: number | null;
}

/** An output that a `tsv` file defined. */
export interface DefinedOutput {
  readonly key: string;
  readonly label: string | null;
  readonly unit: string | null;
}

export interface Extraction {
  /** A value, or null where there is none, for every declared output and every one that a `tsv` file defined. */
  readonly outputs: Readonly<Record<string, number | string | null>>;
  /** Outputs defined by `tsv` files, in order. */
  readonly defined: readonly DefinedOutput[];
  /** OUT01–OUT04; `file` is relative to the run folder, `field` is the output in the job spec. */
  readonly problems: readonly Problem[];
  /** Why the run counts as failed: a required output without a value (`output`) or with an implausible one (`criteria`). */
  readonly failure: { readonly kind: 'output' | 'criteria'; readonly message: string } | null;
}

/** The places of a file's text that a file output's value could come from. */
export function candidatesOf(spec: FileValueSpec, text: string, all = false): Candidates {
  if (spec.kind === 'regex') return regexCandidates(spec, text, all);
  return spec.kind === 'table' ? tableCandidates(spec, text) : jsonCandidates(spec, text);
}

/** A flaw of an output as a problem; what is wrong with an optional output is a warning. */
export function flawProblem(
  key: string,
  required: boolean,
  flaw: Flaw,
  file: string | null,
  text: string | null,
): Problem {
  const severity = flaw.code !== 'OUT04' && required ? 'error' : 'warning';
  const line = flaw.at === null || text === null ? null : lineAt(text, flaw.at);
  const where = file === null ? '' : `${file}${line === null ? '' : ` line ${line}`}: `;
  return problem(flaw.code, severity, `Output "${excerpt(key, 64)}": ${where}${flaw.message}.`, {
    file,
    line,
    hint: flaw.hint,
    field: `/outputs/${key}`,
  });
}

const plans = new WeakMap<object, ExpressionPlan>();

/**
 * All outputs of a run. A missing file, a text without match, a text that is no number: each is a problem and a null, never an exception.
 * Values outside their expected range are kept, so that a person can see them.
 */
export function extractOutputs(
  specs: Readonly<Record<string, OutputSpec>>,
  files: RunFiles,
  context: RunContext,
): Extraction {
  const extraction = new Extracting(specs, files, context);
  for (const [key, spec] of Object.entries(specs)) {
    if (spec.kind === 'tsv') extraction.readTsv(key, spec);
    else if (spec.kind === 'builtin') extraction.readBuiltin(key, spec);
    else if (spec.kind !== 'expr') extraction.readFile(key, spec);
  }
  let plan = plans.get(specs);
  if (!plan) plans.set(specs, (plan = planExpressions(specs)));
  extraction.compute(plan);
  return extraction.result();
}

class Extracting {
  readonly #texts = new Map<string, string | null>();
  readonly #values = new Map<string, number | string | null>();
  readonly #defined: DefinedOutput[] = [];
  readonly #problems: Problem[] = [];
  #failure: Extraction['failure'] = null;
  readonly #specs: Readonly<Record<string, OutputSpec>>;
  readonly #files: RunFiles;
  readonly #context: RunContext;

  constructor(specs: Readonly<Record<string, OutputSpec>>, files: RunFiles, context: RunContext) {
    this.#specs = specs;
    this.#files = files;
    this.#context = context;
    // The declared order is the order of the columns, whatever is computed last.
    for (const [key, spec] of Object.entries(specs)) if (spec.kind !== 'tsv') this.#values.set(key, null);
  }

  readFile(key: string, spec: FileValueSpec): void {
    const text = this.#text(spec.file);
    if (text === null) {
      this.#flaw(
        key,
        spec.required,
        { code: 'OUT01', message: 'the run left no such file', hint: null, at: null },
        spec.file,
        null,
      );
      return;
    }
    const picked = pickValue(spec, candidatesOf(spec, text));
    this.#values.set(key, picked.value);
    for (const flaw of picked.flaws) this.#flaw(key, spec.required, flaw, spec.file, text);
  }

  readTsv(key: string, spec: TsvOutput): void {
    const text = this.#text(spec.file);
    const found = text === null ? [] : tsvValues(text);
    if (text === null || found.length === 0) {
      const message = text === null ? 'the run left no such file' : 'it has no line of the form name<TAB>value';
      this.#flaw(key, spec.required, { code: 'OUT01', message, hint: null, at: null }, spec.file, text);
      return;
    }
    const here = new Map<string, string>();
    for (const { key: name, label, unit, text: raw, value, span } of found) {
      const note = (message: string): void =>
        this.#flaw(name, false, { code: 'OUT04', message, hint: null, at: span[0] }, spec.file, text);
      if (Object.hasOwn(this.#context.values, name)) {
        // Scripts like to print the inputs again; that is worth a word only when they differ.
        if (this.#context.values[name]!.trim() !== raw) note('a variable has this name; the printed value is not used');
        continue;
      }
      if (Object.hasOwn(this.#specs, name) && this.#specs[name]!.kind !== 'tsv') {
        note('the job spec defines this output too; the printed value is not used');
        continue;
      }
      if (here.has(name)) note(`printed more than once (as ${here.get(name)}); the last value is used`);
      else if (this.#values.has(name)) note('another file printed this output too; the last value is used');
      if (!this.#values.has(name)) this.#defined.push({ key: name, label, unit });
      here.set(name, excerpt(raw, 40));
      const finite = typeof value === 'number' || !isNonFiniteNumber(value);
      this.#values.set(name, finite ? value : null);
      if (!finite)
        this.#flaw(
          name,
          spec.required,
          { code: 'OUT03', message: `"${excerpt(raw, 60)}" is not a finite number`, hint: null, at: span[0] },
          spec.file,
          text,
        );
    }
  }

  readBuiltin(key: string, spec: BuiltinOutput): void {
    const value = this.#context[spec.builtin];
    if (value !== null) {
      this.#accept(key, spec, value);
      return;
    }
    const message =
      spec.builtin === 'exitCode' ? 'the run ended without an exit code' : 'the wall time of the run is not known';
    this.#flaw(key, spec.required, { code: 'OUT01', message, hint: null, at: null }, null, null);
  }

  compute(plan: ExpressionPlan): void {
    if (plan.steps.length + plan.flaws.length === 0) return;
    const scope = new Map<string, number | string | boolean>(scopeFromTexts(this.#context.values, this.#context.run));
    const fail = (key: string, code: Flaw['code'], message: string, hint: string | null = null): void => {
      const spec = this.#specs[key] as SingleOutputSpec;
      this.#flaw(key, spec.required, { code, message, hint, at: null }, null, null);
    };
    for (const flaw of plan.flaws) fail(flaw.output, 'OUT01', flaw.message, flaw.hint);
    for (const [key, value] of this.#values) if (value !== null) scope.set(key, value);
    for (const { key, spec, ast, names } of plan.steps) {
      const empty = [...names].find((name) => this.#values.get(name) === null);
      if (empty !== undefined) {
        fail(key, 'OUT01', `it needs "${empty}", which has no value`);
        continue;
      }
      const result = evaluate(ast, scope);
      if (!result.ok) {
        const unknown = [...names].find((name) => !scope.has(name) && result.message.includes(name));
        const near = unknown === undefined ? null : suggest(unknown, scope.keys());
        fail(
          key,
          'OUT02',
          `it cannot be computed: ${result.message.replace(/\.$/, '')}`,
          near === null ? null : `Did you mean "${near}"?`,
        );
        continue;
      }
      this.#accept(key, spec, result.value);
      const value = this.#values.get(key);
      if (value !== null && value !== undefined) scope.set(key, value);
    }
  }

  result(): Extraction {
    return {
      outputs: Object.fromEntries(this.#values),
      defined: this.#defined,
      problems: this.#problems,
      failure: this.#failure,
    };
  }

  #accept(key: string, spec: SingleOutputSpec, value: number | string | boolean): void {
    const plain = typeof value === 'boolean' && spec.as === 'number' ? Number(value) : value;
    const typed = typedValue(String(plain), spec.as, null);
    if (!('value' in typed)) {
      this.#flaw(key, spec.required, typed, null, null);
      return;
    }
    this.#values.set(key, typed.value);
    const flaw = rangeFlaw(typed.value, spec, null);
    if (flaw) this.#flaw(key, spec.required, flaw, null, null);
  }

  #flaw(key: string, required: boolean, flaw: Flaw, file: string | null, text: string | null): void {
    const found = flawProblem(key, required, flaw, file, text);
    this.#problems.push(found);
    if (found.severity === 'error')
      this.#failure ??= { kind: flaw.code === 'OUT03' ? 'criteria' : 'output', message: found.message };
  }

  #text(name: string): string | null {
    let text = this.#texts.get(name);
    if (text === undefined) {
      const raw = this.#files(name);
      text = raw === null ? null : normaliseLineEnds(raw);
      this.#texts.set(name, text);
    }
    return text;
  }
}
