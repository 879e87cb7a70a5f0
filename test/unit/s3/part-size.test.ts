import fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOf } from '../../../shared/domain/s3/part-size.ts';

const MIB = 2 ** 20;

it('cuts every file that S3 can hold into parts that S3 takes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 * 2 ** 40 }), (size) => {
      const { bytes, inFlight } = partsOf(size);
      expect(bytes % (8 * MIB)).toBe(0);
      expect(bytes).toBeGreaterThanOrEqual(16 * MIB);
      expect(bytes).toBeLessThanOrEqual(5 * 1024 * MIB);
      expect(inFlight).toBeGreaterThanOrEqual(1);
      expect(Math.ceil(size / bytes)).toBeLessThanOrEqual(10_000);
    }),
  );
});

it('has at most 64 MiB on the way of files up to 500 GB', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500e9 }), (size) => {
      const { bytes, inFlight } = partsOf(size);
      expect(bytes * inFlight).toBeLessThanOrEqual(64 * MIB);
    }),
  );
  expect(partsOf(4 * 2 ** 30)).toEqual({ bytes: 16 * MIB, inFlight: 4 });
});
