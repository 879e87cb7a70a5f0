import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AgeError } from '../../../electron/core/encryption/age-error.ts';
import { ageSize, NONCE_BYTES, plainSizeOf } from '../../../electron/core/encryption/age-layout.ts';
import {
  CHUNK_CIPHERS,
  fastestCipher,
  openChunks,
  sealChunks,
} from '../../../electron/core/encryption/chunk-cipher.ts';

describe('sizes of age files', () => {
  it('are told from the content, and the content from them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), fc.integer({ min: 150, max: 5000 }), (plain, header) => {
        const size = ageSize(plain, header);
        expect(plainSizeOf(size - header - NONCE_BYTES)).toBe(plain);
      }),
    );
  });

  it('that no content has are refused', () => {
    for (const size of [0, 1, 15, 65_552 + 1, 65_552 + 15, 65_552 + 16, 2 * 65_552 + 16])
      expect(() => plainSizeOf(size)).toThrow(AgeError);
    expect(plainSizeOf(16)).toBe(0);
    expect(plainSizeOf(65_552 + 17)).toBe(65_537);
  });
});

describe('the ciphers', () => {
  it('make and open the same chunks: the one without native support, too', () => {
    const [openssl, noble] = CHUNK_CIPHERS;
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.nat(2 ** 40),
        fc.boolean(),
        fc.uint8Array({ maxLength: 500 }),
        (key, first, toEnd, plain) => {
          const run = { key, first, toEnd };
          const sealed = sealChunks(noble!, run, plain);
          expect(Buffer.compare(sealed, sealChunks(openssl!, run, plain))).toBe(0);
          for (const cipher of CHUNK_CIPHERS) {
            expect(Buffer.from(openChunks(cipher, run, sealed)!)).toEqual(Buffer.from(plain));
            expect(openChunks(cipher, { ...run, toEnd: !toEnd }, sealed)).toBeNull();
            expect(openChunks(cipher, { ...run, first: first + 1 }, sealed)).toBeNull();
          }
        },
      ),
      { numRuns: 50 },
    );
  });

  it('are chosen by what the runtime has', () => {
    expect(fastestCipher(['aes-256-gcm']).name).toBe('noble');
    expect(fastestCipher(['chacha20', 'chacha20-poly1305']).name).toBe('openssl');
  });
});
