import { RemoteError } from '../../ssh/remote-host.ts';
import { EndError } from '../ends/far-end.ts';

/** Whether an error is one of the way or the target, not of a file: nothing else would fare better now. Errors that nobody foresaw count as such. */
export function isForAll(error: unknown): boolean {
  if (error instanceof RemoteError || !(error instanceof EndError)) return true;
  const { kind } = error.problem;
  return kind === 'space' || kind === 'transient';
}
