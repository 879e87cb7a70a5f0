import { EndError } from '../ends/far-end.ts';
import type { EndProblem } from '../ends/far-end.ts';

const WORDS: Readonly<
  Record<string, { readonly kind: EndProblem['kind']; readonly says: string; readonly hint: string | null }>
> = {
  ENOENT: { kind: 'not-found', says: 'is not there', hint: null },
  ENOTDIR: { kind: 'not-found', says: 'lies below something that is no folder', hint: null },
  EACCES: { kind: 'permission', says: 'may not be opened by this account', hint: 'Change its permissions.' },
  EPERM: { kind: 'permission', says: 'may not be changed by this account', hint: 'Change its permissions.' },
  EROFS: { kind: 'permission', says: 'lies on a read-only file system', hint: 'Choose another folder.' },
  ENOSPC: { kind: 'space', says: 'does not fit: the disk is full', hint: 'Make room on the disk.' },
  EDQUOT: { kind: 'space', says: 'does not fit: the quota is used up', hint: 'Remove files, or ask for more quota.' },
  EFBIG: { kind: 'space', says: 'is larger than its file system takes', hint: 'Choose another file system.' },
  EEXIST: { kind: 'exists', says: 'is there already', hint: null },
  ENOTEMPTY: { kind: 'exists', says: 'is a folder that is not empty', hint: null },
  EISDIR: { kind: 'exists', says: 'is a folder', hint: 'Rename one of the two.' },
  ELOOP: { kind: 'name', says: 'is a link, or lies below one', hint: null },
  ENAMETOOLONG: { kind: 'name', says: 'has a longer name than the file system takes', hint: 'Shorten it.' },
  EINVAL: { kind: 'name', says: 'has a name that the file system does not take', hint: 'Rename it.' },
  EILSEQ: { kind: 'name', says: 'has a name that the file system does not take', hint: 'Rename it.' },
  EIO: { kind: 'transient', says: 'cannot be reached: the disk reports an error', hint: null },
  ESTALE: { kind: 'transient', says: 'cannot be reached: the network drive has lost it', hint: null },
  EBUSY: { kind: 'transient', says: 'is in use', hint: null },
  ETIMEDOUT: { kind: 'transient', says: 'cannot be reached in time', hint: null },
  EHOSTDOWN: { kind: 'transient', says: 'cannot be reached: the network drive does not answer', hint: null },
  EMFILE: { kind: 'transient', says: 'cannot be opened: too many files are open', hint: null },
};

/** What a failed call on a file of this workstation means. Errors that are `EndError`s already stay what they are. */
export function localProblem(path: string, error: unknown): EndProblem {
  if (error instanceof EndError) return error.problem;
  const { code, message } = error as NodeJS.ErrnoException;
  const words = WORDS[code ?? ''];
  if (words === undefined) return { kind: 'other', message: `${path}: ${code ?? message}.`, hint: null };
  return { kind: words.kind, message: `${path} ${words.says} (${code}).`, hint: words.hint };
}

/** The same as an error to throw; the system's own error is its cause. */
export function localError(path: string, error: unknown): EndError {
  return error instanceof EndError ? error : new EndError(localProblem(path, error), { cause: error });
}

/** Awaits a call on a file; its failure is told as a problem of that path. @throws EndError */
export async function onLocal<T>(path: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw localError(path, error);
  }
}
