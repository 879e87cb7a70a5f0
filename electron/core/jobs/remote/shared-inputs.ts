import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { JobFile } from '../../transfer/engine/job-moves.ts';
import { lookAtLocal } from '../../transfer/local/walk-local.ts';
import type { LocalEntry } from '../../transfer/tar-pack.ts';
import { JOB_FOLDER } from '../job-folder.ts';
import { listTree } from '../run-worker/copy-tree.ts';
import type { TreeEntry } from '../run-worker/copy-tree.ts';

/** From here on inputs are linked into run folders instead of copied, as ten thousand copies of a mesh would fill a quota, and the engine brings them, as it finds what a host has already. */
const LARGE_BYTES = 1024 * 1024;

/** What all runs of a job share, as it lies in the job's folder. */
export interface SharedInputs {
  /** Small ones with their folders, below `inputs` and `choices/N`, for a bundle. */
  readonly small: readonly LocalEntry[];
  /** Below the same folders, read-only: runs share them by links. */
  readonly large: readonly JobFile[];
}

/** Lists the frozen inputs and choices of a job, without what its templates make. @throws NodeJS.ErrnoException */
export async function sharedInputs(jobFolder: string, made: ReadonlySet<string>): Promise<SharedInputs> {
  const small: LocalEntry[] = [];
  const large: JobFile[] = [];
  const take = async (below: string): Promise<void> => {
    const root = join(jobFolder, below);
    small.push({ kind: 'folder', path: below, mode: 0o755, modifiedAt: Date.now() });
    for (const entry of listTree(root)) {
      if (entry.kind !== 'folder' && made.has(entry.path)) continue;
      const path = `${below}/${entry.path}`;
      if (entry.kind === 'file' && entry.size >= LARGE_BYTES) large.push(await largeFile(jobFolder, path));
      else small.push(smallEntry(join(root, entry.path), path, entry));
    }
  };
  await take(JOB_FOLDER.inputs);
  const choices = join(jobFolder, JOB_FOLDER.choices);
  if (lstatSync(choices, { throwIfNoEntry: false }) === undefined) return { small, large };
  small.push({ kind: 'folder', path: JOB_FOLDER.choices, mode: 0o755, modifiedAt: Date.now() });
  for (const name of new Set(listTree(choices).map(({ path }) => path.split('/')[0]!)))
    await take(`${JOB_FOLDER.choices}/${name}`);
  return { small, large };
}

async function largeFile(jobFolder: string, path: string): Promise<JobFile> {
  const { size, modifiedAt, mode, mark } = (await lookAtLocal(join(jobFolder, path), path))!;
  // Read-only, so that a run does not change the others' by mistake.
  return { path, size, modifiedAt, mode: mode & 0o555, mark };
}

function smallEntry(source: string, path: string, { kind, size, modifiedAt }: TreeEntry): LocalEntry {
  switch (kind) {
    case 'folder':
      return { kind: 'folder', path, mode: 0o755, modifiedAt };
    case 'link':
      return { kind: 'local-link', path, source, modifiedAt };
    case 'file':
      return { kind: 'local-file', path, source, size, modifiedAt, mode: statSync(source).mode & 0o777 };
  }
}
