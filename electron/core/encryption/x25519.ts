import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';

export const POINT_BYTES = 32;

/** DER of a public (RFC 8410 SubjectPublicKeyInfo) and a private key (PKCS#8) up to their 32 bytes. */
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

export function newKeyPair(): { readonly secret: KeyObject; readonly point: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  return { secret: privateKey, point: publicKey.export({ type: 'spki', format: 'der' }).subarray(-POINT_BYTES) };
}

export function secretOf(scalar: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, scalar]), format: 'der', type: 'pkcs8' });
}

/** @throws when the result would be zero: the point is of low order, and everybody could compute it */
export function sharedSecret(secret: KeyObject, point: Uint8Array): Buffer {
  const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, point]), format: 'der', type: 'spki' });
  const shared = diffieHellman({ privateKey: secret, publicKey });
  if (shared.every((byte) => byte === 0)) throw new Error('The public key is of low order.');
  return shared;
}
