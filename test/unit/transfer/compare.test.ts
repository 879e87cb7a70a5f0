import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decideConflict } from '../../../electron/core/transfer/engine/planner.ts';
import type { FileFacts } from '../../../shared/domain/transfer/compare.ts';
import { compareFiles } from '../../../shared/domain/transfer/compare.ts';

const facts: fc.Arbitrary<FileFacts> = fc.record({
  size: fc.integer({ min: 0, max: 3 }),
  modifiedAt: fc.option(fc.integer({ min: 0, max: 3000 })),
  sha256: fc.option(fc.constantFrom('aa', 'bb')),
});
const how = fc.record({ timeGrain: fc.option(fc.constantFrom(0, 1000)), checksum: fc.boolean() });

it('files are the same only by time or by contents, never by size alone; and it does not matter which is looked at first', () => {
  fc.assert(
    fc.property(facts, facts, how, (a, b, options) => {
      const likeness = compareFiles(a, b, options);
      expect(compareFiles(b, a, options)).toBe(likeness);
      if (a.size !== b.size) expect(likeness).toBe('different');
      if (likeness !== 'same') return;
      const byContents = a.sha256 !== null && a.sha256 === b.sha256;
      const byTime =
        !options.checksum &&
        options.timeGrain !== null &&
        Math.abs(a.modifiedAt! - b.modifiedAt!) <= Math.max(options.timeGrain, 1);
      expect(byContents || byTime).toBe(true);
    }),
  );
});

it('the newer of two files wins only where both times are known and really differ', () => {
  const at = (modifiedAt: number | null) => ({ modifiedAt });
  expect(decideConflict('newer', at(3000), at(1000), 1000)).toBe('replace');
  expect(decideConflict('newer', at(1900), at(1000), 1000)).toBe('skip');
  expect(decideConflict('newer', at(1000), at(3000), 0)).toBe('skip');
  expect(decideConflict('newer', at(null), at(1000), 0)).toBe('skip');
  expect(decideConflict('keep-both', at(1), at(2), 0)).toBe('keep-both');
});
