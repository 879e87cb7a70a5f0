import { namesIn, parseExpression } from '../../../../shared/domain/expression/index.ts';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import { choiceNames } from '../../../../shared/domain/job-spec/placeholders.ts';
import { parseTemplate } from '../../../../shared/domain/template/index.ts';
import { INPUT_COLUMN, OUTPUT_COLUMN } from '../storage/storage-plan.ts';
import type { TemplateSource } from './check-templates.ts';
import { delimitersOf } from './check-templates.ts';

function addExpression(names: Set<string>, text: string): void {
  const parsed = parseExpression(text);
  if (parsed.ok) for (const name of namesIn(parsed.ast)) names.add(name);
}

/** Names in the placeholders of a text, whether or not they are variables. */
function addPlaceholders(names: Set<string>, text: string, source?: TemplateSource): void {
  const delimiters = source === undefined ? {} : delimitersOf(source);
  const { template } = parseTemplate(text, { ...delimiters, dialect: source?.dialect ?? 'shell', names: new Set() });
  for (const placeholder of template.placeholders) for (const name of placeholder.names) names.add(name);
}

/** Every name that templates, commands, inputs, outputs and constraints use: a column that is not among them may be a mistake. */
export function namesInUse(spec: JobSpec, sources: readonly TemplateSource[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const source of sources) if (source.text !== null) addPlaceholders(names, source.text.text, source);
  for (const command of [spec.command, spec.doe?.before, spec.doe?.after])
    if (command !== undefined) addPlaceholders(names, command);
  for (const input of spec.inputs) for (const name of choiceNames(input.path)) names.add(name);
  for (const output of Object.values(spec.outputs)) if (output.kind === 'expr') addExpression(names, output.expr);
  for (const constraint of spec.doe?.constraints ?? []) addExpression(names, constraint);
  if (spec.storage !== undefined) for (const column of [INPUT_COLUMN, OUTPUT_COLUMN]) names.add(column);
  return names;
}
