/** Paths that a job spec may name: relative, with `/`, inside their folder. */
import { excerpt } from '../outputs/excerpt.ts';

export interface PathFlaw {
  /** Continues a sentence that begins with what the path is for. */
  readonly message: string;
  readonly hint: string | null;
}

/** What is wrong with a path, or null. `glob` allows patterns, and `!` in front. The file system is not looked at. */
export function pathProblem(path: string, glob: boolean): PathFlaw | null {
  const shown = `"${excerpt(path, 80)}"`;
  const plain = glob ? path.replace(/^!/, '') : path;
  if (plain.includes('\\') && !glob)
    return { message: `${shown} contains a backslash`, hint: 'Write folders with / on every system.' };
  if (/^[A-Za-z]:/.test(plain) || plain.startsWith('/') || plain.startsWith('\\') || plain.startsWith('~')) {
    return {
      message: `${shown} is not relative to the folder`,
      hint: 'Copy what is needed into the job folder and name it from there.',
    };
  }
  if (plain.split(/[\\/]/).includes('..'))
    return { message: `${shown} leaves the folder`, hint: 'Paths must not contain "..".' };
  if (/^(?:\.\/*)+$/.test(plain) && !glob)
    return { message: `${shown} is the folder itself`, hint: 'Name a file or a folder in it.' };
  if (plain.length > 1024) return { message: `${shown} is longer than 1024 characters`, hint: null };
  if (!glob && /[*?]/.test(plain))
    return { message: `${shown} is a pattern, but one file is meant`, hint: 'Name the file.' };
  return null;
}
