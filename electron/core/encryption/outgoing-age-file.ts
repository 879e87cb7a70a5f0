import type { OutgoingFile } from '../transfer/ends/far-end.ts';
import type { NewAgeFile } from './age-header.ts';
import { AgeWriter } from './age-writer.ts';
import type { CipherPool } from './cipher-pool.ts';

/** What encrypted files are called: their name and this. */
export const AGE_SUFFIX = '.age';

/**
 * A file of this workstation that is encrypted while it is sent: what the far end sees is an age file. It is encrypted by ranges, so a piece can be made again
 * after a restart with the same header and nonce, as long as the file is the same: `plain.read` refuses one that has changed, and a changed one is
 * begun anew with another `age`.
 */
export function outgoingAgeFile(plain: OutgoingFile, age: NewAgeFile, pool: CipherPool): OutgoingFile {
  const writer = new AgeWriter(age, plain, pool);
  return {
    path: `${plain.path}${AGE_SUFFIX}`,
    size: writer.size,
    modifiedAt: plain.modifiedAt,
    mode: plain.mode,
    read: (offset, length) => writer.read(offset, length),
    close: () => plain.close(),
  };
}
