import type { WireError } from '../errors.ts';
import { AppError, isAppError } from '../errors.ts';

/** Takes stack and cause of an error; the person sees only `ref`. */
export type ErrorLog = (entry: { readonly ref: string; readonly procedure: string; readonly error: unknown }) => void;

function newRef(): string {
  return Math.random().toString(36).slice(2, 10).padEnd(8, '0');
}

/** An AppError keeps its fields; anything else becomes `internal`. What holds more than the wire shows goes to `log` under a ref. */
export function toWire(error: unknown, procedure: string, log: ErrorLog): WireError {
  const known = isAppError(error);
  let ref = known ? error.ref : null;
  if (ref === null && (!known || error.cause !== undefined)) {
    ref = newRef();
    log({ ref, procedure, error });
  }
  if (known)
    return { code: error.code, message: error.message, details: error.details, retryable: error.retryable, ref };
  const message = `${procedure} failed in a way Slipway did not expect. The log has the details under ${ref ?? ''}.`;
  return { code: 'internal', message, details: null, retryable: false, ref };
}

/** The error as it is thrown on the calling side. */
export function fromWire(error: WireError): AppError {
  return new AppError(error.code, error.message, error);
}

/** For everything that was open when the wire closed, and for calls without a wire. */
export function disconnected(message = 'The connection to the core is closed.'): AppError {
  return new AppError('disconnected', message, { retryable: true });
}
