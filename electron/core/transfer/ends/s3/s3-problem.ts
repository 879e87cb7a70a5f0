import { isAppError } from '../../../../../shared/errors.ts';
import type { S3ErrorKind } from '../../../s3/s3-error.ts';
import { isS3Error } from '../../../s3/s3-error.ts';
import type { EndProblem } from '../far-end.ts';
import { EndError } from '../far-end.ts';

/** What a person can mend by signing in again is waited for: an upload goes on where it was. */
const KINDS: Readonly<Record<S3ErrorKind, EndProblem['kind']>> = {
  unreachable: 'transient',
  'slow-down': 'transient',
  damaged: 'transient',
  expired: 'transient',
  clock: 'transient',
  certificate: 'other',
  endpoint: 'other',
  keys: 'permission',
  denied: 'permission',
  region: 'other',
  'no-bucket': 'not-found',
  'no-key': 'not-found',
  'no-upload': 'transient',
  condition: 'changed',
  'no-room': 'space',
  'not-supported': 'other',
  cancelled: 'other',
  other: 'other',
};

/** A failure of a store in the words of a far end; whatever else went wrong stays what it is. */
export function asEndError(error: unknown): unknown {
  if (!isS3Error(error)) return error;
  // No keys from a profile: its sign-in has run out, or it is not there; both can be mended meanwhile.
  const kind = error.code?.endsWith('ProviderError') === true ? 'transient' : KINDS[error.kind];
  return new EndError({ kind, message: error.message, hint: error.hint }, { cause: error });
}

/** Does something with a bucket. @throws EndError; the signal's reason when it was cancelled */
export async function inEndWords<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    throw asEndError(error);
  }
}

/** The problem of one file among many. @throws EndError when all others would fare the same; errors that nobody foresaw */
export function problemOfOne(raw: unknown): EndProblem {
  const error = asEndError(raw);
  if (isAppError(error) || !(error instanceof EndError)) throw error;
  const { kind } = error.problem;
  // Rights may differ from prefix to prefix; keys that are wrong are wrong for all.
  const forAll = kind === 'transient' || kind === 'space' || isS3Error(raw, 'keys', 'no-bucket', 'certificate');
  if (forAll) throw error;
  return error.problem;
}
