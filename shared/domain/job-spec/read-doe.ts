/** Reading `doe:`. */
import { countRuns, factorialLevels, MAX_RUNS } from '../design/full-factorial.ts';
import { parseExpression } from '../expression/index.ts';
import { excerpt } from '../outputs/excerpt.ts';
import { defaultTarget } from '../template/dialects.ts';
import {
  TEMPLATE_DIALECTS,
  type DesignSpec,
  type DoeSpec,
  type FullFactorialSpec,
  type TemplateSpec,
  type VariableSpec,
} from './job-spec.ts';
import { optional } from './optional.ts';
import { checkName } from './read-name.ts';
import type { KnownMap, SpecReader } from './spec-reader.ts';
import { describe, scalarText, type Place } from './yaml-source.ts';

const DOE_KEYS = ['runs', 'variables', 'design', 'constraints', 'templates', 'before', 'after'];
const RANGE_KEYS = ['kind', 'min', 'max', 'step', 'unit'];
const LATER_METHODS = [
  'fractional-factorial',
  'plackett-burman',
  'box-behnken',
  'central-composite',
  'lhs',
  'sobol',
  'halton',
  'random',
  'one-at-a-time',
  'morris',
  'saltelli',
];

/** What could be understood of `doe:`; null when it is no map. */
export function readDoe(reader: SpecReader, place: Place): DoeSpec | null {
  const map = reader.map(place, '"doe"', DOE_KEYS);
  if (!map) return null;
  const runsPlace = map.get('runs');
  const runs = reader.path(runsPlace, '"doe.runs"');
  const problemsBefore = reader.problems.length;
  const variables = readVariables(reader, map.get('variables'));
  const areWhole = reader.problems.length === problemsBefore;
  if (!runsPlace && !map.get('variables')) {
    reader.report(
      'JOB10',
      place,
      '"doe" needs "runs" or "variables".',
      'Name a run definition file (runs: runs.csv), or say what to vary (variables: {width: {values: [2, 3]}}).',
    );
  }
  const design = readDesign(reader, map, runsPlace !== null, areWhole ? variables : null);
  return {
    ...optional('runs', runs),
    variables,
    ...optional('design', design),
    constraints: readConstraints(reader, map.get('constraints')),
    templates: readTemplates(reader, map.get('templates')),
    ...optional('before', reader.fullText(map.get('before'), '"doe.before"', true)),
    ...optional('after', reader.fullText(map.get('after'), '"doe.after"', true)),
  };
}

function readVariables(reader: SpecReader, place: Place | null): Readonly<Record<string, VariableSpec>> {
  const variables: [string, VariableSpec][] = [];
  const entries = reader.entries(place, '"doe.variables"');
  if (place && entries.length === 0 && reader.isMap(place))
    reader.report('JOB10', place, '"doe.variables" is empty.', 'Name at least one variable.');
  for (const entry of entries) {
    const isUsable = checkName(reader, entry, 'variable');
    const variable = readVariable(reader, entry.value, `variable "${excerpt(entry.key, 64)}"`);
    if (isUsable && variable) variables.push([entry.key, variable]);
  }
  return Object.fromEntries(variables);
}

/** A number or text alone is a constant, a list alone the values; a map says more. */
function readVariable(reader: SpecReader, place: Place, what: string): VariableSpec | null {
  if (reader.isList(place)) return readValues(reader, place, what);
  if (!reader.isMap(place)) {
    const value = reader.text(place, what);
    return value === null ? null : { kind: 'constant', value };
  }
  const keys = reader.entries(place, what).map((entry) => entry.key);
  const isRange = keys.includes('min') || keys.includes('max');
  if (Number(keys.includes('values')) + Number(keys.includes('value')) + Number(isRange) > 1) {
    reader.report('JOB10', place, `The ${what} mixes "values", "value" and "min"/"max".`, 'Keep one of them.');
    return null;
  }
  if (keys.includes('values')) {
    const map = reader.map(place, what, ['values', 'unit']);
    const list = map && reader.required(map, 'values', what);
    const variable = list && readValues(reader, list, what);
    return variable && { ...variable, ...readUnit(reader, map, what) };
  }
  if (keys.includes('value')) {
    const map = reader.map(place, what, ['value', 'unit']);
    const value = map && reader.text(reader.required(map, 'value', what), `"value" of ${what}`);
    return value === null ? null : { kind: 'constant', value, ...readUnit(reader, map, what) };
  }
  const before = reader.problems.length;
  const map = reader.map(place, what, isRange ? RANGE_KEYS : ['values', 'value', ...RANGE_KEYS]);
  if (!isRange && reader.problems.length === before)
    reader.report('JOB04', place, `The ${what} has no values.`, 'Give "values: […]", "min" and "max", or "value".');
  return map && isRange ? readRange(reader, map, what) : null;
}

