import { createHash } from 'node:crypto';
import { posix } from 'node:path';

/** Folders in a target root whose names begin so hold what is not yet published. */
export const ASIDE_PREFIX = '.slipway-part-';
/** Of a transfer's own name, so that nothing in it means anything to a file system or shell. */
const PLAIN_ID = /^[A-Za-z0-9_-]{1,64}$/;
const NAME_LENGTH = 24;

/** Where a transfer keeps what is not yet published: in the root itself, so that it gets its name by a rename, whatever file system the root is on. */
export function asideFolder(root: string, transfer: string): string {
  const id = PLAIN_ID.test(transfer) ? transfer : hashOf(transfer);
  return posix.join(root, `${ASIDE_PREFIX}${id}`);
}

/**
 * The name of a file while it lies aside. It follows from the path that the file will have, so a later session finds it again; and it is short and plain, whatever
 * that path is.
 */
export function asideName(path: string): string {
  return hashOf(path);
}

function hashOf(text: string): string {
  // Lone surrogates stand for bytes and must not become the same.
  return createHash('sha256').update(text, 'utf16le').digest('hex').slice(0, NAME_LENGTH);
}
