import { describe, expect, it } from 'vitest';
import { mapKey, nextRun } from '../../../renderer/ui/run-map/map-keys.ts';
import { clearSelection, NO_SELECTION, selectRun, selectRuns } from '../../../renderer/ui/run-map/run-selection.ts';

describe('choosing runs', () => {
  it('chooses one, extends from it, and turns round at it', () => {
    const one = selectRun(NO_SELECTION, 5, 'only');
    expect(one).toMatchObject({ focused: 5, runs: new Set() });
    const range = selectRun(one, 8, 'range');
    expect([...range.runs]).toEqual([5, 6, 7, 8]);
    const back = selectRun(range, 3, 'range');
    expect([...back.runs]).toEqual([3, 4, 5]);
    expect(back).toMatchObject({ focused: 3, anchor: 5 });
  });

  it('adds and takes away single runs', () => {
    const two = selectRun(selectRun(NO_SELECTION, 5, 'only'), 9, 'toggle');
    expect([...two.runs]).toEqual([5, 9]);
    expect([...selectRun(two, 5, 'toggle').runs]).toEqual([9]);
    expect([...selectRun(NO_SELECTION, 5, 'toggle').runs]).toEqual([5]);
  });

  it('keeps the choice while the keyboard moves on', () => {
    const two = selectRuns(NO_SELECTION, [4, 5], false);
    expect(selectRun(two, 9, 'move')).toEqual({ focused: 9, anchor: 9, runs: new Set([4, 5]) });
    expect(selectRun(two, 9, 'only').runs.size).toBe(0);
  });

  it('checks single runs without taking the shown one along', () => {
    const one = selectRun(selectRun(NO_SELECTION, 5, 'only'), 9, 'check');
    expect([...one.runs]).toEqual([9]);
    expect(selectRun(one, 9, 'check').runs.size).toBe(0);
  });

  it('keeps the shown run when a rectangle holds it, else shows the first', () => {
    const shown = selectRun(NO_SELECTION, 5, 'only');
    expect(selectRuns(shown, [4, 5, 6], false).focused).toBe(5);
    expect(selectRuns(shown, [7, 8], false)).toMatchObject({ focused: 7, runs: new Set([7, 8]) });
    expect(selectRuns(selectRuns(shown, [5, 6], false), [7, 8], true).runs).toEqual(new Set([5, 6, 7, 8]));
  });

  it('drops the choice and keeps the shown run', () => {
    const many = selectRuns(selectRun(NO_SELECTION, 5, 'only'), [4, 5, 6], false);
    expect(clearSelection(many)).toMatchObject({ focused: 5, runs: new Set() });
    expect(clearSelection(NO_SELECTION).runs.size).toBe(0);
  });
});

describe('keys of the map', () => {
  const press = (key: string, ctrlKey = false) => mapKey({ key, ctrlKey, metaKey: false });

  it('reads moves, choices and jumps', () => {
    expect(press('ArrowDown')).toEqual({ kind: 'move', move: 'down' });
    expect(press('Home')).toEqual({ kind: 'move', move: 'row-start' });
    expect(press('Home', true)).toEqual({ kind: 'move', move: 'first' });
    expect(press(' ')).toEqual({ kind: 'toggle' });
    expect(press('a', true)).toEqual({ kind: 'all' });
    expect(press('f')).toEqual({ kind: 'next-failed' });
  });

  it('leaves the keys of the browser alone', () => {
    expect(press('f', true)).toBeNull();
    expect(press('r', true)).toBeNull();
    expect(press('Tab')).toBeNull();
    expect(press('a')).toBeNull();
  });

  it('looks for the next run going round', () => {
    const failed = (run: number): boolean => run === 2 || run === 7;
    expect(nextRun(10, 2, failed)).toBe(7);
    expect(nextRun(10, 7, failed)).toBe(2);
    expect(nextRun(10, null, failed)).toBe(2);
    expect(nextRun(10, 3, () => false)).toBeNull();
    expect(nextRun(0, null, () => true)).toBeNull();
  });
});
