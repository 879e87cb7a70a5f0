import { isAppError } from '../../../../shared/errors.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import { EndError } from '../ends/far-end.ts';

/** What a failure of everything means for a transfer: it goes on by itself later, or it has ended. */
export interface RunFailure {
  readonly goesOn: boolean;
  readonly message: string;
  readonly hint: string | null;
  /** Nobody foresaw it: the log has more. */
  readonly isUnforeseen: boolean;
}

/** Reads what was thrown out of a transfer. */
export function runFailureOf(error: unknown): RunFailure {
  if (error instanceof RemoteError) {
    const goesOn = error.kind !== 'too-large' && error.kind !== 'no-shell';
    return { goesOn, message: error.message, hint: error.hint, isUnforeseen: false };
  }
  if (error instanceof EndError) {
    const { kind, message, hint } = error.problem;
    return { goesOn: kind === 'transient' || kind === 'space', message, hint, isUnforeseen: false };
  }
  if (isAppError(error)) return { goesOn: error.retryable, message: error.message, hint: null, isUnforeseen: false };
  return { goesOn: false, message: (error as Error).message, hint: null, isUnforeseen: true };
}
