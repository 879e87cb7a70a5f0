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

/**
 * The problem of one file among many: what concerns the whole way is thrown instead, because it would be the same for all others.
 * @throws EndError `transient` or `space`, any error that is none of the host's
 */
export function problemOfOne(error: unknown): EndProblem {
  const problem = problemOf(error);
  if (problem === null || error instanceof RemoteError || problem.kind === 'transient' || problem.kind === 'space')
    throw asEndError(error);
  return problem;
}
