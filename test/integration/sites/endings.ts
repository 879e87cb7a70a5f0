import { expect } from 'vitest';
import { writeFiles } from '../../support/job-folder.ts';
import type { Slurm } from '../../lab/slurm.ts';
import type { Slipway } from '../../support/slipway.ts';
import { eventually } from '../../support/slipway.ts';

/** A job whose runs end in every way, run to its end on a site; somebody else cancels the last of them. */
export async function runEndings(slipway: Slipway, site: string, slurm: Slurm): Promise<void> {
  const job = writeFiles({
    'runs.csv': 'what\ngood\nbad\nslow\nbig\nforeign\n',
    'run.sh.template':
      'case ${what} in good) echo fine;; bad) exit 3;; slow) exec sleep 100;; big) exec python3 -c "x=bytearray(400000000); import time; time.sleep(60)";; foreign) exec sleep 200;; esac\n',
    'slipway.yaml': `name: Endings
type: doe
command: sh run.sh
doe: {runs: runs.csv, templates: [{from: run.sh.template}]}
hardware: {coreType: main, slots: 5, memory: 200M, walltime: 8s}
`,
  });
  const running = slipway.start(['run', job, '--site', site, '--json']);
  const id = await eventually(
    async () =>
      (await slurm.run('squeue', '-h', '-t', 'RUNNING', '-r', '-o', '%M %i'))
        .split('\n')
        .find((line) => line.endsWith('_5') && !/^0:0[01] /.test(line))
        ?.split(' ')[1],
    60,
  );
  await slurm.run('scancel', id);
  expect((await running.ended).code).toBe(1);
  const { runs } = await slipway.results();
  expect(runs.map((r) => [r.state, r.failure?.kind ?? null])).toEqual([
    ['done', null],
    ['failed', 'exit-code'],
    ['failed', 'timeout'],
    ['failed', 'out-of-memory'],
    ['cancelled', null],
  ]);
}
