import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileEntry } from '../../../../shared/contract/common.ts';
import type { JobSpec } from '../../../../shared/domain/job-spec/job-spec.ts';
import { isChoice } from '../../../../shared/domain/job-spec/placeholders.ts';
import type { Problem } from '../../../../shared/domain/problem.ts';
import { problem } from '../../../../shared/domain/problem.ts';
import { isBucketUrl } from '../../../../shared/domain/storage/bucket-keys.ts';
import { RUN_FILES } from '../../../../shared/domain/run-files.ts';
import { suggest } from '../../../../shared/domain/suggest.ts';
import type { ArchiveKind } from '../../archives/archive-kind.ts';
import { exactGlob, isGlob } from '../../files/globs.ts';
import { zipFlaw } from '../../archives/unpack.ts';
import { archiveKindByName, looksLikeArchive } from '../../archives/archive-kind.ts';

/** A file or folder that every run gets. */
export interface CheckedInput {
  readonly path: string;
  readonly kind: 'file' | 'folder';
  /** Unpacked instead of copied. */
  readonly archive: ArchiveKind | null;
}

/** Inputs that a run's values choose: the pattern, and each path that some run makes of it. */
export interface CheckedChoice {
  readonly pattern: string;
  readonly unpack: boolean;
}

/**
 * Resolves `inputs:` against the files that are there. `INP01` not there, `INP02` a glob that matches nothing,
 * `INP03` an archive that is none, `INP06` a name that runs use themselves,
 * `INP07` a zip archive that is damaged, leads out of its folder, or would fill the disk.
 */
export async function checkInputs(
  folder: string,
  spec: JobSpec,
  files: readonly FileEntry[],
): Promise<{ inputs: CheckedInput[]; problems: Problem[] }> {
  const problems: Problem[] = [];
  const found = new Map<string, CheckedInput>();
  const names = files.map((f) => f.path);
  const taken = new Set(spec.doe?.templates.map((t) => t.from));
  for (const [i, input] of spec.inputs.entries()) {
    if (isChoice(input) || isBucketUrl(input.path)) continue;
    const field = `/inputs/${i}`;
    const path = input.path.replace(/^\.\//, '').replace(/\/+$/, '');
    const glob = isGlob(path);
    const matches = glob ? globMatches(path, files, taken) : await namedMatch(folder, path);
    if (matches.length === 0) {
      const near = glob ? null : suggest(path, names);
      problems.push(
        problem(
          glob ? 'INP02' : 'INP01',
          'error',
          glob ? `No file matches ${path}.` : `The input ${path} is not in the job folder.`,
          {
            file: 'slipway.yaml',
            field,
            hint: near === null ? 'Copy the file into the job folder, or correct its name.' : `Did you mean ${near}?`,
          },
        ),
      );
    }
    for (const match of matches) {
      const top = match.path.split('/')[0]!;
      if (RUN_FILES.includes(top)) {
        problems.push(
          problem(
            'INP06',
            'error',
            `The input ${match.path} has a name that Slipway uses itself in every run folder.`,
            {
              file: 'slipway.yaml',
              field,
              hint: 'Rename it.',
            },
          ),
        );
      }
      const kind = input.unpack && match.kind === 'file' ? archiveKindByName(match.path) : null;
      if (kind !== null && !(await looksLikeArchive(join(folder, match.path), kind))) {
        problems.push(
          problem(
            'INP03',
            'error',
            `The input ${match.path} is named like a ${kind} archive, but its content is none.`,
            {
              file: match.path,
              field,
              hint:
                'Replace the file, or write {path: ' + match.path + ', unpack: false} to give it to the runs as it is.',
            },
          ),
        );
      }
      const flaw =
        kind === 'zip' && (await looksLikeArchive(join(folder, match.path), kind))
          ? await zipFlaw(join(folder, match.path))
          : null;
      if (flaw !== null) {
        problems.push(
          problem('INP07', 'error', `The archive ${match.path} is refused: ${flaw}.`, {
            file: match.path,
            field,
            hint: 'It is damaged or hostile. Make it anew from the files that the runs need.',
          }),
        );
      }
      found.set(match.path, { ...match, archive: kind });
    }
  }
  return { inputs: [...found.values()], problems };
}

function globMatches(
  glob: string,
  files: readonly FileEntry[],
  templates: ReadonlySet<string>,
): Omit<CheckedInput, 'archive'>[] {
  const matches = exactGlob(glob);
  return files
    .filter((f) => f.kind === 'file' && matches(f.path) && f.path !== 'slipway.yaml' && !templates.has(f.path))
    .map((f) => ({ path: f.path, kind: 'file' as const }));
}

async function namedMatch(folder: string, path: string): Promise<Omit<CheckedInput, 'archive'>[]> {
  const found = await stat(join(folder, path)).catch(() => null);
  if (found === null) return [];
  return [{ path, kind: found.isDirectory() ? 'folder' : 'file' }];
}
