import { createCipheriv, createDecipheriv, createSecretKey, getCiphers } from 'node:crypto';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES, TAG_BYTES } from './age-layout.ts';

/** Encrypts or decrypts one chunk into `out`. `open` returns false when it is not what was encrypted with this key at this place. */
interface KeyedCipher {
  seal(nonce: Uint8Array, plain: Uint8Array, out: Uint8Array): void;
  open(nonce: Uint8Array, sealed: Uint8Array, out: Uint8Array): boolean;
}

export interface ChunkCipher {
  readonly name: 'openssl' | 'noble';
  withKey(key: Uint8Array): KeyedCipher;
}

const openssl: ChunkCipher = {
  name: 'openssl',
  withKey(bytes) {
    // Made once for all chunks: Node looks at bytes anew each time.
    const key = createSecretKey(bytes);
    return {
      seal(nonce, plain, out) {
        const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
        out.set(cipher.update(plain));
        cipher.final();
        out.set(cipher.getAuthTag(), plain.length);
      },
      open(nonce, sealed, out) {
        const end = sealed.length - TAG_BYTES;
        const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
        decipher.setAuthTag(sealed.subarray(end));
        out.set(decipher.update(sealed.subarray(0, end)));
        try {
          decipher.final();
          return true;
        } catch {
          out.fill(0);
          return false;
        }
      },
    };
  },
};

const noble: ChunkCipher = {
  name: 'noble',
  withKey: (key) => ({
    seal: (nonce, plain, out) => void chacha20poly1305(key, nonce).encrypt(plain, out),
    open(nonce, sealed, out) {
      try {
        out.set(chacha20poly1305(key, nonce).decrypt(sealed));
        return true;
      } catch {
        return false;
      }
    },
  }),
};

/** Node has the cipher natively; Electron's BoringSSL does not offer it. */
export function fastestCipher(ciphers: readonly string[] = getCiphers()): ChunkCipher {
  return ciphers.includes('chacha20-poly1305') ? openssl : noble;
}

export const CHUNK_CIPHERS: readonly ChunkCipher[] = [openssl, noble];

/** The nonce of a chunk: its number as 11 bytes, and 1 for the last one. So no chunk fits at another place, and none can be left out at the end. */
function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export interface ChunkRun {
  readonly key: Uint8Array;
  /** Number of the first chunk. */
  readonly first: number;
  /** Whether the last chunk of these is the last of the file. */
  readonly toEnd: boolean;
}

/** Encrypts consecutive chunks: all whole but the last one of a file. */
export function sealChunks(cipher: ChunkCipher, { key, first, toEnd }: ChunkRun, plain: Uint8Array): Uint8Array {
  const count = Math.max(1, Math.ceil(plain.length / CHUNK_BYTES));
  const out = new Uint8Array(plain.length + count * TAG_BYTES);
  const keyed = cipher.withKey(key);
  for (let i = 0; i < count; i++) {
    const part = plain.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES);
    const at = i * SEALED_CHUNK_BYTES;
    const nonce = chunkNonce(first + i, toEnd && i === count - 1);
    keyed.seal(nonce, part, out.subarray(at, at + part.length + TAG_BYTES));
  }
  return out;
}

/**
 * The counterpart; null when any of them is not what was encrypted there.
 * @param into where the content is written, from its beginning; may be `sealed` itself
 */
export function openChunks(
  cipher: ChunkCipher,
  { key, first, toEnd }: ChunkRun,
  sealed: Uint8Array,
  into: Uint8Array = new Uint8Array(sealed.length),
): Uint8Array | null {
  const count = Math.ceil(sealed.length / SEALED_CHUNK_BYTES);
  const out = into.subarray(0, Math.max(0, sealed.length - count * TAG_BYTES));
  const keyed = cipher.withKey(key);
  for (let i = 0; i < count; i++) {
    const part = sealed.subarray(i * SEALED_CHUNK_BYTES, (i + 1) * SEALED_CHUNK_BYTES);
    if (part.length < TAG_BYTES) return null;
    const at = i * CHUNK_BYTES;
    const nonce = chunkNonce(first + i, toEnd && i === count - 1);
    if (!keyed.open(nonce, part, out.subarray(at, at + part.length - TAG_BYTES))) return null;
  }
  return out;
}