function readUnit(reader: SpecReader, map: KnownMap | null, what: string): { readonly unit?: string } {
  return optional('unit', reader.fullText(map?.get('unit') ?? null, `"unit" of ${what}`));
}

function readValues(reader: SpecReader, place: Place, what: string): VariableSpec | null {
  if (!reader.isList(place)) {
    reader.report(
      'JOB03',
      place,
      `"values" of ${what} must be a list, not ${describe(place)}.`,
      'For example values: [800, 1000, 1200].',
    );
    return null;
  }
  const items = reader.list(place);
  if (items.length === 0)
    reader.report('JOB13', place, `The ${what} has an empty list of values.`, 'Give at least one value.');
  const seen = new Set<string>();
  const values: string[] = [];
  for (const item of items) {
    const text = reader.text(item, `A value of ${what}`);
    if (text === null) continue;
    if (seen.has(text))
      reader.report(
        'JOB16',
        item,
        `The ${what} has the value "${excerpt(text, 40)}" twice; its runs come twice.`,
        null,
        'warning',
      );
    seen.add(text);
    values.push(text);
  }
  return values.length === 0 || values.length < items.length ? null : { kind: 'values', values };
}

function readRange(reader: SpecReader, map: KnownMap, what: string): VariableSpec | null {
  const kind = reader.choice(map.get('kind'), `"kind" of ${what}`, ['continuous', 'integer']) ?? 'continuous';
  const min = reader.number(reader.required(map, 'min', what), `"min" of ${what}`);
  const max = reader.number(reader.required(map, 'max', what), `"max" of ${what}`);
  const step = reader.number(map.get('step'), `"step" of ${what}`);
  const unit = readUnit(reader, map, what);
  if (min === null || max === null) return null;
  if (min >= max) {
    reader.report(
      'JOB11',
      map.place,
      `The ${what} has min ${min} and max ${max}; min must be smaller.`,
      'Use "value" for a constant.',
    );
    return null;
  }
  if (step !== null && step <= 0) {
    reader.report('JOB11', map.get('step')!, `"step" of ${what} must be greater than 0, not ${step}.`);
    return null;
  }
  if (kind === 'integer' && ![min, max, step ?? 1].every(Number.isInteger)) {
    reader.report('JOB11', map.place, `The ${what} is an integer, but min, max and step are not all whole numbers.`);
    return null;
  }
  return { kind, min, max, ...optional('step', step), ...unit };
}

function readDesign(
  reader: SpecReader,
  doe: KnownMap,
  hasRuns: boolean,
  variables: Readonly<Record<string, VariableSpec>> | null,
): DesignSpec | null {
  const place = doe.get('design');
  if (hasRuns) {
    if (place)
      reader.report(
        'JOB10',
        place,
        '"doe" has both "runs" and "design".',
        'The run definition file lists the runs; remove "design".',
      );
    return null;
  }
  let design: FullFactorialSpec = { method: 'full-factorial' };
  if (place) {
    // The other methods have keys of their own; one word about the method is enough.
    const methodPlace = reader.entries(place, '"doe.design"').find((entry) => entry.key === 'method')?.value;
    const method = methodPlace ? scalarText(methodPlace.node) : null;
    if (methodPlace && method !== null && LATER_METHODS.includes(method)) {
      const hint = 'Use method: full-factorial, or list the runs in a run definition file (runs: runs.csv).';
      reader.report(
        'JOB06',
        methodPlace,
        `The design method "${method}" is not available in this version of Slipway.`,
        hint,
      );
      return design;
    }
    if (!reader.isMap(place)) return design;
    const map = reader.map(place, '"doe.design"', ['method', 'levels']);
    if (map) {
      reader.choice(reader.required(map, 'method', '"doe.design"'), '"doe.design.method"', ['full-factorial']);
      design = { ...design, ...optional('levels', readLevels(reader, map.get('levels'), variables)) };
    }
  }
  if (variables && doe.get('variables')) checkSize(reader, doe.get('variables')!, variables, design);
  return design;
}

