import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileEntry } from '../../../../shared/contract/common.ts';
import type { JobSpec, TemplateSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { suggest } from '../../../../shared/domain/suggest.ts';
import {
  checkCommand,
  checkTargets,
  checkTemplate,
  checkTemplateBytes,
  decodeTemplate,
  parseTemplate,
  suggestDialect,
} from '../../../../shared/domain/template/index.ts';
import type { TemplateText, Dialect, ParseOptions } from '../../../../shared/domain/template/index.ts';
import { runScope } from '../run-scope.ts';
import type { CheckedInput } from './check-inputs.ts';
import type { CheckedTemplate } from './checked-job.ts';
import type { RunTable } from './read-values.ts';

/** A template as it lies in the job folder; without `text` it could not be read, and `problems` say why. */
export interface TemplateSource {
  readonly spec: TemplateSpec;
  readonly dialect: Dialect;
  readonly open: string | null;
  readonly close: string | null;
  readonly bytes: Uint8Array;
  readonly mode: number;
  readonly text: TemplateText | null;
  readonly problems: readonly Problem[];
}

async function readTemplate(
  folder: string,
  spec: TemplateSpec,
  i: number,
  names: readonly string[],
): Promise<TemplateSource> {
  const base = {
    spec,
    dialect: spec.dialect ?? 'generic',
    open: spec.open ?? null,
    close: spec.close ?? null,
    bytes: new Uint8Array(),
    mode: 0o644,
    text: null,
  } as const;
  const path = join(folder, spec.from);
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) {
    const near = suggest(spec.from, names);
    const missing = problem('INP01', 'error', `The template ${spec.from} is not in the job folder.`, {
      file: 'slipway.yaml',
      field: `/doe/templates/${i}/from`,
      hint: near === null ? 'Copy the file into the job folder, or correct its name.' : `Did you mean ${near}?`,
    });
    return { ...base, problems: [missing] };
  }
  // A file of gigabytes named as a template is refused by its size, not read.
  const tooLarge = checkTemplateBytes(new Uint8Array(), spec.from, found.size);
  if (tooLarge.length > 0) return { ...base, problems: tooLarge.map((p) => ({ ...p, severity: 'error' as const })) };
  const bytes = new Uint8Array(await readFile(path));
  const problems = checkTemplateBytes(bytes, spec.from);
  const mode = found.mode & 0o777;
  if (problems.length > 0) return { ...base, bytes, mode, problems };
  const text = decodeTemplate(bytes);
  return { ...base, dialect: spec.dialect ?? suggestDialect(spec.to, text.text), bytes, mode, text, problems };
}

async function read(folder: string, spec: JobSpec, files: readonly FileEntry[]): Promise<TemplateSource[]> {
  const names = files.filter((f) => f.kind === 'file').map((f) => f.path);
  return Promise.all((spec.doe?.templates ?? []).map((template, i) => readTemplate(folder, template, i, names)));
}

/** Delimiters of its own, where the job spec gives them. */
export function delimitersOf({
  open,
  close,
}: {
  readonly open: string | null;
  readonly close: string | null;
}): Pick<ParseOptions, 'open' | 'close'> {
  return { ...(open === null ? {} : { open }), ...(close === null ? {} : { close }) };
}

/** All problems of the templates and commands with the values that the runs have. */
function check(
  spec: JobSpec,
  sources: readonly TemplateSource[],
  table: RunTable,
  inputs: readonly CheckedInput[],
): { templates: CheckedTemplate[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const templates: CheckedTemplate[] = [];
  const names = new Set(table.variables.map((v) => v.name));
  const samples = table.preview.map((row) => runScope(table.variables, row.run, row.values));
  // Without any column every placeholder would be undefined: the runs' own problem says enough.
  const canJudge = table.variables.length > 0 || spec.doe === undefined;
  for (const source of sources) {
    problems.push(...source.problems);
    if (source.text === null) continue;
    const { from, to } = source.spec;
    const options: ParseOptions = { ...delimitersOf(source), dialect: source.dialect, names, file: from };
    if (canJudge) problems.push(...checkTemplate(source.text.text, options, samples));
    const { placeholders } = parseTemplate(source.text.text, options).template;
    const { dialect, open, close, mode, bytes } = source;
    templates.push({ from, to, dialect, open, close, mode, bytes, source: source.text.text, placeholders });
  }
  problems.push(
    ...checkTargets(
      templates.map((t, i) => ({ from: t.from, to: t.to, field: `/doe/templates/${i}/to` })),
      inputs.filter((i) => i.kind === 'file' && i.archive === null).map((i) => i.path),
    ),
  );
  const commands = [
    ['/command', spec.command],
    ['/doe/before', spec.doe?.before],
    ['/doe/after', spec.doe?.after],
  ] as const;
  for (const [field, command] of commands) {
    if (command === undefined || !canJudge) continue;
    problems.push(...checkCommand(command, names, { field, file: 'slipway.yaml' }));
  }
  return { templates, problems };
}

export const checkTemplates = { read, check };
