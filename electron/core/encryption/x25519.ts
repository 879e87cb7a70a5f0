import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';

export const POINT_BYTES = 32;

/** Diffie–Hellman on Curve25519 (RFC 7748), with keys as bytes. */
export interface CurveMath {
  readonly name: 'openssl' | 'noble';
  newKeyPair(): { readonly secret: Uint8Array; readonly point: Uint8Array };
  /** @throws when the result would be zero: the point is of low order, and everybody could compute it */
  sharedSecret(secret: Uint8Array, point: Uint8Array): Uint8Array;
}

/** DER of a public (RFC 8410 SubjectPublicKeyInfo) and a private key (PKCS#8) up to their 32 bytes. */
const PUBLIC_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

const openssl: CurveMath = {
  name: 'openssl',
  newKeyPair() {
    const { privateKey, publicKey } = generateKeyPairSync('x25519');
    return {
      secret: privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(-POINT_BYTES),
      point: publicKey.export({ type: 'spki', format: 'der' }).subarray(-POINT_BYTES),
    };
  },
  sharedSecret(secret, point) {
    const shared = diffieHellman({
      privateKey: createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, secret]), format: 'der', type: 'pkcs8' }),
      publicKey: createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, point]), format: 'der', type: 'spki' }),
    });
    if (shared.every((byte) => byte === 0)) throw new Error('The public key is of low order.');
    return shared;
  },
};

const noble: CurveMath = {
  name: 'noble',
  newKeyPair() {
    const { secretKey, publicKey } = x25519.keygen();
    return { secret: secretKey, point: publicKey };
  },
  sharedSecret: (secret, point) => x25519.getSharedSecret(secret, point),
};

export const CURVE_MATHS: readonly CurveMath[] = [openssl, noble];

/** The one that is ten times as fast, where the runtime has it. */
export const curveMath: CurveMath = works(openssl) ? openssl : noble;

function works(math: CurveMath): boolean {
  try {
    const { secret, point } = math.newKeyPair();
    return math.sharedSecret(secret, point).length === POINT_BYTES;
  } catch {
    return false;
  }
}
