import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Pace, steadySeconds } from '../../../shared/domain/transfer/pace.ts';

const movement = fc.record({
  seconds: fc.double({ min: 0.01, max: 60, noNaN: true }),
  bytes: fc.integer({ min: 0, max: 2 ** 40 }),
  files: fc.integer({ min: 0, max: 1_000_000 }),
});

describe('the pace of a transfer', () => {
  it('never foretells less time for more work, nor anything that is no time', () => {
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 50 }), movement, movement, (seen, work, more) => {
        const pace = new Pace();
        for (const one of seen) pace.observe(one);
        const some = pace.secondsFor(work.bytes, work.files);
        expect(some).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(some)).toBe(true);
        expect(pace.secondsFor(work.bytes + more.bytes, work.files + more.files)).toBeGreaterThanOrEqual(some);
      }),
    );
  });

  it('learns what bytes and files cost from a mixture of them', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e5, max: 1e9, noNaN: true }),
        fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
        (bytesPerSecond, secondsPerFile) => {
          const pace = new Pace();
          for (let i = 0; i < 400; i++) {
            // Now large files, now small ones.
            const share = i % 2 === 0 ? 0.9 : 0.1;
            pace.observe({
              seconds: 0.5,
              bytes: 0.5 * share * bytesPerSecond,
              files: (0.5 * (1 - share)) / secondsPerFile,
            });
          }
          const truth = 1e9 / bytesPerSecond + 1000 * secondsPerFile;
          expect(pace.secondsFor(1e9, 1000) / truth).toBeGreaterThan(0.8);
          expect(pace.secondsFor(1e9, 1000) / truth).toBeLessThan(1.25);
        },
      ),
    );
  });

  it('forgets: a line that became slow is seen within seconds', () => {
    const pace = new Pace();
    for (let i = 0; i < 200; i++) pace.observe({ seconds: 0.5, bytes: 50_000_000, files: 0 });
    for (let i = 0; i < 48; i++) pace.observe({ seconds: 0.5, bytes: 5_000_000, files: 0 });
    expect(pace.bytesPerSecond).toBeLessThan(35_000_000);
    expect(pace.secondsFor(1e9, 0)).toBeGreaterThan(1e9 / 12_000_000);
  });

  it('counts the pauses between bursts, as under a limit', () => {
    const pace = new Pace();
    for (let i = 0; i < 40; i++) pace.observe({ seconds: 0.5, bytes: i % 2 === 0 ? 1_000_000 : 0, files: 0 });
    expect(pace.secondsFor(10_000_000, 0)).toBeGreaterThan(9);
    expect(pace.secondsFor(10_000_000, 0)).toBeLessThan(11);
  });

  it('tells people nothing before something was seen', () => {
    const pace = new Pace();
    expect(pace.isKnown).toBe(false);
    pace.observe({ seconds: 10, bytes: 0, files: 0 });
    expect(pace.isKnown).toBe(false);
    pace.observe({ seconds: 0.5, bytes: 1000, files: 1 });
    expect(pace.isKnown).toBe(true);
  });
});

describe('the time that is shown', () => {
  const time = fc.double({ min: 0, max: 1e6, noNaN: true });

  it('moves by at most a fifth a second, towards what is foretold, and is never negative', () => {
    fc.assert(
      fc.property(time, fc.double({ min: 0.1, max: 1, noNaN: true }), time, (shown, elapsed, foretold) => {
        const next = steadySeconds(shown, elapsed, foretold);
        const expected = Math.max(0, shown - elapsed);
        expect(next).toBeGreaterThanOrEqual(0);
        expect(Math.abs(next - expected)).toBeLessThanOrEqual(0.2 * elapsed * Math.max(shown, 1) + 1e-9);
        expect(Math.abs(next - foretold)).toBeLessThanOrEqual(Math.abs(expected - foretold) + 1e-9);
      }),
    );
  });

  it('begins with what is foretold', () => {
    expect(steadySeconds(null, 0.5, 42)).toBe(42);
  });
});
