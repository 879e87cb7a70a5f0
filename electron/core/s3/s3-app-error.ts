import type { ErrorCode } from '../../../shared/errors.ts';
import { AppError } from '../../../shared/errors.ts';
import type { S3ErrorKind } from './s3-error.ts';
import { isS3Error } from './s3-error.ts';

const CODES: Record<S3ErrorKind, ErrorCode> = {
  unreachable: 'bucket/unreachable',
  certificate: 'bucket/unreachable',
  endpoint: 'bucket/unreachable',
  'slow-down': 'bucket/unreachable',
  keys: 'bucket/refused',
  expired: 'bucket/refused',
  denied: 'bucket/refused',
  clock: 'bucket/refused',
  region: 'bucket/refused',
  'no-bucket': 'bucket/refused',
  'not-supported': 'bucket/refused',
  other: 'bucket/refused',
  'no-key': 'files/not_found',
  'no-upload': 'files/not_found',
  condition: 'files/exists',
  'no-room': 'files/no_space',
  damaged: 'bucket/unsafe',
  cancelled: 'cancelled',
};

/** What a person is told of a store's failure: the message with what to do; other errors stay what they are. */
export function bucketAppError(error: unknown): unknown {
  if (!isS3Error(error)) return error;
  const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
  return new AppError(CODES[error.kind], message, { cause: error, retryable: error.transient });
}
