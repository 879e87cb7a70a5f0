import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import type { Slipway } from '../../support/slipway.ts';
import { eventually } from '../../support/slipway.ts';

/** A job of many runs, each of which leaves a mark whenever it is run. */
export interface MarkedArray {
  /** The job folder, with an input that all runs share. */
  readonly folder: string;
  /** Expects that every run has been run once, with the input as it is, is told as done, and has brought its own value back. */
  expectEachOnce(slipway: Slipway): Promise<void>;
}

export function markedArray(options: { readonly runs: number; readonly hardware: string }): MarkedArray {
  const rows = Array.from({ length: options.runs }, (_, i) => i + 1);
  const marks = tempFolder('slipway-marks-');
  const mesh = randomBytes(1_200_000);
  const sum = createHash('sha256').update(mesh).digest('hex');
  const folder = writeFiles({
    'mesh.bin': mesh,
    'runs.csv': `n\n${rows.join('\n')}\n`,
    'slipway.yaml': `name: Marked
type: doe
inputs: [mesh.bin]
command: sleep 0.5; echo ran >>${marks}/\${n}; echo "${sum}  mesh.bin" | sha256sum -c && echo \${n} >value
doe: {runs: runs.csv}
outputs: {value: {file: value, regex: '(\\d+)', group: 1}}
hardware: {${options.hardware}, walltime: 1m}
`,
  });
  return {
    folder,
    async expectEachOnce(slipway) {
      const { runs } = await slipway.results();
      expect(runs.map((r) => [r.state, r.outputs['value']])).toEqual(rows.map((n) => ['done', n]));
      expect(rows.map((n) => readFileSync(join(marks, String(n)), 'utf8'))).toEqual(rows.map(() => 'ran\n'));
    },
  };
}

/** Runs it on a site, kills the core at random moments while it goes on, and waits for its end. */
export async function runWithKills(slipway: Slipway, array: MarkedArray, site: string, kills: number): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    const running = slipway.start(kill === 0 ? ['run', array.folder, '--site', site] : ['tail', 'last', '-f']);
    await new Promise((resolve) => setTimeout(resolve, 500 + Math.random() * 3000));
    running.process.kill('SIGKILL');
    await running.ended;
    slipway.kill();
    // A submission that never reached the store is the person's to repeat.
    const { value } = await slipway.json<Job[]>('jobs');
    if (value.length === 0) kill = -1;
  }
  await eventually(async () => (await slipway.json<Job>('show', 'last')).value.state === 'done', 120);
}