function readLevels(
  reader: SpecReader,
  place: Place | null,
  variables: Readonly<Record<string, VariableSpec>> | null,
): number | Readonly<Record<string, number>> | null {
  if (!place) return null;
  if (!reader.isMap(place)) return reader.integer(place, '"doe.design.levels"', 2, MAX_RUNS);
  const levels: [string, number][] = [];
  for (const { key, value } of reader.entries(place, '"doe.design.levels"')) {
    const count = reader.integer(value, `"doe.design.levels.${excerpt(key, 64)}"`, 2, MAX_RUNS);
    if (count !== null) levels.push([key, count]);
    const variable = variables && Object.hasOwn(variables, key) ? variables[key] : undefined;
    if (variables && !(variable && 'min' in variable && variable.step === undefined)) {
      reader.report(
        'JOB10',
        value,
        `"doe.design.levels" names "${excerpt(key, 64)}", which is no variable with min and max and without step.`,
      );
    }
  }
  return Object.fromEntries(levels);
}

function checkSize(
  reader: SpecReader,
  place: Place,
  variables: Readonly<Record<string, VariableSpec>>,
  design: FullFactorialSpec,
): void {
  const sizes: number[] = [];
  for (const [name, variable] of Object.entries(variables)) {
    const levels = factorialLevels(name, variable, design.levels);
    if (levels.ok) sizes.push(levels.values.length);
    else reader.report('JOB13', { ...place, pointer: `${place.pointer}/${name}` }, levels.message, levels.hint);
  }
  const runs = countRuns(sizes);
  if (runs > MAX_RUNS) {
    const hint = 'Use fewer values per variable, or list the runs in a run definition file.';
    reader.report(
      'JOB13',
      place,
      `The full factorial has ${runs.toLocaleString('en-US')} runs; ${MAX_RUNS.toLocaleString('en-US')} are allowed.`,
      hint,
    );
  }
}

function readConstraints(reader: SpecReader, place: Place | null): readonly string[] {
  return reader.list(place).flatMap((item) => {
    const text = reader.fullText(item, 'A constraint', true);
    if (text === null) return [];
    const parsed = parseExpression(text);
    if (parsed.ok) return [text];
    reader.report(
      'JOB12',
      item,
      `The constraint "${excerpt(text, 60)}": ${parsed.problem.message.replace(/\.$/, '')} (character ${parsed.problem.offset + 1}).`,
    );
    return [];
  });
}

function readTemplates(reader: SpecReader, place: Place | null): readonly TemplateSpec[] {
  const templates: TemplateSpec[] = [];
  const targets = new Set<string>();
  for (const item of reader.list(place)) {
    const template = readTemplate(reader, item);
    if (!template) continue;
    if (targets.has(template.to)) {
      reader.report(
        'TPL07',
        item,
        `Two templates become the same file "${excerpt(template.to, 80)}".`,
        'Give each its own "to".',
      );
    }
    targets.add(template.to);
    templates.push(template);
  }
  return templates;
}

function readTemplate(reader: SpecReader, place: Place): TemplateSpec | null {
  const isShort = !reader.isMap(place);
  const map = isShort ? null : reader.map(place, 'a template', ['from', 'to', 'dialect', 'open', 'close']);
  const fromPlace = map ? reader.required(map, 'from', 'A template') : place;
  const from = reader.path(fromPlace, '"from" of a template');
  const toPlace = map?.get('to') ?? null;
  const to = toPlace ? reader.path(toPlace, '"to" of a template', { code: 'TPL07' }) : from && defaultTarget(from);
  const dialect = reader.choice(map?.get('dialect') ?? null, `"dialect" of a template`, TEMPLATE_DIALECTS);
  const open = readDelimiter(reader, map, 'open');
  const close = readDelimiter(reader, map, 'close');
  if (map && (map.get('open') === null) !== (map.get('close') === null)) {
    reader.report('JOB10', place, 'A template needs both "open" and "close", or neither.');
  }
  if (from === null || to === null) return null;
  if (to === from) {
    reader.report(
      'JOB04',
      place,
      `The template "${excerpt(from, 80)}" needs "to": the name of the processed file.`,
      'Only names that end in .template, .tmpl or .tpl have one by default.',
    );
    return null;
  }
  return { from, to, ...optional('dialect', dialect), ...(open !== null && close !== null ? { open, close } : {}) };
}

function readDelimiter(reader: SpecReader, map: KnownMap | null, key: 'open' | 'close'): string | null {
  const place = map?.get(key) ?? null;
  const text = reader.text(place, `"${key}" of a template`);
  if (text === null || /^\S{1,4}$/.test(text)) return text;
  reader.report(
    'JOB03',
    place!,
    `"${key}" of a template must have 1 to 4 characters and no blanks.`,
    'For example open: "<", close: ">".',
  );
  return null;
}
