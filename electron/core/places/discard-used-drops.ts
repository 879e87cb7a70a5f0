import type { Transfer } from '../../../shared/contract/transfers.ts';
import type { Logger } from '../logging/logger.ts';
import type { DroppedFiles } from './dropped-files.ts';

export interface DropUsers {
  list(): readonly Pick<Transfer, 'id' | 'state' | 'from'>[];
  /** Calls the listener with the id of each transfer that changes. */
  onChange(listener: (id: string) => void): () => void;
}

/**
 * Removes dropped files once the transfer that brings them on has ended or is forgotten; one that can be tried again keeps them. At first it removes what an
 * earlier core has left. Returns the function that ends it.
 */
export function discardUsedDrops(drops: DroppedFiles, users: DropUsers, log: Logger): () => void {
  /** By transfer; null = it uses none. */
  const used = new Map<string, string | null>();
  const discard = (work: Promise<void>): void =>
    void work.catch((error: unknown) => log.warn({ err: error }, 'dropped files could not be removed'));
  const needed = new Set<string>();
  for (const transfer of users.list()) {
    const drop = dropOf(drops, transfer);
    used.set(transfer.id, drop);
    if (drop !== null && needs(transfer)) needed.add(drop);
  }
  discard(drops.sweep(needed));
  return users.onChange((id) => {
    // A moving transfer changes many times a second: most use no drop, and that does not change.
    if (used.get(id) === null) return;
    const transfer = users.list().find((one) => one.id === id);
    const drop = used.get(id) ?? (transfer === undefined ? null : dropOf(drops, transfer));
    if (transfer === undefined) used.delete(id);
    else used.set(id, drop);
    if (drop !== null && (transfer === undefined || !needs(transfer))) discard(drops.discard(drop));
  });
}

function needs({ state }: Pick<Transfer, 'state'>): boolean {
  return state !== 'done' && state !== 'cancelled';
}

function dropOf(drops: DroppedFiles, { from }: Pick<Transfer, 'from'>): string | null {
  for (const place of from) {
    const drop = place.kind === 'local' ? drops.dropOf(place.path) : null;
    if (drop !== null) return drop;
  }
  return null;
}
