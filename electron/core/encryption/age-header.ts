import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import type { Identity, Stanza } from 'age-encryption';
import { Decrypter } from 'age-encryption';
import { AgeError } from './age-error.ts';
import { FILE_KEY_BYTES, NONCE_BYTES } from './age-layout.ts';
import type { AgeRecipient } from './age-recipients.ts';

const VERSION_LINE = 'age-encryption.org/v1\n';
const LINE_LETTERS = 64;
/** Headers are a few hundred bytes; one recipient takes about 100. */
export const HEADER_LIMIT = 256 * 1024;
const END_OF_HEADER = /\n--- [A-Za-z0-9+/]{43}\n/;

/**
 * A new age file: who can open it, and the key to its content. The header and the nonce are no secrets; with them and the key of a recipient the same
 * ciphertext can be made again, byte for byte. Never use them for another content: two contents under one key and nonce tell about each other.
 */
export interface NewAgeFile {
  readonly header: Buffer;
  readonly nonce: Buffer;
  readonly fileKey: Buffer;
}

/** @param recipients at least one */
export function createAgeFile(recipients: readonly AgeRecipient[]): NewAgeFile {
  const fileKey = randomBytes(FILE_KEY_BYTES);
  return { header: wrapFileKey(fileKey, recipients), nonce: randomBytes(NONCE_BYTES), fileKey };
}

/** A header for a file key that exists: a content that is there already can be opened by others with it (`cat header body | age -d`). */
export function wrapFileKey(fileKey: Uint8Array, recipients: readonly AgeRecipient[]): Buffer {
  if (recipients.length === 0) throw new Error('an age file without recipients');
  const signed = `${VERSION_LINE}${recipients.map((r) => stanzaText(r.wrap(fileKey))).join('')}---`;
  const key = hkdfSync('sha256', fileKey, new Uint8Array(0), 'header', 32);
  const mac = createHmac('sha256', new Uint8Array(key)).update(signed).digest('base64').replace(/=+$/, '');
  return Buffer.from(`${signed} ${mac}\n`);
}

/** Bytes of the header that `start`, the beginning of a file, begins with; null = it does not end within `start`. @throws AgeError `not-age` */
export function headerLength(start: Uint8Array): number | null {
  const text = Buffer.from(start.buffer, start.byteOffset, Math.min(start.length, HEADER_LIMIT)).toString('latin1');
  const isAge = VERSION_LINE.startsWith(text.slice(0, VERSION_LINE.length));
  const end = END_OF_HEADER.exec(text);
  if (!isAge || (end === null && start.length >= HEADER_LIMIT)) {
    const hint = text.startsWith('-----BEGIN AGE') ? ' It is armoured: take the armour off with "age -d" first.' : '';
    throw new AgeError('not-age', `It is not encrypted in age's format.${hint}`);
  }
  return end === null ? null : end.index + end[0].length;
}

/**
 * The key to the content of a file with this header.
 * @param identities `AGE-SECRET-KEY-1…`, or what can open other stanzas
 * @throws AgeError `no-key`, `damaged`
 */
export async function openAgeHeader(header: Uint8Array, identities: readonly (string | Identity)[]): Promise<Buffer> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    return Buffer.from(await decrypter.decryptHeader(header));
  } catch (error) {
    const isForOthers = error instanceof Error && error.message.startsWith('no identity matched');
    throw isForOthers
      ? new AgeError('no-key', 'It is encrypted to other keys.', { cause: error })
      : new AgeError('damaged', 'The header of the age file is damaged.', { cause: error });
  }
}

function stanzaText({ args, body }: Stanza): string {
  const text = Buffer.from(body).toString('base64').replace(/=+$/, '');
  let lines = '';
  for (let at = 0; at < text.length; at += LINE_LETTERS) lines += `${text.slice(at, at + LINE_LETTERS)}\n`;
  // The last line is shorter than a whole one, if need be empty.
  if (text.length % LINE_LETTERS === 0) lines += '\n';
  return `-> ${args.join(' ')}\n${lines}`;
}
