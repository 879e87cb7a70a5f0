import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressTasks, expandTasks } from '../../../shared/domain/scheduler/task-ranges.ts';

describe('lists of task indices', () => {
  it.each([
    ['5', [5]],
    ['3,7,19', [3, 7, 19]],
    ['1-3,7,9-10', [1, 2, 3, 7, 9, 10]],
    ['[1-5,7%3]', [1, 2, 3, 4, 5, 7]],
    ['[4-6%10]', [4, 5, 6]],
    ['1-9:2', [1, 3, 5, 7, 9]],
    ['1-10:4', [1, 5, 9]],
    ['7,1-3,2', [1, 2, 3, 7]],
    [' [2] ', [2]],
    ['0', [0]],
  ])('%s', (text, tasks) => {
    expect(expandTasks(text)).toEqual(tasks);
  });

  it('reads a step over a long range', () => {
    const tasks = expandTasks('1-10000:2');
    expect(tasks).toHaveLength(5000);
    expect(tasks?.at(-1)).toBe(9999);
  });

  it.each(['', '[]', '[1-5,...]', '1-5,', '5-1', '1-5:0', 'N/A', '1-4000', '1-99999999', 'a', '1-2-3', '-1', '1 2'])(
    'takes %j for no list, unless it is one',
    (text) => {
      expect(expandTasks(text)).toEqual(text === '1-4000' ? Array.from({ length: 4000 }, (_, i) => i + 1) : null);
    },
  );

  it('writes what it reads, for any indices', () => {
    const indices = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(indices, (some) => {
        const tasks = some.toSorted((a, b) => a - b);
        expect(expandTasks(compressTasks(tasks))).toEqual(tasks);
        expect(expandTasks(`[${compressTasks(tasks)}%7]`)).toEqual(tasks);
      }),
    );
  });

  it('never takes a list that was cut off for a longer one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { minLength: 2 }), fc.nat(), (some, at) => {
        const tasks = some.toSorted((a, b) => a - b);
        const text = compressTasks(tasks);
        const cut = expandTasks(text.slice(0, at % text.length));
        expect(cut === null || cut.length <= tasks.at(-1)!).toBe(true);
        expect(cut === null || cut.every((task) => task <= tasks.at(-1)!)).toBe(true);
      }),
    );
  });
});
