import type { ErrorCode } from '../../../shared/errors.ts';
import { AppError } from '../../../shared/errors.ts';
import { bucketAppError } from '../s3/s3-app-error.ts';
import { isS3Error } from '../s3/s3-error.ts';
import { toAppError } from '../sites/remote-errors.ts';
import { RemoteError } from '../ssh/remote-host.ts';
import type { EndProblem } from '../transfer/ends/far-end.ts';
import { EndError } from '../transfer/ends/far-end.ts';

const CODES: Record<EndProblem['kind'], ErrorCode> = {
  space: 'files/no_space',
  permission: 'files/denied',
  'not-found': 'files/not_found',
  exists: 'files/exists',
  name: 'bad_input',
  changed: 'bad_input',
  corrupt: 'internal',
  transient: 'site/unreachable',
  other: 'bad_input',
};

/** What a person is told of a failure at a far end: what happened, with what to do. Other errors stay what they are. */
export function endToAppError(error: unknown): unknown {
  if (!(error instanceof EndError)) return toAppError(error);
  if (isS3Error(error.cause)) return bucketAppError(error.cause);
  // What is wrong with the way to a host is told as everywhere: a person may have to sign in.
  if (error.cause instanceof RemoteError) return toAppError(error.cause);
  const { kind, message, hint } = error.problem;
  return new AppError(CODES[kind], hint === null ? message : `${message} ${hint}`, {
    cause: error,
    retryable: kind === 'transient',
  });
}
