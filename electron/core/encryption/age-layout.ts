import { hkdfSync } from 'node:crypto';
import { AgeError } from './age-error.ts';

/**
 * Sizes and keys of an age v1 file (age-encryption.org/v1, "Payload"): header, 16 bytes of nonce, then chunks of 64 KiB that are encrypted each for itself,
 * with 16 bytes of tag. So any range can be encrypted or decrypted alone.
 */
export const CHUNK_BYTES = 65_536;
export const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;
export const FILE_KEY_BYTES = 16;
export const NONCE_BYTES = 16;

/** Chunks of a content of so many bytes; an empty one has one empty chunk. */
export function chunkCount(plainSize: number): number {
  return Math.max(1, Math.ceil(plainSize / CHUNK_BYTES));
}

/** Bytes of the age file that a content of `plainSize` bytes becomes. */
export function ageSize(plainSize: number, headerLength: number): number {
  return headerLength + NONCE_BYTES + plainSize + chunkCount(plainSize) * TAG_BYTES;
}

/** Bytes of content in chunks of `sealedSize` bytes in all. @throws AgeError `damaged` with a size that no content has */
export function plainSizeOf(sealedSize: number): number {
  const whole = Math.floor(sealedSize / SEALED_CHUNK_BYTES);
  const rest = sealedSize - whole * SEALED_CHUNK_BYTES;
  const isCut = rest > 0 && rest < TAG_BYTES;
  // Only an empty content has an empty last chunk.
  const isEmptyEnd = rest === TAG_BYTES && whole > 0;
  if (sealedSize < TAG_BYTES || isCut || isEmptyEnd)
    throw new AgeError('damaged', 'It has been cut off: no age file has this size.');
  return whole * CHUNK_BYTES + Math.max(0, rest - TAG_BYTES);
}

/** The key of the chunks: HKDF-SHA-256 of the file key with the nonce as salt. */
export function payloadKey(fileKey: Uint8Array, nonce: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, nonce, 'payload', 32));
}
