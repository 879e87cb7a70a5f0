import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { JobPlan } from '../../../electron/core/jobs/job-plan.ts';
import { JobStore } from '../../../electron/core/storage/job-store.ts';
import { RunStore } from '../../../electron/core/storage/run-store.ts';
import type { Scenario } from './scenario.ts';

/** Id of the job. */
export const JOB = 'shaky';

/** A job whose runs call `work RUN`, as a submission leaves it in the database and on the disk of this workstation. */
export function insertJob(db: Database, profile: string, scenario: Scenario, now: number): void {
  const id = JOB;
  const folder = join(profile, 'jobs', id);
  for (const name of ['inputs', 'runs', 'templates']) mkdirSync(join(folder, name), { recursive: true });
  const plan: JobPlan = {
    version: 1,
    spec: {
      ...{ name: 'Shaky', type: 'doe', inputs: [], command: 'work ${n}', keep: [], environment: {} },
      doe: { runs: 'runs.csv', variables: {}, constraints: [], templates: [] },
      hardware: { coresPerSlot: 1 },
      success: { exitCodes: [0], mustMatch: [], mustNotMatch: [], mustExist: [] },
      outputs: {
        value: { kind: 'regex', file: 'stdout', regex: 'value (\\d+)', group: 1, required: true, as: 'number' },
      },
    },
    ...{ coreType: 'main', slots: scenario.slots, coresPerSlot: 1, memoryBytes: null, walltimeSeconds: 3600 },
    variables: [{ name: 'n', unit: null, label: null, kind: 'number' }],
    ...{ templates: [], runInputs: [], total: scenario.runs },
  };
  const jobs = new JobStore(db);
  jobs.insert({
    ...{ id, requestId: id, name: 'Shaky', type: 'doe', site: 'hpc', folder, source: folder, specText: '' },
    ...{ plan: JSON.stringify(plan), outputs: '[]', submittedAt: now, total: scenario.runs },
  });
  const values = Array.from({ length: scenario.runs }, (_, i) => [String(i + 1)]);
  new RunStore(db).insertPlanned(id, 1, values);
  jobs.setReady(id);
}
