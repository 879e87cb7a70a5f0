/** Writing `slipway.yaml`: as short as a person would write it, and read back as the same job spec. */
import { Document, isMap, isPair, isScalar, isSeq, Scalar, visit } from 'yaml';
import type { MatchRule } from '../outputs/check-success.ts';
import type { OutputSpec } from '../outputs/output-spec.ts';
import { defaultTarget } from '../template/dialects.ts';
import { durationText, memoryText } from '../units.ts';
import type { DoeSpec, HardwareSpec, JobSpec, VariableSpec } from './job-spec.ts';
import { defaultDelimiter, defaultGroup, DELIMITER_WORDS } from './output-defaults.ts';

type YamlMap = Readonly<Record<string, unknown>>;

/** Maps and lists that fit stand on one line, as `{file: beam.dat, unit: in}`. */
const ONE_LINE = 100;
/** How a job spec is turned into text, here and after changes. */
export const YAML_STYLE = { lineWidth: 0, singleQuote: true, flowCollectionPadding: false } as const;

/** The text of a job spec: keys in the usual order, defaults left out. `readJobSpec` of it gives the same spec. */
export function writeJobSpec(spec: JobSpec): string {
  const document = new Document(yamlForm(spec));
  visit(document, {
    Pair: (_, { key, value }) => {
      // Backslashes mean themselves in single quotes, so regular expressions stay readable.
      if (isScalar(key) && key.value === 'regex' && isScalar(value)) value.type = Scalar.QUOTE_SINGLE;
    },
    Collection: (_, node, path) => {
      if (path.length > 2 && !spreadsOut(path.at(-1)) && (isMap(node) || isSeq(node))) {
        const text = JSON.stringify(node);
        node.flow = text.length <= ONE_LINE && !text.includes('\\n');
      }
    },
  });
  return document.toString(YAML_STYLE);
}

/** Maps with an entry per line, so that a change is a line. */
function spreadsOut(pair: unknown): boolean {
  return isPair(pair) && isScalar(pair.key) && ['doe', 'variables', 'outputs'].includes(String(pair.key.value));
}

/** The job spec as the data of its file: what is default is absent. */
export function yamlForm(spec: JobSpec): YamlMap {
  const { exitCodes, mustMatch, mustNotMatch, mustExist } = spec.success;
  return compact({
    name: spec.name,
    type: spec.type,
    inputs: spec.inputs.map(({ path, unpack }) => (unpack ? path : { path, unpack })),
    software: spec.software,
    command: spec.command,
    doe: spec.doe && doeForm(spec.doe),
    hardware: hardwareForm(spec.hardware),
    success: compact({
      exitCodes: exitCodes.length === 1 && exitCodes[0] === 0 ? undefined : exitCodes,
      mustMatch: rulesForm(mustMatch),
      mustNotMatch: rulesForm(mustNotMatch),
      mustExist,
    }),
    outputs: Object.fromEntries(Object.entries(spec.outputs).map(([key, output]) => [key, outputForm(output)])),
    keep: spec.keep,
    environment: spec.environment,
    storage: spec.storage,
  });
}

function doeForm(doe: DoeSpec): YamlMap {
  const variables = Object.entries(doe.variables).map(([key, variable]) => [key, variableForm(variable)]);
  return {
    ...compact({
      runs: doe.runs,
      variables: Object.fromEntries(variables),
      design: doe.design?.levels === undefined ? undefined : doe.design,
      constraints: doe.constraints,
      templates: doe.templates.map(({ from, to, ...rest }) => {
        const isUsual = to !== from && to === defaultTarget(from);
        return isUsual && Object.keys(compact(rest)).length === 0
          ? from
          : compact({ from, to: isUsual ? undefined : to, ...rest });
      }),
      before: doe.before,
      after: doe.after,
    }),
  };
}

function variableForm(variable: VariableSpec): unknown {
  if (variable.kind === 'values') return compact({ values: variable.values.map(valueForm), unit: variable.unit });
  if (variable.kind === 'constant') return { value: valueForm(variable.value), ...compact({ unit: variable.unit }) };
  const { kind, ...range } = variable;
  return compact({ kind: kind === 'integer' ? kind : undefined, ...range });
}

/** A number where the text is how numbers are written anyway; otherwise the text, so that `2.50` and `007` stay what they are. */
function valueForm(text: string): string | number {
  return /\d/.test(text) && String(Number(text)) === text ? Number(text) : text;
}

function hardwareForm({ coresPerSlot, memory, walltime, ...rest }: HardwareSpec): YamlMap {
  return compact({
    coreType: rest.coreType,
    coresPerSlot: coresPerSlot === 1 ? undefined : coresPerSlot,
    slots: rest.slots,
    memory: memory === undefined ? undefined : memoryText(memory),
    walltime: walltime === undefined ? undefined : durationText(walltime),
  });
}

function rulesForm(rules: readonly MatchRule[]): unknown {
  return rules.length === 1 ? rules[0] : rules;
}

function outputForm(output: OutputSpec): YamlMap {
  const { kind: _, ...plain } = output;
  const common = {
    required: output.required ? undefined : false,
    ...(output.kind === 'tsv' ? {} : { as: output.as === 'number' ? undefined : output.as }),
  };
  switch (output.kind) {
    case 'regex':
      return compact({
        ...plain,
        ...common,
        group: output.group === defaultGroup(output.regex, output.flags) ? undefined : output.group,
      });
    case 'table': {
      const word = Object.entries(DELIMITER_WORDS).find(([, delimiter]) => delimiter === output.delimiter)![0];
      return compact({
        ...plain,
        ...common,
        delimiter: output.delimiter === defaultDelimiter(output.file) ? undefined : word,
        skip: output.skip === 0 ? undefined : output.skip,
      });
    }
    case 'tsv':
      return compact({ file: output.file, tsv: true, label: output.label, required: common.required });
    case 'json':
    case 'expr':
    case 'builtin':
      return compact({ ...plain, ...common });
  }
}

/** Without undefined values, empty lists and empty maps. */
function compact(map: YamlMap): YamlMap {
  const isEmpty = (value: unknown): boolean =>
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(map).filter(([, value]) => !isEmpty(value)));
}
