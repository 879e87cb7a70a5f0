import { RemoteError } from '../../../ssh/remote-host.ts';
import type { RemoteErrorKind } from '../../../ssh/remote-host.ts';
import { SftpError } from '../../sftp/sftp-error.ts';
import type { SftpErrorKind } from '../../sftp/sftp-error.ts';
import type { EndProblem } from '../far-end.ts';
import { EndError } from '../far-end.ts';

const KINDS: Readonly<Record<SftpErrorKind, EndProblem['kind']>> = {
  'not-found': 'not-found',
  permission: 'permission',
  'no-space': 'space',
  'read-only': 'permission',
  eof: 'changed',
  unsupported: 'other',
  'bad-name': 'name',
  failed: 'other',
  protocol: 'other',
};

/** What may go away by itself, or when a person signs in again. */
const PASSING: ReadonlySet<RemoteErrorKind> = new Set(['unreachable', 'sign-in-needed', 'lost', 'timeout']);

/** A failure on a host in the words of a far end; null = it is none of these. */
export function problemOf(error: unknown): EndProblem | null {
  if (error instanceof EndError) return error.problem;
  if (error instanceof SftpError) return { kind: KINDS[error.kind], message: error.message, hint: error.hint };
  if (!(error instanceof RemoteError)) return null;
  return { kind: PASSING.has(error.kind) ? 'transient' : 'other', message: error.message, hint: error.hint };
}

/** The same as an error; whatever else went wrong stays what it is. */
export function asEndError(error: unknown): unknown {
  if (error instanceof EndError) return error;
  const problem = problemOf(error);
  return problem === null ? error : new EndError(problem, { cause: error });
}

/** Does something on a host. @throws EndError; the signal's reason when it was cancelled */
export async function inEndWords<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw asEndError(error);
  }
}

/** Whether a failure with one file would be the same for all others: the way there is broken, or there is no room. */
export function concernsAll(error: unknown): boolean {
  const problem = problemOf(error);
  return problem === null || error instanceof RemoteError || problem.kind === 'transient' || problem.kind === 'space';
}

/** The problem of one file among many. @throws EndError when it concerns all of them; any error that is none of the host's */
export function problemOfOne(error: unknown): EndProblem {
  const problem = problemOf(error);
  if (problem === null || concernsAll(error)) throw asEndError(error);
  return problem;
}

/** A file is not any more what it was when it was listed. */
export function changedProblem(path: string, why: string): EndProblem {
  return { kind: 'changed', message: `${path} has changed on the way: ${why}.`, hint: 'Try it again.' };
}

/** The same as an error. */
export function changedError(path: string, why: string): EndError {
  return new EndError(changedProblem(path, why));
}
