import { constants } from 'node:fs';
import { chmod, copyFile, cp, mkdir, readdir, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { archiveKindByName } from '../archives/archive-kind.ts';
import { unpackArchive } from '../archives/unpack.ts';
import type { CheckedInput } from './check/check-inputs.ts';
import { LINK_ABOVE_BYTES } from './run-worker/copy-tree.ts';

async function copyOne(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const { mtime, mode, size } = await stat(from);
  // Runs get hard links to large files: read-only, so that one run cannot change another's input.
  await chmod(to, size > LINK_ABOVE_BYTES ? mode & 0o555 : mode & 0o777);
  await utimes(to, mtime, mtime);
}

/** Copies the shared inputs of a job into `target` as they are now; archives are unpacked at its top. */
export async function freezeInputs(folder: string, inputs: readonly CheckedInput[], target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const input of inputs) {
    const from = join(folder, input.path);
    if (input.archive !== null) await unpackArchive(from, input.archive, target, input.path);
    else if (input.kind === 'folder') {
      await cp(from, join(target, input.path), {
        recursive: true,
        mode: constants.COPYFILE_FICLONE,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    } else await copyOne(from, join(target, input.path));
  }
}

/** Lays out what one value of a choice (`hsdi.zip`) brings: an unpacked archive, a file under its name, or a folder's content. */
export async function freezeChoice(folder: string, path: string, unpack: boolean, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const from = join(folder, path);
  const kind = unpack ? archiveKindByName(path) : null;
  if (kind !== null) {
    await unpackArchive(from, kind, target, path);
  } else if ((await stat(from)).isDirectory()) {
    for (const name of await readdir(from)) {
      await cp(join(from, name), join(target, name), {
        recursive: true,
        preserveTimestamps: true,
        verbatimSymlinks: true,
      });
    }
  } else await copyOne(from, join(target, basename(path)));
}
