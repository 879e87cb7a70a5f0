import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CoreBudget } from '../../../electron/core/jobs/core-budget.ts';

describe('the cores of the workstation', () => {
  it('a job takes its slots; the next one waits until cores are free', () => {
    const budget = new CoreBudget(4);
    let woken = 0;
    budget.join('a', 3, 1, () => undefined);
    budget.join('b', 2, 2, () => woken++);
    expect([budget.take('a'), budget.take('a'), budget.take('a'), budget.take('a')]).toEqual([true, true, true, false]);
    expect(budget.take('b')).toBe(false);
    budget.release('a');
    expect(woken).toBe(1);
    expect(budget.take('b')).toBe(true);
  });

  it('a job that asks for more than the machine has gets it when it is alone', () => {
    const budget = new CoreBudget(2);
    budget.join('big', 3, 4, () => undefined);
    expect([budget.take('big'), budget.take('big'), budget.take('big'), budget.take('big')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('never gives away more cores than there are while jobs share, and wakes who waits', () => {
    const jobs = fc.record({ slots: fc.integer({ min: 1, max: 4 }), cores: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(jobs, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 60 }),
        (machine, list, steps) => {
          const budget = new CoreBudget(machine);
          const used = list.map(() => 0);
          list.forEach((job, i) => budget.join(String(i), job.slots, job.cores, () => undefined));
          for (const step of steps) {
            const i = step % list.length;
            if (step % 3 === 0 && used[i]! > 0) {
              budget.release(String(i));
              used[i]!--;
            } else if (budget.take(String(i))) used[i]!++;
            const cores = used.map((n, k) => n * list[k]!.cores);
            const total = cores.reduce((a, b) => a + b, 0);
            const sharing = cores.filter((n) => n > 0).length > 1;
            expect(used.every((n, k) => n <= list[k]!.slots)).toBe(true);
            if (sharing) expect(total).toBeLessThanOrEqual(machine);
          }
        },
      ),
    );
  });
});
