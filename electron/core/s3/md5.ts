import { createHash } from 'node:crypto';

export function md5Of(bytes: Uint8Array): Buffer {
  return createHash('md5').update(bytes).digest();
}

/** The ETag of an object in parts, as stores make it: the MD5 of the parts' MD5s, and how many there are. */
export function etagOfParts(md5s: readonly Uint8Array[]): string {
  return `${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-${md5s.length}`;
}
