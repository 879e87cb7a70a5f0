import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globExpression } from '../../../electron/core/files/glob-expression.ts';
import { globMatcher } from '../../../electron/core/files/globs.ts';

// What it makes is also an expression of JavaScript with the same meaning: no construct differs.
const fits = (glob: string, path: string): boolean => new RegExp(globExpression(glob)!, 's').test(path);

const part = fc.constantFrom('a', 'b', 'x.dat', 'y.frd', 'a.b.dat', '1');
const path = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const glob = fc
  .array(fc.constantFrom('a', '*', '**', '*.dat', '?', '[ab]', '[^a]', '{a,b}', '*.{dat,frd}', 'x.dat'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join('/'));

describe('globs as regular expressions for the nodes', () => {
  it('fit what they fit on this workstation', () => {
    fc.assert(
      fc.property(glob, path, (pattern, name) => {
        expect(fits(pattern, name), `${pattern} ${name} ${globExpression(pattern)}`).toBe(globMatcher([pattern])(name));
      }),
      { numRuns: 2000 },
    );
  });

  it('take every other character as itself', () => {
    expect(fits('a+(b).dat', 'a+(b).dat')).toBe(false);
    expect(globExpression('c++.log')).toBe('^(.*/)?c\\+\\+\\.log$');
    expect(globExpression('a$b^c|d.out')).toBe('^(.*/)?a\\$b\\^c\\|d\\.out$');
  });

  it('are null where no such expression says it', () => {
    for (const pattern of ['!a', '@(a|b)', 'a\\*b', '{1..3}.dat']) expect(globExpression(pattern)).toBeNull();
  });
});
