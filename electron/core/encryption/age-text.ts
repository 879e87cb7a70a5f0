import type { Identity, Recipient } from 'age-encryption';
import { armor, Decrypter, Encrypter } from 'age-encryption';

/** Encrypts a short text to all recipients: an armoured age file, which the `age` program reads. */
export async function sealText(text: string, recipients: readonly (string | Recipient)[]): Promise<string> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return armor.encode(await encrypter.encrypt(text));
}

/** The text of an armoured age file; rejects when no identity fits, and when the file is damaged. */
export async function openText(sealed: string, identities: readonly (string | Identity)[]): Promise<string> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  return decrypter.decrypt(armor.decode(sealed), 'text');
}
