import type { ErrorCode } from '../../../shared/errors.ts';
import { AppError } from '../../../shared/errors.ts';
import type { RemoteErrorKind } from '../ssh/remote-host.ts';
import { RemoteError } from '../ssh/remote-host.ts';

const CODES: Record<RemoteErrorKind, ErrorCode> = {
  unreachable: 'site/unreachable',
  'sign-in-needed': 'site/needs_sign_in',
  'sign-in-refused': 'site/refused',
  'host-key': 'site/host_key',
  lost: 'site/unreachable',
  timeout: 'site/unreachable',
  'too-large': 'site/refused',
  'no-shell': 'site/refused',
  cancelled: 'cancelled',
};

/** What a person is told of a failure on the way to a site: the message with what to do; other errors stay what they are. */
export function toAppError(error: unknown): unknown {
  if (!(error instanceof RemoteError)) return error;
  const message = error.hint === null ? error.message : `${error.message} ${error.hint}`;
  return new AppError(CODES[error.kind], message, {
    cause: error,
    retryable: error.kind === 'unreachable' || error.kind === 'lost',
  });
}

/** Runs something that talks to a site; its failures become errors for people. */
export async function toldToPeople<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toAppError(error);
  }
}

/** The same for a stream. */
export async function* streamToldToPeople<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    throw toAppError(error);
  }
}
