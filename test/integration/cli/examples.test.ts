import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { ROOT, Slipway } from '../../support/slipway.ts';

/** A search path on which the system has a package manager and nothing else. */
function pathWithOnly(program: string): string {
  const folder = tempFolder();
  symlinkSync('/bin/true', join(folder, program));
  return folder;
}

const hasCalculix = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'ccx')));

describe('the bundled examples', () => {
  it('cantilever: finite elements and closed formula agree in all 48 runs', async () => {
    const slipway = new Slipway();
    const { code, value: job } = await slipway.json<Job>('run', 'examples/cantilever');
    expect(code).toBe(0);
    expect(job).toMatchObject({
      name: 'Cantilever',
      type: 'doe',
      site: 'local',
      state: 'done',
      runs: { total: 48, done: 48, failed: 0 },
    });
    expect(Object.keys(job).sort()).toEqual([
      'finishedAt',
      'folder',
      'id',
      'name',
      'runs',
      'site',
      'state',
      'submittedAt',
      'type',
    ]);
    const results = await slipway.results();
    expect(results.variables).toEqual(['width', 'thickness', 'load']);
    for (const run of results.runs) {
      const { displacement, formula } = run.outputs as Record<string, number>;
      expect(displacement! / formula!).toBeCloseTo(1, 9);
    }
  }, 120_000);

  it.skipIf(!hasCalculix && !process.env['CI'])(
    'cantilever-calculix: the known answers of the real solver',
    async () => {
      const slipway = new Slipway();
      const { code } = await slipway.json<Job>('run', 'examples/cantilever-calculix');
      expect(code).toBe(0);
      const results = await slipway.results();
      expect(results.runs).toHaveLength(15);
      expect(results.outputs).toEqual(['uy', 'uz', 'displacement', 'volume', 'mass']);
      for (const { values, outputs } of results.runs) {
        const [w, t, Y] = [Number(values['w']), Number(values['t']), Number(values['Y'])];
        const formula = ((4 * 100 ** 3) / (2.9e7 * w * t)) * Math.hypot(500 / w ** 2, Y / t ** 2);
        // Shear makes the solver 0.027 % to 0.057 % softer than the formula (reference values of the example).
        const excess = (outputs['displacement'] as number) / formula - 1;
        expect(excess).toBeGreaterThan(0.00026);
        expect(excess).toBeLessThan(0.00058);
        expect(outputs['volume']).toBeCloseTo(100 * w * t, 6);
        expect(outputs['mass']).toBeCloseTo(7.3e-4 * 100 * w * t, 9);
      }
      const centre = results.runs[12]!;
      expect(centre.outputs['uy']).toBe(1.471726);
      expect(centre.outputs['uz']).toBe(2.044345);
      const job = await slipway.job();
      const kept = readdirSync(join(job.folder, 'runs', '0013')).filter((name) => !name.startsWith('.'));
      expect(kept.sort()).toEqual([
        'cantilever.dat',
        'cantilever.frd',
        'cantilever.inp',
        'end.json',
        'start.json',
        'stderr',
        'stdout',
      ]);
    },
    120_000,
  );

  it('cantilever-calculix without the solver: says what to install, runs nothing', async () => {
    const slipway = new Slipway();
    const { code, value } = await slipway.json<{ ok: boolean; problems: { code: string; hint: string }[] }>(
      'check',
      'examples/cantilever-calculix',
    );
    if (hasCalculix) expect(code).toBe(0);
    const withoutSolver = slipway.start(['check', 'examples/cantilever-calculix', '--json'], {
      env: { PATH: pathWithOnly('apt') },
    });
    const end = await withoutSolver.ended;
    expect(end.code).toBe(2);
    const report = JSON.parse(end.stdout) as typeof value;
    expect(report.ok).toBe(false);
    expect(report.problems.find((p) => p.code === 'SW01')?.hint).toMatch(/calculix-ccx/);
  });

  it('bring-your-own-inputs: every row unpacks the archive it chose', async () => {
    const slipway = new Slipway();
    const { code } = await slipway.json<Job>('run', 'examples/bring-your-own-inputs');
    expect(code).toBe(0);
    const results = await slipway.results();
    expect(results.outputs).toEqual(['jet_velocity', 'peak_flow', 'mass_per_stroke']);
    const flow = Object.fromEntries(results.runs.map((r) => [r.run, r.outputs['peak_flow']]));
    // Orifice flow Cd·A·sqrt(2·ρ·Δp), by hand for both archives.
    expect(flow[1]).toBeCloseTo(0.86 * 7 * Math.PI * 0.07e-3 ** 2 * Math.sqrt(2 * 830 * 400e5), 6);
    expect(flow[4]).toBeCloseTo(0.72 * Math.PI * 0.31e-3 ** 2 * Math.sqrt(2 * 740 * 120e5), 6);
    expect(existsSync(join(ROOT, 'examples/bring-your-own-inputs/injector.json'))).toBe(false);
  });
});
