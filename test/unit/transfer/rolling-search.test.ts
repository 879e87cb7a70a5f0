import { createHash, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { missingIn } from '../../../electron/core/transfer/ends/ssh/piece-sender.ts';
import type { Common } from '../../../electron/core/transfer/ends/ssh/rolling-search.ts';
import { findCommon, STRONG_BYTES } from '../../../electron/core/transfer/ends/ssh/rolling-search.ts';

/** Adler-32 by its definition, which a host computes with zlib. */
function adler32(bytes: Uint8Array): number {
  let [low, high] = [1, 0];
  for (const byte of bytes) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 0x10000 + low;
}

function signaturesOf(older: Buffer, block: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at + block <= older.length; at += block) {
    const bytes = older.subarray(at, at + block);
    const weak = Buffer.alloc(4);
    weak.writeUInt32BE(adler32(bytes));
    parts.push(weak, createHash('sha256').update(bytes).digest().subarray(0, STRONG_BYTES));
  }
  return Buffer.concat(parts);
}

function common(older: Buffer, newer: Buffer, block: number): Promise<Common[]> {
  return findCommon(signaturesOf(older, block), block, {
    size: newer.length,
    read: (offset, length) => Promise.resolve(newer.subarray(offset, offset + length)),
  });
}

/** The newer file, put together from the older one and what is missing. */
function assembled(older: Buffer, newer: Buffer, found: readonly Common[]): Buffer {
  const made = Buffer.alloc(newer.length);
  for (const { from, to, length } of found) older.copy(made, to, from, from + length);
  for (const { offset, length } of missingIn({ offset: 0, length: newer.length }, found))
    newer.copy(made, offset, offset, offset + length);
  return made;
}

describe('what a newer file has in common with an older one', () => {
  test('puts it together again, whatever was changed', async () => {
    const bytes = fc.uint8Array({ max: 2, maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(bytes, bytes, bytes, fc.integer({ min: 1, max: 40 }), async (a, b, c, block) => {
        const older = Buffer.concat([a, b]);
        const newer = Buffer.concat([b, c, a, b]);
        const found = await common(older, newer, block);
        expect(assembled(older, newer, found).equals(newer)).toBe(true);
        for (const { from, to, length } of found)
          expect(older.subarray(from, from + length).equals(newer.subarray(to, to + length))).toBe(true);
      }),
    );
  });

  test('is nearly everything after an insertion and a change, over the ends of what is read at a time', async () => {
    const block = 4096;
    const older = randomBytes(3_000_000);
    const newer = Buffer.concat([older.subarray(0, 1_000_000), Buffer.from('put in'), older.subarray(1_000_000)]);
    newer[2_500_000]! ^= 1;
    const found = await common(older, newer, block);
    const shared = found.reduce((sum, { length }) => sum + length, 0);
    expect(shared).toBeGreaterThan(newer.length - 4 * block);
    expect(found.length).toBe(3);
    expect(assembled(older, newer, found).equals(newer)).toBe(true);
  });

  test('leaves of a piece what lies between', () => {
    const ranges = [
      { from: 0, to: 10, length: 10 },
      { from: 0, to: 30, length: 100 },
    ];
    expect(missingIn({ offset: 0, length: 40 }, ranges)).toEqual([
      { offset: 0, length: 10 },
      { offset: 20, length: 10 },
    ]);
    expect(missingIn({ offset: 40, length: 50 }, ranges)).toEqual([]);
    expect(missingIn({ offset: 120, length: 20 }, ranges)).toEqual([{ offset: 130, length: 10 }]);
    expect(missingIn({ offset: 5, length: 3 }, [])).toEqual([{ offset: 5, length: 3 }]);
  });
});
