/** Typed reading of the parsed file; every mistake becomes a problem with its place, and reading goes on. */
import { excerpt } from '../outputs/excerpt.ts';
import { problem, type Problem, type Severity } from '../problem.ts';
import { suggest } from '../suggest.ts';
import type { JobProblemCode } from './job-problem-codes.ts';
import { pathProblem } from './job-path.ts';
import { describe, scalarText, scalarValue, type MapEntry, type Place, type YamlSource } from './yaml-source.ts';

/** A map whose keys are known. An entry without a value (`keep:`) counts as absent. */
export interface KnownMap {
  readonly place: Place;
  get(key: string): Place | null;
}

export class SpecReader {
  readonly problems: Problem[] = [];
  readonly #source: YamlSource;
  readonly #file: string;

  constructor(source: YamlSource, file: string) {
    this.#source = source;
    this.#file = file;
  }

  report(
    code: JobProblemCode | 'TPL07',
    at: Place | MapEntry,
    message: string,
    hint: string | null = null,
    severity: Severity = 'error',
  ): void {
    const field = 'pointer' in at ? at.pointer : at.value.pointer;
    this.problems.push(
      problem(code, severity, message, { file: this.#file, ...this.#source.position(at.offset), hint, field }),
    );
  }

  /** A map with only `known` keys; others are reported with a suggestion. */
  map(place: Place, what: string, known: readonly string[]): KnownMap | null {
    const entries = this.#source.entries(place);
    if (!entries) {
      this.report(
        'JOB03',
        place,
        `${what} must be a map of keys and values, not ${describe(place)}.`,
        `Its keys are ${known.join(', ')}.`,
      );
      return null;
    }
    const found = new Map<string, Place>();
    for (const entry of entries) {
      if (known.includes(entry.key)) {
        if (scalarValue(entry.value.node) !== null) found.set(entry.key, entry.value);
      } else {
        this.#unknownKey(entry, what, known);
      }
    }
    return { place, get: (key) => found.get(key) ?? null };
  }

  #unknownKey(entry: MapEntry, what: string, known: readonly string[]): void {
    const near = suggest(entry.key, known);
    const merge = entry.key === '<<' ? 'Merge keys are not supported; write the values out.' : null;
    const hint = merge ?? (near === null ? `Its keys are ${known.join(', ')}.` : `Did you mean "${near}"?`);
    this.report('JOB02', entry, `Unknown key "${excerpt(entry.key, 60)}" in ${what}.`, hint);
  }

  /** Entries of a map with free keys. */
  entries(place: Place | null, what: string): readonly MapEntry[] {
    if (!place) return [];
    const entries = this.#source.entries(place);
    if (!entries) this.report('JOB03', place, `${what} must be a map of names and values, not ${describe(place)}.`);
    return entries ?? [];
  }

  isMap(place: Place): boolean {
    return this.#source.entries(place) !== null;
  }

  isList(place: Place): boolean {
    return this.#source.items(place) !== null;
  }

  /** Items of a list; a single value stands for a list of one. */
  list(place: Place | null): readonly Place[] {
    if (!place) return [];
    return this.#source.items(place) ?? [place];
  }

  required(map: KnownMap, key: string, what: string, hint: string | null = null): Place | null {
    const place = map.get(key);
    if (!place) this.report('JOB04', map.place, `${what} needs "${key}".`, hint);
    return place;
  }

  /** A text; numbers and booleans count as the text they are written as. `lines` allows line ends and tabs. */
  text(place: Place | null, what: string, lines = false): string | null {
    if (!place) return null;
    const text = scalarText(place.node);
    if (text === null) {
      this.report('JOB03', place, `${what} must be a text, not ${describe(place)}.`);
      return null;
    }
    // eslint-disable-next-line no-control-regex
    const control = (lines ? /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/ : /[\u0000-\u001f\u007f-\u009f]/).exec(text);
    if (control) {
      const code = control[0].charCodeAt(0).toString(16).padStart(4, '0');
      this.report(
        'JOB03',
        place,
        `${what} contains a control character (U+${code.toUpperCase()}).`,
        lines ? null : 'It must be one line of plain text.',
      );
      return null;
    }
    return text;
  }

  /** A text that is not blank. */
  fullText(place: Place | null, what: string, lines = false): string | null {
    const text = this.text(place, what, lines);
    if (text === null || text.trim() !== '') return text;
    this.report('JOB03', place!, `${what} is empty.`);
    return null;
  }

  choice<T extends string>(place: Place | null, what: string, choices: readonly T[]): T | null {
    if (!place) return null;
    const text = scalarText(place.node);
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    const near = text === null ? null : suggest(text, choices);
    const hint = near === null ? null : `Did you mean "${near}"?`;
    this.report('JOB03', place, `${what} must be ${orList(choices)}, not ${describe(place)}.`, hint);
    return null;
  }

  boolean(place: Place | null, what: string): boolean | null {
    if (!place) return null;
    const value = scalarValue(place.node);
    if (typeof value === 'boolean') return value;
    const hint =
      typeof value === 'string' && /^(yes|no|on|off)$/i.test(value) ? 'YAML 1.2 knows only true and false.' : null;
    this.report('JOB03', place, `${what} must be true or false, not ${describe(place)}.`, hint);
    return null;
  }

  number(place: Place | null, what: string): number | null {
    if (!place) return null;
    const value = scalarValue(place.node);
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const comma = typeof value === 'string' && /^[+-]?\d+,\d+$/.test(value) ? 'Use a decimal point.' : null;
    this.report('JOB03', place, `${what} must be a number, not ${describe(place)}.`, comma);
    return null;
  }

  integer(place: Place | null, what: string, min: number, max = Number.MAX_SAFE_INTEGER): number | null {
    const value = this.number(place, what);
    if (value === null) return null;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    this.report('JOB11', place!, `${what} must be a whole number ${range}, not ${value}.`);
    return null;
  }

  /** A path below the job folder (or the run's folder), with `./` removed. `glob` allows `*`, `?` and so on. */
  path(
    place: Place | null,
    what: string,
    options: { readonly glob?: boolean; readonly code?: 'JOB07' | 'TPL07' } = {},
  ): string | null {
    const text = this.fullText(place, what);
    if (text === null) return null;
    const flaw = pathProblem(text, options.glob ?? false);
    if (flaw) this.report(options.code ?? 'JOB07', place!, `${what} ${flaw.message}.`, flaw.hint);
    return flaw ? null : text.replace(/^(!?)(?:\.\/+)+(?=.)/, '$1');
  }
}

function orList(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length === 1 ? quoted[0]! : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}
