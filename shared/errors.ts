/** Every error code that can cross a wire, grouped by area. Closed: the app maps each to words and an action. */
export const ERROR_CODES = [
  'cancelled',
  'internal',
  'bad_input',
  'not_found',
  'disconnected',
  'unauthorized',
  'unserializable',
  'not_supported',
  'jobs/check_failed',
  'jobs/not_finished',
  'jobs/ambiguous',
  'files/not_found',
  'files/denied',
  'files/exists',
  'files/no_space',
  'profile/in_use',
  'profile/newer',
  'profile/damaged',
  'site/refused',
  'site/unreachable',
  'site/needs_sign_in',
  'site/host_key',
  'site/exists',
  'site/busy',
  'secrets/locked',
  'secrets/wrong_passphrase',
  'secrets/unavailable',
  'secrets/damaged',
  'keys/exists',
  'keys/cannot_open',
  'keys/in_use',
  'keys/wrong_phrase',
  'bucket/refused',
  'bucket/unreachable',
  'bucket/unsafe',
  'bucket/exists',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** The form of an error on every wire. `ref` links to the log line that holds stack and cause. */
export interface WireError {
  readonly code: ErrorCode;
  /** A sentence that an engineer can act on. */
  readonly message: string;
  readonly details: unknown;
  /** True when the same call may succeed later without a change. */
  readonly retryable: boolean;
  readonly ref: string | null;
}

const MARK = Symbol.for('slipway.app-error');

/** An expected failure with a code. Recognised by a symbol, not by `instanceof`, so that it works across bundles. */
export class AppError extends Error {
  readonly [MARK] = true;
  readonly code: ErrorCode;
  readonly details: unknown;
  readonly retryable: boolean;
  readonly ref: string | null;

  constructor(
    code: ErrorCode,
    message: string,
    options: { details?: unknown; retryable?: boolean; cause?: unknown; ref?: string | null } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? null;
    this.retryable = options.retryable ?? false;
    this.ref = options.ref ?? null;
  }
}

export function isAppError(error: unknown): error is AppError {
  return typeof error === 'object' && error !== null && MARK in error;
}

export function cancelled(message = 'cancelled'): AppError {
  return new AppError('cancelled', message);
}
