import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cellPlace,
  layoutRunMap,
  moveRun,
  runAt,
  runsBetween,
  runsInRectangle,
} from '../../../renderer/ui/run-map/run-map-layout.ts';
import type { MapMove } from '../../../renderer/ui/run-map/run-map-layout.ts';

const maps = fc.record({
  count: fc.integer({ min: 1, max: 100_000 }),
  width: fc.integer({ min: 60, max: 2400 }),
  height: fc.integer({ min: 20, max: 1200 }),
});

describe('layout of the run map', () => {
  it('finds every run again at the place of its cell', () => {
    fc.assert(
      fc.property(maps, fc.nat(), ({ count, width, height }, pick) => {
        const layout = layoutRunMap(count, width, height);
        const run = (pick % count) + 1;
        const { x, y } = cellPlace(layout, run);
        expect(runAt(layout, x, y)).toBe(run);
        expect(runAt(layout, x + layout.cell - 1, y + layout.cell - 1)).toBe(run);
        expect(x + layout.cell).toBeLessThanOrEqual(Math.max(width, layout.gutter + layout.pitch));
      }),
    );
  });

  it('fits into the height, or is as small as it gets and scrolls', () => {
    fc.assert(
      fc.property(maps, ({ count, width, height }) => {
        const layout = layoutRunMap(count, width, height);
        expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(count);
        expect(layout.height <= height || layout.pitch === 3).toBe(true);
      }),
    );
  });

  it('begins rows with round run numbers where there is room', () => {
    expect(layoutRunMap(10_000, 900, 260).columns % 25).toBe(0);
    expect(layoutRunMap(200, 640, 90).columns % 5).toBe(0);
    expect(layoutRunMap(15, 640, 90).columns).toBe(15);
  });

  it('has cells for ten thousand runs in a pane and shows all hundred thousand by scrolling', () => {
    expect(layoutRunMap(10_000, 900, 260).height).toBeLessThanOrEqual(260);
    const many = layoutRunMap(100_000, 900, 260);
    expect(many.height).toBeGreaterThan(260);
    expect(runsBetween(many, many.height - 3, many.height)?.last).toBe(100_000);
  });

  it('knows no run outside of the cells', () => {
    const layout = layoutRunMap(15, 640, 90);
    expect(runAt(layout, layout.gutter - 1, 2)).toBeNull();
    expect(runAt(layout, 2000, 2)).toBeNull();
    expect(runAt(layout, layout.gutter + 2, 500)).toBeNull();
    expect(runsBetween(layoutRunMap(0, 640, 90), 0, 90)).toBeNull();
  });

  it('takes the runs that a rectangle touches, whichever corner it began at', () => {
    const layout = layoutRunMap(100, 20 + 10 * 20, 200);
    const second = cellPlace(layout, 2);
    const other = cellPlace(layout, layout.columns + 4);
    const runs = [2, 3, 4, layout.columns + 2, layout.columns + 3, layout.columns + 4];
    expect(runsInRectangle(layout, second, other)).toEqual(runs);
    expect(runsInRectangle(layout, other, second)).toEqual(runs);
  });
});

describe('moving by keys', () => {
  const moves: readonly MapMove[] = [
    'left',
    'right',
    'up',
    'down',
    'row-start',
    'row-end',
    'page-up',
    'page-down',
    'first',
    'last',
  ];

  it('never leaves the map', () => {
    fc.assert(
      fc.property(maps, fc.nat(), fc.constantFrom(...moves), ({ count, width, height }, pick, move) => {
        const layout = layoutRunMap(count, width, height);
        const run = moveRun(layout, (pick % count) + 1, move, 5);
        expect(run).toBeGreaterThanOrEqual(1);
        expect(run).toBeLessThanOrEqual(count);
      }),
    );
  });

  it('keeps the column up and down, also above a short last row', () => {
    const layout = { ...layoutRunMap(25, 400, 400), columns: 10, rows: 3 };
    expect(moveRun(layout, 3, 'down', 1)).toBe(13);
    expect(moveRun(layout, 13, 'up', 1)).toBe(3);
    expect(moveRun(layout, 18, 'down', 1)).toBe(18);
    expect(moveRun(layout, 3, 'up', 1)).toBe(3);
    expect(moveRun(layout, 8, 'page-down', 9)).toBe(18);
    expect(moveRun(layout, 4, 'page-down', 9)).toBe(24);
    expect(moveRun(layout, 24, 'page-up', 9)).toBe(4);
    expect(moveRun(layout, 23, 'row-end', 1)).toBe(25);
    expect(moveRun(layout, 23, 'row-start', 1)).toBe(21);
  });
});
