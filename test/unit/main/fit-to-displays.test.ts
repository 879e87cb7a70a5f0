import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rectangle } from '../../../electron/main/policy/fit-to-displays.ts';
import { fitToDisplays, SMALLEST_SIZE } from '../../../electron/main/policy/fit-to-displays.ts';

const laptop: Rectangle = { x: 0, y: 25, width: 1512, height: 920 };
const left: Rectangle = { x: -2560, y: 0, width: 2560, height: 1440 };

function isWithin(inner: Rectangle, outer: Rectangle): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

describe('where the window goes', () => {
  it('is the middle of the first display at first', () => {
    expect(fitToDisplays(null, [laptop, left])).toEqual({ x: 36, y: 35, width: 1440, height: 900 });
  });

  it('is where it was', () => {
    const saved = { x: -2000, y: 100, width: 1200, height: 800 };
    expect(fitToDisplays(saved, [laptop, left])).toEqual(saved);
  });

  it('is pulled onto the display that shows most of it', () => {
    expect(fitToDisplays({ x: -900, y: 900, width: 1200, height: 800 }, [laptop, left])).toEqual({
      x: -1200,
      y: 640,
      width: 1200,
      height: 800,
    });
  });

  it('is the middle again when its display has gone', () => {
    expect(fitToDisplays({ x: -2000, y: 100, width: 1200, height: 800 }, [laptop])).toEqual(
      fitToDisplays(null, [laptop]),
    );
  });

  it('is always wholly on one display, and never smaller than the app can be', () => {
    const at = fc.integer({ min: -5000, max: 5000 });
    const size = fc.integer({ min: 0, max: 6000 });
    const area = fc.record({
      x: at,
      y: at,
      width: fc.integer({ min: 900, max: 5000 }),
      height: fc.integer({ min: 600, max: 3000 }),
    });
    fc.assert(
      fc.property(
        fc.option(fc.record({ x: at, y: at, width: size, height: size })),
        fc.array(area, { minLength: 1, maxLength: 4 }),
        (saved, areas) => {
          const bounds = fitToDisplays(saved, areas as [Rectangle, ...Rectangle[]]);
          return (
            areas.some((each) => isWithin(bounds, each)) &&
            bounds.width >= SMALLEST_SIZE.width &&
            bounds.height >= SMALLEST_SIZE.height
          );
        },
      ),
    );
  });
});
