import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';

/** A job folder whose rows say how each run ends. */
function endingsFolder(extra = ''): string {
  return writeFiles({
    'runs.csv': 'how\nok\nexit\nsignal\nslow\ncriteria\nnumber\nmissing\n',
    'end.sh': `case "$1" in
  ok) echo 'result 42'; echo all right ;;
  exit) exit 3 ;;
  signal) kill -SEGV $$ ;;
  slow) sleep 60 ;;
  criteria) echo 'result 1'; echo '*ERROR in line 7' ;;
  number) echo 'result 1e99'; echo all right ;;
  missing) echo all right ;;
esac
`,
    'slipway.yaml': `
name: Endings
type: doe
inputs: [end.sh]
command: ./end.sh \${how}
doe: {runs: runs.csv}
hardware: {slots: 3, walltime: 2s}
success: {mustNotMatch: {file: stdout, regex: '\\*ERROR'}}
outputs:
  result: {file: stdout, regex: 'result (\\S+)', expect: [0, 100]}
${extra}`,
  });
}

describe('how runs end', () => {
  it('each ending is told as what it is, the others keep their results, and the command ends with 1', async () => {
    const slipway = new Slipway();
    const { code, value: job } = await slipway.json<Job>('run', endingsFolder());
    expect(code).toBe(1);
    expect(job).toMatchObject({ state: 'failed', runs: { total: 7, done: 1, failed: 6 } });
    const { runs } = await slipway.results();
    const told = Object.fromEntries(runs.map((r) => [r.values['how'], r.failure?.kind ?? r.state]));
    expect(told).toEqual({
      ok: 'done',
      exit: 'exit-code',
      signal: 'signal',
      slow: 'timeout',
      criteria: 'criteria',
      number: 'criteria',
      missing: 'output',
    });
    expect(runs[0]!.outputs['result']).toBe(42);
    expect(runs[1]!.exitCode).toBe(3);
    expect(runs[3]!.failure?.message).toMatch(/2 s/);
    expect(runs[4]!.failure?.message).toMatch(/\*ERROR in line 7/);
    const shown = await slipway.run('show', 'last');
    expect(shown.stdout).toMatch(/exit-code/);
  });

  it('a run that needs too much memory is stopped and told as out-of-memory', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'slipway.yaml': `
name: Hungry
type: basic
command: exec awk 'BEGIN { s = "x"; while (1) s = s s }'
hardware: {memory: 64M, walltime: 60s}
`,
    });
    const { code } = await slipway.json('run', folder);
    expect(code).toBe(1);
    const { runs } = await slipway.results();
    expect(runs[0]!.failure?.kind).toBe('out-of-memory');
    expect(runs[0]!.failure?.message).toMatch(/64 MiB/);
  }, 60_000);

  it('rerun makes a new attempt of the failed runs only, and keeps the folder of the earlier one', async () => {
    const slipway = new Slipway();
    const switchFile = join(tempFolder(), 'switch');
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `
name: Again
type: doe
command: echo "attempt of \${n}"; [ \${n} != 2 ] || [ -e ${switchFile} ]
doe: {runs: runs.csv}
hardware: {walltime: 10s}
`,
    });
    expect((await slipway.json('run', folder)).code).toBe(1);
    const before = await slipway.results();
    expect(before.runs.map((r) => r.state)).toEqual(['done', 'failed', 'done']);
    writeFileSync(switchFile, '');
    const { code, value: job } = await slipway.json<Job>('rerun', 'last', '--failed');
    expect(code).toBe(0);
    expect(job).toMatchObject({ state: 'done', runs: { total: 3, done: 3, failed: 0 } });
    expect(existsSync(join(job.folder, 'attempts', '0002.1', 'end.json'))).toBe(true);
    expect(existsSync(join(job.folder, 'attempts', '0001.1'))).toBe(false);
    const again = await slipway.run('rerun', 'last', '--failed');
    expect(again.code).toBe(2);
    expect(again.stderr).toMatch(/No run of Again has failed/);
  });

  it('cancel ends all processes of a job and leaves ended runs as they are', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n4\n',
      'slipway.yaml': `
name: Long
type: doe
command: '[ \${n} = 1 ] || { sleep 300 & sleep 300; }'
doe: {runs: runs.csv}
hardware: {slots: 2, walltime: 10m}
`,
    });
    const { value: job } = await slipway.json<Job>('run', folder, '--no-wait');
    await eventually(async () => (await slipway.job()).runs.running === 2);
    const { code } = await slipway.json('cancel', job.id);
    expect(code).toBe(0);
    const ended = await eventually(async () => {
      const now = await slipway.job();
      return now.finishedAt === null ? null : now;
    });
    expect(ended).toMatchObject({ state: 'cancelled', runs: { done: 1, cancelled: 3, failed: 0 } });
    await eventually(() => slipway.processes().length === 0);
  });

  it('Ctrl-C cancels what the command started and ends with 130', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'slipway.yaml': 'name: Long\ntype: basic\ncommand: echo begun; sleep 300\nhardware: {walltime: 10m}\n',
    });
    const command = slipway.start(['run', folder]);
    const id = await eventually(
      async () => (await slipway.json<Job[]>('jobs')).value.find((j) => j.runs.running === 1)?.id,
    );
    command.process.kill('SIGINT');
    const { code, stderr } = await command.ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/cancelled/);
    expect((await slipway.job(id)).state).toBe('cancelled');
    await eventually(() => slipway.processes().length === 0);
  });

  it('before and after run around the command; a failing one fails the run', async () => {
    const slipway = new Slipway();
    const folder = writeFiles({
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `
name: Around
type: doe
command: cat prepared > computed
doe:
  runs: runs.csv
  before: '[ \${n} != 2 ] && echo \${n} > prepared'
  after: '[ \${n} != 3 ] && printf "twice\\t%d\\nword\\thello\\n" $((2 * $(cat computed)))'
hardware: {walltime: 10s}
outputs:
  post: {file: after.out, tsv: true}
`,
    });
    expect((await slipway.json('run', folder)).code).toBe(1);
    const { runs, outputs } = await slipway.results();
    expect(outputs).toEqual(['twice', 'word']);
    expect(runs[0]).toMatchObject({ state: 'done', outputs: { twice: 2, word: 'hello' } });
    expect(runs[1]!.failure).toMatchObject({ kind: 'exit-code', message: expect.stringMatching(/before/) });
    expect(runs[2]!.failure).toMatchObject({ kind: 'exit-code', message: expect.stringMatching(/after/) });
  });

  it('values are data: no value is run by the shell, whatever it holds', async () => {
    const slipway = new Slipway();
    const canary = join(tempFolder(), 'canary');
    const nasty = [
      `$(touch ${canary})`,
      `\`touch ${canary}\``,
      `'; touch ${canary}; '`,
      `" && touch ${canary} #`,
      '${HOME}',
      '-n',
      '*',
      'a  b',
      'ünï',
    ];
    const folder = writeFiles({
      'runs.csv': `v\n${nasty.map((v) => `"${v.replaceAll('"', '""')}"`).join('\n')}\n`,
      'slipway.yaml': `
name: Hostile values
type: doe
command: printf '%s' \${v}
doe: {runs: runs.csv}
hardware: {walltime: 10s}
`,
    });
    expect((await slipway.json('run', folder)).code).toBe(0);
    const job = await slipway.job();
    nasty.forEach((value, i) => {
      expect(readFileSync(join(job.folder, 'runs', String(i + 1).padStart(4, '0'), 'stdout'), 'utf8')).toBe(value);
    });
    expect(existsSync(canary)).toBe(false);
  });
});
