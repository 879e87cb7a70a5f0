import type { EndProblem } from '../far-end.ts';

/** S3's limit of a key, in bytes of UTF-8. */
const LONGEST_KEY = 1024;

/** A path as a key: without slashes around it. The top of a bucket is empty. */
export function keyOf(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

export function below(root: string, path: string): string {
  return root === '' ? path : path === '' ? root : `${root}/${path}`;
}

/** The prefix of all that is in a folder. */
export function folderPrefix(key: string): string {
  return key === '' ? '' : `${key}/`;
}

/** Why no object can have this key; null = one can. */
export function keyProblem(key: string): EndProblem | null {
  const bytes = new TextEncoder().encode(key).length;
  if (bytes <= LONGEST_KEY) return null;
  const message = `The path has ${bytes} bytes; a bucket takes ${LONGEST_KEY} at most.`;
  return { kind: 'name', message, hint: 'Shorten the names of its folders.' };
}
