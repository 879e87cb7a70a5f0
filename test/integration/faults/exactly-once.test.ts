import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Hunt } from '../../lab/fake-slurm/hunt.ts';
import { scenarios } from '../../lab/fake-slurm/scenario.ts';

const canRun = process.platform === 'linux';
const WANTED = 500;

describe.skipIf(!canRun)('a job on a cluster where everything goes wrong', () => {
  const hunt = new Hunt();
  afterAll(() => hunt.end());

  it('runs each run once, loses none, and tells how each ended, as it does when nothing goes wrong', async () => {
    const [quiet] = fc.sample(scenarios({ min: 0, max: 0 }), { seed: 5, numRuns: 1 });
    const { violations, executions } = await hunt.live({ ...quiet!, runs: 5, cancels: [], reruns: [] });
    expect(violations).toEqual([]);
    expect(executions).toBe(5);
  });

  // `npm run test:soak` goes on to 10,000.
  it(`keeps to that under ${WANTED} faults`, { timeout: 240_000 }, async () => {
    const kinds = new Set<string>();
    let faults = 0;
    for (let seed = 20_260_105; faults < WANTED; seed++) {
      const [scenario] = fc.sample(scenarios({ min: 40, max: 70 }), { seed, numRuns: 1 });
      const report = await hunt.live(scenario!);
      expect(report.violations, `seed ${seed}:\n${report.log.join('\n')}`).toEqual([]);
      for (const [kind, n] of report.faults) {
        kinds.add(kind);
        faults += n;
      }
    }
    expect(kinds.size).toBeGreaterThan(40);
  });
});
