import { expect } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import type { Slipway } from '../../support/slipway.ts';

const EXAMPLE = 'examples/cantilever-calculix';

/** Runs the example as it is on a site and on this workstation, and expects the same results. */
export async function expectExampleAsLocal(slipway: Slipway, site: string): Promise<void> {
  const job = await slipway.json<Job>('run', EXAMPLE, '--site', site);
  expect(job.value).toMatchObject({ state: 'done', site, runs: { total: 15, done: 15 } });
  const remote = await slipway.results();
  await slipway.run('run', EXAMPLE);
  const local = await slipway.results();
  expect(remote.runs.map((r) => r.outputs)).toEqual(local.runs.map((r) => r.outputs));
  expect(remote.runs.every((r) => r.exitCode === 0)).toBe(true);
}
