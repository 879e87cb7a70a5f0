import { createHash, hkdfSync } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { bech32 } from '@scure/base';
import { Stanza } from 'age-encryption';
import { AppError } from '../../../shared/errors.ts';
import { curveMath, POINT_BYTES } from './x25519.ts';

const X25519_LABEL = 'age-encryption.org/v1/X25519';
const SSH_LABEL = 'age-encryption.org/v1/ssh-ed25519';
const SSH_TYPE = 'ssh-ed25519';
/** Each wrapping key is used once, so the format fixes the nonce. */
const NONCE = new Uint8Array(12);

/** Somebody who can open what is encrypted to them: the public half of a key. */
export interface AgeRecipient {
  /** As `age -r` takes it, without a comment. */
  readonly text: string;
  readonly kind: 'x25519' | 'ssh-ed25519';
  /** What stands behind an SSH key. */
  readonly comment: string | null;
  /** The part of a header that gives this recipient the file key. */
  wrap(fileKey: Uint8Array): Stanza;
}

/** Reads `age1…` or a line of an `ssh-ed25519` public key. @throws AppError `bad_input` */
export function readRecipient(text: string): AgeRecipient {
  const trimmed = text.trim();
  if (/^AGE-SECRET-KEY-/i.test(trimmed) || /^-----BEGIN .*PRIVATE KEY/.test(trimmed))
    throw new AppError(
      'bad_input',
      'That is a secret key. Give the public one, which begins with "age1" or "ssh-ed25519".',
    );
  if (/^age1(pq|tag|tagpq|yubikey)1/.test(trimmed))
    throw new AppError(
      'bad_input',
      'Keys of this kind cannot be opened by the age programs that clusters have (1.1 and older). Give an "age1…" key as age-keygen makes it.',
    );
  if (trimmed.startsWith('age1')) return x25519Recipient(trimmed);
  if (trimmed.startsWith(SSH_TYPE)) return sshRecipient(trimmed);
  const kind = /^(ssh|ecdsa|sk)-[a-z0-9@.-]+ /.exec(trimmed);
  throw new AppError(
    'bad_input',
    kind === null
      ? `"${trimmed.slice(0, 40)}" is no public key. It begins with "age1" (age-keygen) or "ssh-ed25519".`
      : `SSH keys of the kind ${kind[0].trim()} cannot be used; of SSH keys only ssh-ed25519.`,
  );
}

function x25519Recipient(text: string): AgeRecipient {
  const decoded = bech32.decodeUnsafe(text as `${string}1${string}`, 90);
  const point = decoded?.prefix === 'age' ? bech32.fromWordsUnsafe(decoded.words) : undefined;
  if (point?.length !== POINT_BYTES)
    throw new AppError('bad_input', `${text} is not a whole public key: a letter is wrong or missing.`);
  return {
    text,
    kind: 'x25519',
    comment: null,
    wrap(fileKey) {
      const { secret, point: share } = curveMath.newKeyPair();
      const key = hkdfSync(
        'sha256',
        curveMath.sharedSecret(secret, point),
        Buffer.concat([share, point]),
        X25519_LABEL,
        32,
      );
      return new Stanza(['X25519', base64(share)], sealKey(key, fileKey));
    },
  };
}

function sshRecipient(line: string): AgeRecipient {
  const [, encoded = '', ...comment] = line.split(/\s+/);
  const wire = Buffer.from(encoded, 'base64');
  const typeBytes = 4 + SSH_TYPE.length + 4;
  const head = Buffer.alloc(typeBytes);
  head.writeUInt32BE(SSH_TYPE.length, 0);
  head.write(SSH_TYPE, 4);
  head.writeUInt32BE(POINT_BYTES, typeBytes - 4);
  const isWhole = wire.length === typeBytes + POINT_BYTES && wire.subarray(0, typeBytes).equals(head);
  let point: Uint8Array;
  try {
    if (!isWhole) throw new Error('not whole');
    point = ed25519.utils.toMontgomery(wire.subarray(typeBytes));
  } catch {
    throw new AppError('bad_input', 'The ssh-ed25519 key is not whole: a letter is wrong or missing.');
  }
  const tag = base64(createHash('sha256').update(wire).digest().subarray(0, 4));
  const tweak = new Uint8Array(hkdfSync('sha256', new Uint8Array(0), wire, SSH_LABEL, 32));
  return {
    text: `${SSH_TYPE} ${encoded}`,
    kind: 'ssh-ed25519',
    comment: comment.join(' ') || null,
    wrap(fileKey) {
      const { secret, point: share } = curveMath.newKeyPair();
      const shared = curveMath.sharedSecret(tweak, curveMath.sharedSecret(secret, point));
      const key = hkdfSync('sha256', shared, Buffer.concat([share, point]), SSH_LABEL, 32);
      return new Stanza([SSH_TYPE, tag, base64(share)], sealKey(key, fileKey));
    },
  };
}

function sealKey(key: ArrayBuffer, fileKey: Uint8Array): Uint8Array {
  return chacha20poly1305(new Uint8Array(key), NONCE).encrypt(fileKey);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replace(/=+$/, '');
}
