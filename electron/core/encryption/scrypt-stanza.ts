import { randomBytes, scrypt } from 'node:crypto';
import type { Identity, Recipient } from 'age-encryption';
import { Stanza } from 'age-encryption';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';

/** What `age -p` takes: about a second and 256 MiB for each guess. */
export const PASSPHRASE_WORK_FACTOR = 18;
/** The most that is done to open a file: 4 GiB. What `age` takes, too. */
const WORK_FACTOR_LIMIT = 22;
const BLOCK_SIZE = 8;
const SALT_LABEL = 'age-encryption.org/v1/scrypt';
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const WRAPPED_KEY_BYTES = 32;
/** The key is used once, so the format fixes the nonce. */
const NONCE = new Uint8Array(12);

/** In a thread of Node's own pool: the event loop goes on. */
function deriveKey(passphrase: string, salt: Uint8Array, workFactor: number): Promise<Buffer> {
  const cost = 2 ** workFactor;
  const options = { N: cost, r: BLOCK_SIZE, p: 1, maxmem: 2 * 128 * cost * BLOCK_SIZE };
  return new Promise((resolve, reject) => {
    const salted = Buffer.concat([Buffer.from(SALT_LABEL), salt]);
    scrypt(passphrase, salted, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/**
 * The recipient of an age file for whoever knows a passphrase (age v1, "scrypt recipient stanza"). The library's own works on the event loop,
 * and a second there would stall everything.
 * @param workFactor base-2 logarithm of scrypt's cost
 */
export function passphraseRecipient(passphrase: string, workFactor = PASSPHRASE_WORK_FACTOR): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(SALT_BYTES);
      const key = await deriveKey(passphrase, salt, workFactor);
      const body = chacha20poly1305(key, NONCE).encrypt(fileKey);
      return [new Stanza(['scrypt', salt.toString('base64').replace(/=+$/, ''), String(workFactor)], body)];
    },
  };
}

/** The counterpart of `passphraseRecipient`; resolves to null for a wrong passphrase. */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [stanza] = stanzas;
      // The format forbids other stanzas beside it.
      if (stanza === undefined || stanzas.length !== 1 || stanza.args[0] !== 'scrypt') return null;
      const [, salt = '', factor = ''] = stanza.args;
      const saltBytes = Buffer.from(salt, 'base64');
      const workFactor = Number(factor);
      if (
        stanza.args.length !== 3 ||
        saltBytes.length !== SALT_BYTES ||
        !/^[1-9][0-9]?$/.test(factor) ||
        workFactor > WORK_FACTOR_LIMIT ||
        stanza.body.length !== WRAPPED_KEY_BYTES
      )
        throw new Error('The scrypt stanza of an age file cannot be read.');
      const key = await deriveKey(passphrase, saltBytes, workFactor);
      try {
        return chacha20poly1305(key, NONCE).decrypt(stanza.body);
      } catch {
        return null;
      }
    },
  };
}
