import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Takes a few milliseconds to hash: in between others have their turn. */
const STEP = 4 * 2 ** 20;

/** MD5 and, where it is asked for, SHA-256 of bytes in memory. */
export async function hashInSteps(
  bytes: Uint8Array,
  options: { readonly sha256: boolean },
): Promise<{ readonly md5: Buffer; readonly sha256: string | null }> {
  const md5 = createHash('md5');
  const sha256 = options.sha256 ? createHash('sha256') : null;
  for (let at = 0; at < bytes.length; at += STEP) {
    if (at > 0) await nextTurn();
    const step = bytes.subarray(at, at + STEP);
    md5.update(step);
    sha256?.update(step);
  }
  return { md5: md5.digest(), sha256: sha256?.digest('hex') ?? null };
}
