import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { TransferRequest } from '../../../../shared/contract/transfers.ts';
import type { Place } from '../../../../shared/domain/transfer/place.ts';
import { ownerOf } from '../../../../shared/domain/transfer/place-path.ts';
import { AppError } from '../../../../shared/errors.ts';
import { isInside } from '../../files/safe-path.ts';
import type { TransferRow } from '../../storage/transfer-store.ts';

/**
 * Which way a request goes. @throws AppError `bad_input` when neither side is this workstation, the sources are not of one place, or a folder would be put into
 * itself
 */
export function directionOf({ from, to }: Pick<TransferRequest, 'from' | 'to'>): TransferRow['direction'] {
  const [first] = from;
  if (new Set(from.map(ownerOf)).size > 1)
    throw new AppError('bad_input', 'The sources must all be of one site, one bucket, or this workstation.');
  if (first!.kind === 'local') {
    if (to.kind !== 'local') return 'up';
    for (const place of from) refuseIntoItself(place, to);
    return 'local';
  }
  if (to.kind === 'local') return 'down';
  throw new AppError('bad_input', 'One side must be this workstation: get it here first, then put it there.');
}

/** A folder that is copied into itself would hold its own copy, and one that is kept in step with itself would never end. */
function refuseIntoItself(source: Place, to: Place & { readonly kind: 'local' }): void {
  if (source.kind !== 'local') return;
  if (isInside(resolve(homedir(), source.path), resolve(homedir(), to.path)))
    throw new AppError('bad_input', `${source.path} cannot be put into itself. Choose a folder that is not in it.`);
}
