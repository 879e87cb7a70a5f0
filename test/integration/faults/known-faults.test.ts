import { afterAll, describe, expect, it } from 'vitest';
import { Hunt } from '../../lab/fake-slurm/hunt.ts';
import type { Fault, FaultKind, Scenario } from '../../lab/fake-slurm/scenario.ts';

const PLAIN: Scenario = {
  ...{ seed: 11, runs: 3, slots: 3, capacity: 3, maxArraySize: 1001, accounting: true, minJobAge: 300 },
  ...{ pollSeconds: 20, skew: 0, faults: [], cancels: [], reruns: [] },
};
const fault = (kind: FaultKind, at: number, n = 0): Fault => ({ kind, at, n });

describe.skipIf(process.platform !== 'linux')('faults that once were too much', () => {
  const hunt = new Hunt();
  afterAll(() => hunt.end());

  it('a cancel outlives the core that could not tell it', async () => {
    const report = await hunt.live({
      ...{ ...PLAIN, runs: 1, cancels: [{ at: 40, runs: [1] }] },
      // The task is held before it could begin, nobody can be told, and the core is killed.
      faults: [fault('hold', 6, 398), fault('unreachable', 39, 100), fault('core-killed', 41)],
    });
    expect(report).toMatchObject({ violations: [], states: ['cancelled'], executions: 0 });
    expect([...report.faults.keys()].toSorted()).toEqual(['core-killed', 'hold', 'unreachable']);
  });

  it('a cancel that scancel has not heard is told again', async () => {
    const report = await hunt.live({
      ...{ ...PLAIN, runs: 1, cancels: [{ at: 60, runs: [1] }] },
      faults: [fault('suspend', 0, 199), fault('scancel-fails', 0)],
    });
    expect(report).toMatchObject({ violations: [], states: ['cancelled'], executions: 1 });
    expect([...report.faults.keys()].toSorted()).toEqual(['scancel-fails', 'suspend']);
  });

  it('what hung at sbatch, and was cancelled meanwhile, does not run when it is accepted in the end', async () => {
    const report = await hunt.live({
      ...{ ...PLAIN, cancels: [{ at: 100, runs: null }] },
      faults: [fault('sbatch-late-accepted', 0, 400)],
    });
    expect(report).toMatchObject({ violations: [], states: ['cancelled', 'cancelled', 'cancelled'], executions: 0 });
  });

  it('what hung at sbatch, and was submitted again meanwhile, runs once when both are accepted', async () => {
    const report = await hunt.live({ ...PLAIN, faults: [fault('sbatch-late-accepted', 0, 320)] });
    expect(report).toMatchObject({ violations: [], executions: 3 });
  });

  it.each([
    ['core-killed-before-command', 1],
    ['core-killed-after-command', 3],
    ['core-killed-at-write', 3],
  ] as const)(
    'a job comes to its true end though the core is killed at any moment of it: %s',
    async (kind, step) => {
      for (let n = 0; n < 24; n += step) {
        const report = await hunt.live({ ...PLAIN, runs: 2, faults: [fault(kind, 5, n)] });
        expect(report.violations, `${n}\n${report.log.join('\n')}`).toEqual([]);
        expect(report.executions).toBe(2);
      }
    },
    90_000,
  );
});
