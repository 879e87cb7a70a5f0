import { randomBytes } from 'node:crypto';

/** Letters and digits that cannot be mistaken for one another (Crockford base 32). */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new id such as `k7f3qa2m`: short enough to type, random so that a short prefix is nearly always unique. Never begins with `-`. */
export function newId(length = 8): string {
  return [...randomBytes(length)].map((byte) => ALPHABET[byte % 32]!).join('');
}
