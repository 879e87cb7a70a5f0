import { AppError } from '../../../shared/errors.ts';
import { AgeError } from '../encryption/age-error.ts';
import { AgeReader } from '../encryption/age-reader.ts';
import type { SealedSource } from '../encryption/age-reader.ts';
import type { CipherPool } from '../encryption/cipher-pool.ts';

/** Keys of projects, as far as a look into an encrypted file needs them. */
export interface PreviewKeys {
  /** Secret halves of all project keys that this device can open; asks a person where the vault is locked. @throws AppError `secrets/…` */
  allIdentities(): Promise<string[]>;
}

export interface ReadSealedDeps {
  readonly keys: PreviewKeys;
  readonly pool: CipherPool;
}

const AGE_BEGINS = Buffer.from('age-encryption.org/v1\n');

/**
 * Opens the content of an age file in memory; nothing of it reaches a disk.
 * @param name of the file, for messages
 * @throws AppError `bad_input` when it is none or is damaged, `keys/cannot_open` when no key of this device opens it, `secrets/…`
 */
export async function openSealed(deps: ReadSealedDeps, source: SealedSource, name: string): Promise<SealedSource> {
  // Nobody is asked for a passphrase in vain.
  const start = await source.read(0, AGE_BEGINS.length);
  if (!AGE_BEGINS.equals(start))
    throw new AppError('bad_input', `${name} is called like an encrypted file, and is none.`);
  const identities = await deps.keys.allIdentities();
  if (identities.length === 0)
    throw new AppError(
      'keys/cannot_open',
      `${name} is encrypted, and this device has no project key. Recover the key with its phrase, or take it from a colleague: see Keys.`,
    );
  try {
    const reader = await AgeReader.open(source, identities, deps.pool);
    return { size: reader.size, read: (offset, length) => inWords(name, () => reader.read(offset, length)) };
  } catch (error) {
    throw wordsOf(name, error);
  }
}

async function inWords<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw wordsOf(name, error);
  }
}

function wordsOf(name: string, error: unknown): unknown {
  if (!(error instanceof AgeError)) return error;
  if (error.kind === 'no-key')
    return new AppError(
      'keys/cannot_open',
      `${name} is encrypted, and no key of this device opens it. Recover the key with its phrase, or take it from a colleague: see Keys.`,
      { cause: error },
    );
  return new AppError('bad_input', `${name} cannot be decrypted. ${error.message}`, { cause: error });
}
