import { isAppError } from '../../../shared/errors.ts';

/** What a person reads of an error. */
export interface ErrorWords {
  readonly message: string;
  /** The mark of the log line that holds the details; null when nothing was logged. */
  readonly ref: string | null;
}

/** The sentence of an error, whatever it is. */
export function errorWords(error: unknown): ErrorWords {
  if (isAppError(error)) return { message: error.message, ref: error.ref };
  return { message: error instanceof Error ? error.message : String(error), ref: null };
}
