import { isAbsolute, join, relative, sep } from 'node:path';
import { realpath } from 'node:fs/promises';
import { AppError } from '../../../shared/errors.ts';

/** A relative path from outside, joined to its folder. @throws AppError `bad_input` when it would leave the folder by its words. */
export function pathInside(folder: string, path: string): string {
  const joined = join(folder, path);
  if (isAbsolute(path) || path.includes('\0') || !isInside(folder, joined)) {
    throw new AppError('bad_input', `"${path}" is not a path inside the folder.`);
  }
  return joined;
}

/** Like `pathInside`, and links are followed: what they point to must lie in the folder as well. The file must exist. */
export async function realPathInside(folder: string, path: string): Promise<string> {
  const joined = pathInside(folder, path);
  const [realFolder, real] = await Promise.all([realpath(folder), realpath(joined)]);
  if (!isInside(realFolder, real)) throw new AppError('bad_input', `"${path}" is a link that leads out of the folder.`);
  return real;
}

/** Whether an absolute path is a folder, or lies below it. */
export function isInside(folder: string, path: string): boolean {
  const rest = relative(folder, path);
  return rest === '' || (rest !== '..' && !rest.startsWith(`..${sep}`) && !isAbsolute(rest));
}
