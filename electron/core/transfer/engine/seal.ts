import { ageSize } from '../../encryption/age-layout.ts';
import type { NewAgeFile } from '../../encryption/age-header.ts';
import { createAgeFile, openAgeHeader } from '../../encryption/age-header.ts';
import { AgeError } from '../../encryption/age-error.ts';
import type { AgeRecipient } from '../../encryption/age-recipients.ts';
import type { CipherPool } from '../../encryption/cipher-pool.ts';
import { decryptFile } from '../../encryption/decrypt-file.ts';
import { AGE_SUFFIX, outgoingAgeFile } from '../../encryption/outgoing-age-file.ts';
import { EndError } from '../ends/far-end.ts';
import type { OutgoingFile } from '../ends/far-end.ts';

/** Keys of projects, as far as transfers need them. */
export interface SealKeys {
  /** @throws AppError `not_found` */
  recipientOf(name: string): AgeRecipient;
  /** Secret halves; may have to ask a person. @throws AppError `keys/…`, `secrets/…` */
  identitiesOf(name: string): Promise<string[]>;
}

/** Encrypts what a transfer sends to a project key, and decrypts what it fetches. */
export class Seal {
  readonly #keys: SealKeys;
  readonly #name: string;
  readonly #pool: CipherPool;
  readonly #recipient: AgeRecipient;
  readonly #headerBytes: number;
  #identities: Promise<string[]> | null = null;

  /** @throws AppError `not_found` when there is no such key */
  constructor(keys: SealKeys, name: string, pool: CipherPool) {
    this.#keys = keys;
    this.#name = name;
    this.#pool = pool;
    this.#recipient = keys.recipientOf(name);
    this.#headerBytes = createAgeFile([this.#recipient]).header.length;
  }

  /** Whether a file of the far side is taken for an encrypted one. */
  static isSealed(path: string): boolean {
    return path.endsWith(AGE_SUFFIX);
  }

  static sealedPath(path: string): string {
    return `${path}${AGE_SUFFIX}`;
  }

  static plainPath(path: string): string {
    return Seal.isSealed(path) ? path.slice(0, -AGE_SUFFIX.length) : path;
  }

  /** Bytes that a content becomes when this key encrypts it. */
  sealedSize(plainSize: number): number {
    return ageSize(plainSize, this.#headerBytes);
  }

  /** A new envelope for one content; never for another. */
  newEnvelope(): NewAgeFile {
    return createAgeFile([this.#recipient]);
  }

  /** The file as it travels in an envelope. Its path must be the plain one. */
  seal(plain: OutgoingFile, envelope: NewAgeFile): OutgoingFile {
    return outgoingAgeFile(plain, envelope, this.#pool);
  }

  /** What the journal keeps of an envelope: no secret of it. */
  static envelopeText({ header, nonce }: NewAgeFile): string {
    return `${header.toString('base64')}.${nonce.toString('base64')}`;
  }

  /** The envelope of a journal's text, so that the same ciphertext can be made again; null when its key cannot be opened here. */
  async envelopeOf(text: string): Promise<NewAgeFile | null> {
    const [header, nonce] = text.split('.').map((part) => Buffer.from(part, 'base64'));
    if (header === undefined || nonce === undefined) return null;
    try {
      return { header, nonce, fileKey: await openAgeHeader(header, await this.#open()) };
    } catch {
      return null;
    }
  }

  /** Decrypts a file of this workstation into a new one. Fails closed: with the slightest doubt there is no new file. @throws EndError, and what opening the key throws */
  async unseal(from: string, to: string, path: string, signal: AbortSignal): Promise<number> {
    try {
      const { size } = await decryptFile({ from, to, identities: await this.#open(), pool: this.#pool, signal });
      return size;
    } catch (error) {
      if (!(error instanceof AgeError)) throw error;
      const hint = error.kind === 'no-key' ? `Is "${this.#name}" the key that it was encrypted to?` : null;
      throw new EndError({ kind: 'other', message: `${path} cannot be decrypted. ${error.message}`, hint });
    }
  }

  #open(): Promise<string[]> {
    this.#identities ??= this.#keys.identitiesOf(this.#name).catch((error: unknown) => {
      this.#identities = null;
      throw error;
    });
    return this.#identities;
  }
}
