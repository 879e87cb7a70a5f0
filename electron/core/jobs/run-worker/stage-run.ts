import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Failure } from '../../../../shared/domain/run-state.ts';
import type { TemplateText, ParsedCommand, ParsedTemplate } from '../../../../shared/domain/template/index.ts';
import {
  decodeTemplate,
  encodeTemplate,
  parseCommand,
  parseTemplate,
  renderCommand,
  renderTemplate,
} from '../../../../shared/domain/template/index.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { runFolderName } from '../../../../shared/domain/run-files.ts';
import { renderPattern, runScope } from '../run-scope.ts';
import type { TreeEntry } from './copy-tree.ts';
import { copyTree, listTree } from './copy-tree.ts';
import type { StoredObject } from '../storage/job-bucket.ts';
import { storageFiles } from '../storage/run-files.ts';
import { ObjectIndex } from '../storage/storage-plan.ts';
import type { OpenJob, StageItem, StageResult } from './protocol.ts';
import type { RenderedFile } from './rendered-file.ts';

interface ReadyTemplate {
  readonly to: string;
  readonly mode: number;
  readonly text: TemplateText;
  readonly parsed: ParsedTemplate;
}

/** A choice of a run (`${case}.zip`): where its content lies in the job folder. */
interface Choice {
  readonly root: string;
  readonly entries: readonly TreeEntry[];
}

/** A job opened for staging: templates parsed and inputs listed once. */
export interface StagingJob {
  readonly open: OpenJob;
  readonly inputsRoot: string;
  readonly inputs: readonly TreeEntry[];
  readonly templates: readonly ReadyTemplate[];
  /** Scripts of the run by the name of their file in `.slipway/`. */
  readonly scripts: readonly { readonly name: string; readonly command: ParsedCommand }[];
  readonly choices: Map<string, Choice>;
  /** Null = no files come from a bucket. */
  readonly objects: ObjectIndex | null;
}

export function openForStaging(open: OpenJob): StagingJob {
  const { folder, plan } = open;
  const names = new Set(plan.variables.map((v) => v.name));
  const templates = plan.templates.map((planned) => {
    const text = decodeTemplate(readFileSync(join(folder, JOB_FOLDER.templates, planned.stored)));
    const { template } = parseTemplate(text.text, {
      dialect: planned.dialect,
      names,
      ...(planned.open === null ? {} : { open: planned.open }),
      ...(planned.close === null ? {} : { close: planned.close }),
    });
    return { to: planned.to, mode: planned.mode, text, parsed: template };
  });
  const commands = { command: plan.spec.command, before: plan.spec.doe?.before, after: plan.spec.doe?.after };
  const scripts = Object.entries(commands).flatMap(([name, text]) =>
    text === undefined ? [] : [{ name: `${name}.sh`, command: parseCommand(text, names).command }],
  );
  const inputsRoot = join(folder, JOB_FOLDER.inputs);
  const objects =
    plan.storage == null
      ? null
      : new ObjectIndex(JSON.parse(readFileSync(join(folder, JOB_FOLDER.objects), 'utf8')) as StoredObject[]);
  return { open, inputsRoot, inputs: listTree(inputsRoot), templates, scripts, choices: new Map(), objects };
}

/**
 * Writes the folder of a run: inputs, processed files, command. It is built aside and appears by one rename. The folder
 * of an earlier attempt is kept under `attempts/`.
 */
export function stageRun(job: StagingJob, item: StageItem): StageResult {
  const { folder } = job.open;
  const name = runFolderName(item.run);
  const target = join(folder, JOB_FOLDER.runs, name);
  const aside = join(folder, JOB_FOLDER.runs, `.staging-${name}`);
  try {
    const rendered = renderRun(job, item, 'local');
    if (rendered.kind === 'failed') return failed(item.run, rendered.message);
    rmSync(aside, { recursive: true, force: true });
    mkdirSync(join(aside, '.slipway'), { recursive: true });
    copyTree(job.inputsRoot, job.inputs, aside);
    for (const chosen of rendered.choices) copyChoice(job, chosen, aside);
    for (const { path, bytes, mode } of rendered.files) {
      const file = join(aside, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
      if (mode !== null) chmodSync(file, mode);
    }
    if (existsSync(target)) setAside(folder, target, name, item.attempt);
    renameSync(aside, target);
    return { run: item.run, failure: null };
  } catch (error) {
    rmSync(aside, { recursive: true, force: true });
    return failed(item.run, `the run folder could not be written: ${(error as Error).message}`);
  }
}

export type RenderedRun =
  | { readonly kind: 'rendered'; readonly files: readonly RenderedFile[]; readonly choices: readonly string[] }
  | { readonly kind: 'failed'; readonly message: string };

/** Everything that a run's values make of the job's templates and commands; `choices` are the paths of the inputs that they choose. */
export function renderRun(job: StagingJob, item: StageItem, where: 'local' | 'remote'): RenderedRun {
  const { plan } = job.open;
  const scope = runScope(plan.variables, item.run, item.values);
  const files: RenderedFile[] = [];
  for (const template of job.templates) {
    const rendered = renderTemplate(template.parsed, scope);
    if (!rendered.ok)
      return {
        kind: 'failed',
        message: `${template.to}: ${rendered.problems[0]?.message ?? 'it cannot be processed'}`,
      };
    const encoded = encodeTemplate(template.text, rendered.text);
    if (!encoded.ok) return { kind: 'failed', message: `${template.to}: ${encoded.message}` };
    files.push({ path: template.to, bytes: encoded.bytes, mode: template.mode });
  }
  for (const { name, command } of job.scripts) {
    const rendered = renderCommand(command, scope);
    if (!rendered.ok)
      return { kind: 'failed', message: rendered.problems[0]?.message ?? `${name} cannot be processed` };
    files.push({ path: `.slipway/${name}`, bytes: Buffer.from(`${rendered.text}\n`), mode: null });
  }
  if (plan.storage != null && job.objects !== null)
    files.push(...storageFiles(plan.storage, plan.spec.keep, scope, job.objects, where));
  return { kind: 'rendered', files, choices: plan.runInputs.map((input) => renderPattern(input.pattern, scope)) };
}

function failed(run: number, message: string): StageResult {
  const failure: Failure = { kind: 'input', message };
  return { run, failure };
}

function copyChoice(job: StagingJob, chosen: string, target: string): void {
  let choice = job.choices.get(chosen);
  if (choice === undefined) {
    const root = join(job.open.folder, JOB_FOLDER.choices, choiceFolderName(chosen));
    choice = { root, entries: listTree(root) };
    job.choices.set(chosen, choice);
  }
  copyTree(choice.root, choice.entries, target);
}

/** A chosen input's folder in `choices/`: its path with everything odd encoded, so that two paths never meet. */
export function choiceFolderName(path: string): string {
  return encodeURIComponent(path);
}

function setAside(folder: string, target: string, name: string, attempt: number): void {
  const kept = join(folder, JOB_FOLDER.earlier, `${name}.${attempt - 1}`);
  if (attempt === 1 || existsSync(kept)) {
    rmSync(target, { recursive: true, force: true });
    return;
  }
  mkdirSync(dirname(kept), { recursive: true });
  renameSync(target, kept);
}
