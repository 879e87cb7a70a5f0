import { closeSync, fstatSync, openSync, readSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputColumn } from '../../../../shared/contract/jobs.ts';
import { checkSuccess } from '../../../../shared/domain/outputs/check-success.ts';
import { extractOutputs } from '../../../../shared/domain/outputs/extract-outputs.ts';
import { RUN_FILES, runFolderName } from '../../../../shared/domain/run-files.ts';
import { globMatcher } from '../../files/globs.ts';
import { printableText } from '../../ssh/sign-in-prompts.ts';
import { filesOfOutputs } from '../files-of-outputs.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { valuesByName } from '../run-scope.ts';
import { isUnchanged, listTree } from './copy-tree.ts';
import type { CollectItem, CollectResult } from './protocol.ts';
import type { StagingJob } from './stage-run.ts';

/** Of a larger file only the end is read: results stand there, and a log of gigabytes must not fill the memory. */
const READ_LIMIT = 128 * 1024 * 1024;

const OWN_FILES = new Set(RUN_FILES);

/** Reads a run's outputs and judges it by the success rules. */
export function collectRun(job: StagingJob, item: CollectItem): CollectResult {
  const { folder, plan } = job.open;
  const runDir = join(folder, JOB_FOLDER.runs, runFolderName(item.run));
  const texts = new Map<string, string | null>();
  const read = (file: string): string | null => {
    let text = texts.get(file);
    if (text === undefined) {
      text = readText(join(runDir, file));
      texts.set(file, text);
    }
    return text;
  };
  const explanation = item.explanation == null ? null : lastLine(read(item.explanation));
  const told =
    item.failure === null || explanation === null
      ? item.failure
      : { ...item.failure, message: `${item.failure.message}. ${explanation}` };
  const broken = told ?? checkSuccess(plan.spec.success, item.exitCode, read);
  const values = valuesByName(plan.variables, item.values);
  const extracted = extractOutputs(plan.spec.outputs, read, {
    values,
    run: item.run,
    exitCode: item.exitCode,
    wallSeconds: item.wallSeconds,
  });
  const failure = broken ?? extracted.failure;
  const columns: OutputColumn[] = extracted.defined.map(({ key, label, unit }) => ({
    name: key,
    unit,
    label,
    kind: typeof extracted.outputs[key] === 'string' ? 'text' : 'number',
  }));
  if (failure === null) prune(job, runDir);
  return { run: item.run, outputs: extracted.outputs, problems: extracted.problems, failure, columns };
}

function readText(path: string): string | null {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return null;
    const length = Math.min(stat.size, READ_LIMIT);
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const n = readSync(fd, buffer, filled, length - filled, stat.size - length + filled);
      if (n === 0) break;
      filled += n;
    }
    return buffer.toString('utf8', 0, filled);
  } finally {
    closeSync(fd);
  }
}

/** Longer lines are no sentences. */
const LONGEST_EXPLANATION = 500;

function lastLine(text: string | null): string | null {
  const line = text?.trimEnd().split('\n').at(-1) ?? '';
  return line === '' || line.length > LONGEST_EXPLANATION ? null : printableText(line);
}

/**
 * Leaves in the folder of a run that is done what comes back: the `keep` patterns, or by default everything that is new
 * or changed. Processed files and logs always stay.
 */
function prune(job: StagingJob, runDir: string): void {
  const { plan } = job.open;
  if (plan.storage != null) {
    // All that is kept is in the bucket; what outputs read stays here too, to be read again.
    const read = filesOfOutputs(plan);
    removeAllBut(job, runDir, (path) => read.has(path));
    return;
  }
  if (plan.spec.keep.length === 0) {
    for (const entry of job.inputs) {
      if (entry.kind === 'file' && isUnchanged(join(runDir, entry.path), entry)) rmSync(join(runDir, entry.path));
    }
    return;
  }
  removeAllBut(job, runDir, globMatcher(plan.spec.keep));
}

/** Removes the files of a run but for logs, processed files and those that `keeps` wants. */
function removeAllBut(job: StagingJob, runDir: string, keeps: (path: string) => boolean): void {
  const { plan } = job.open;
  const processed = new Set(plan.templates.map((t) => t.to));
  for (const entry of listTree(runDir)) {
    if (entry.kind === 'folder') continue;
    const top = entry.path.split('/')[0]!;
    if (OWN_FILES.has(top) || processed.has(entry.path)) continue;
    if (!keeps(entry.path)) rmSync(join(runDir, entry.path), { force: true });
  }
  removeEmptyFolders(runDir);
}

function removeEmptyFolders(runDir: string): void {
  const folders = listTree(runDir).filter((e) => e.kind === 'folder' && !e.path.startsWith('.slipway'));
  for (const { path } of folders.toReversed()) {
    try {
      rmdirSync(join(runDir, path));
    } catch {
      // Not empty: what is kept lies in it.
    }
  }
}
