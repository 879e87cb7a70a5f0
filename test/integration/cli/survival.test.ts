import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../shared/contract/jobs.ts';
import { tempFolder, writeFiles } from '../../support/job-folder.ts';
import { eventually, Slipway } from '../../support/slipway.ts';

/** Runs that note their number in a shared file when they begin, wait for a gate, and print it. */
function gatedFolder(runs: number, notes: string, gate: string): string {
  return writeFiles({
    'runs.csv': `n\n${Array.from({ length: runs }, (_, i) => i + 1).join('\n')}\n`,
    'slipway.yaml': `
name: Gated
type: doe
command: 'echo \${n} >> ${notes}; while [ ! -e ${gate} ]; do sleep 0.05; done; echo "value \${n}"'
doe: {runs: runs.csv}
hardware: {slots: 2, walltime: 5m}
outputs:
  value: {file: stdout, regex: 'value (\\d+)'}
`,
  });
}

function begun(notes: string): number[] {
  return existsSync(notes) ? readFileSync(notes, 'utf8').trim().split('\n').map(Number) : [];
}

describe('what survives', () => {
  it('kill -9 of the core leaves runs going; the next core adopts them and ends the job truthfully, each run once', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    const [notes, gate] = [join(place, 'notes'), join(place, 'gate')];
    const command = slipway.start(['run', gatedFolder(6, notes, gate)]);
    await eventually(() => begun(notes).length === 2);
    command.process.kill('SIGKILL');
    await command.ended;
    expect(begun(notes)).toHaveLength(2);
    // A look by another process shows the runs as they are: going.
    const seen = await slipway.job();
    expect(seen.state).toBe('running');
    expect(seen.runs).toMatchObject({ running: 2, failed: 0 });
    writeFileSync(gate, '');
    const ended = await eventually(async () => {
      const job = await slipway.job();
      return job.finishedAt === null ? null : job;
    }, 40);
    expect(ended).toMatchObject({ state: 'done', runs: { total: 6, done: 6, failed: 0, unknown: 0 } });
    expect(begun(notes).sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect((await slipway.results()).runs.map((r) => r.outputs['value'])).toEqual([1, 2, 3, 4, 5, 6]);
  }, 90_000);

  it('kill -9 at five random moments of a 200-run job: no run is lost, none runs twice', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    const notes = join(place, 'notes');
    const total = 200;
    const folder = writeFiles({
      'runs.csv': `n\n${Array.from({ length: total }, (_, i) => i + 1).join('\n')}\n`,
      'slipway.yaml': `
name: Shaken
type: doe
command: 'echo \${n} >> ${notes}; sleep 0.05'
doe: {runs: runs.csv}
hardware: {slots: 4, walltime: 1m}
`,
    });
    await slipway.json('run', folder, '--no-wait');
    const moments = Array.from({ length: 5 }, () => Math.floor(Math.random() * (total - 20))).sort((x, y) => x - y);
    for (const moment of moments) {
      // A moment is a number of runs that have begun, so that it does not depend on the machine's speed.
      await eventually(() => begun(notes).length >= moment, 60);
      slipway.kill(isCore);
      await slipway.job();
    }
    console.log(`killed after ${moments.join(', ')} of ${total} runs had begun`);
    const ended = await eventually(async () => {
      const job = await slipway.job();
      return job.finishedAt === null ? null : job;
    }, 60);
    expect(ended.runs).toMatchObject({ done: total, failed: 0, unknown: 0 });
    expect(begun(notes).sort((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
  }, 180_000);

  it('a restart of the machine shows the runs that were going as lost', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    const [notes, gate] = [join(place, 'notes'), join(place, 'gate')];
    const command = slipway.start(['run', gatedFolder(3, notes, gate)]);
    await eventually(() => begun(notes).length === 2);
    command.process.kill('SIGKILL');
    await command.ended;
    // What a restart leaves: the processes are gone, and the system has another boot id than the one in the records.
    slipway.kill();
    const folder = jobFolders(slipway)[0]!;
    for (const run of ['0001', '0002']) {
      for (const record of ['start.json', '.slipway/claim.1']) {
        const path = join(folder, 'runs', run, record);
        writeFileSync(
          path,
          readFileSync(path, 'utf8').replace(/"bootId":"[^"]*"/, '"bootId":"00000000-0000-0000-0000-000000000000"'),
        );
      }
    }
    writeFileSync(gate, '');
    const ended = await eventually(async () => {
      const job = await slipway.job();
      return job.finishedAt === null ? null : job;
    });
    expect(ended).toMatchObject({ state: 'failed', runs: { done: 1, failed: 2 } });
    const { runs } = await slipway.results();
    expect(runs[0]!.failure).toMatchObject({ kind: 'lost', message: expect.stringMatching(/restart/) });
    expect(begun(notes)).toHaveLength(3);
  }, 60_000);

  it('later edits of the job folder do not reach a job that was submitted', async () => {
    const slipway = new Slipway();
    const gate = join(tempFolder(), 'gate');
    const folder = writeFiles({
      'input.txt': 'as submitted',
      'deck.template': 'n = ${n}',
      'runs.csv': 'n\n1\n2\n3\n',
      'slipway.yaml': `
name: Frozen
type: doe
inputs: [input.txt]
command: 'while [ ! -e ${gate} ]; do sleep 0.05; done; cat input.txt deck'
doe: {runs: runs.csv, templates: [{from: deck.template, to: deck}]}
hardware: {slots: 1, walltime: 1m}
`,
    });
    const { value: job } = await slipway.json<Job>('run', folder, '--no-wait');
    writeFiles({ 'input.txt': 'edited', 'deck.template': 'edited', 'runs.csv': 'n\n9\n' }, folder);
    writeFileSync(gate, '');
    await eventually(async () => (await slipway.job()).finishedAt);
    expect(readFileSync(join(job.folder, 'runs/0003/stdout'), 'utf8')).toBe('as submittedn = 3');
  }, 60_000);

  it('two commands at once share one core; a repeated look changes nothing', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    const [notes, gate] = [join(place, 'notes'), join(place, 'gate')];
    const running = slipway.start(['run', gatedFolder(2, notes, gate)]);
    await eventually(() => begun(notes).length === 2);
    const [a, b, c] = await Promise.all([
      slipway.json('jobs'),
      slipway.json('show', 'last'),
      slipway.json('results', 'last'),
    ]);
    expect([a.code, b.code, c.code]).toEqual([0, 0, 0]);
    const tail = slipway.start(['tail', 'last', '--run', '1', '-f']);
    writeFileSync(gate, '');
    expect((await tail.ended).stdout).toBe('value 1\n');
    expect((await running.ended).code).toBe(0);
  }, 60_000);

  it('a command whose core belonged to another command goes on when that one ends', async () => {
    const slipway = new Slipway();
    const place = tempFolder();
    const gates = [join(place, 'gate1'), join(place, 'gate2')] as const;
    const first = slipway.start(['run', gatedFolder(1, join(place, 'notes1'), gates[0])]);
    await eventually(() => begun(join(place, 'notes1')).length === 1);
    const second = slipway.start(['run', gatedFolder(1, join(place, 'notes2'), gates[1])]);
    await eventually(() => begun(join(place, 'notes2')).length === 1);
    writeFileSync(gates[0], '');
    expect((await first.ended).code).toBe(0);
    writeFileSync(gates[1], '');
    const { code, stdout } = await second.ended;
    expect(stdout).toMatch(/1 done/);
    expect(code).toBe(0);
    expect(begun(join(place, 'notes2'))).toEqual([1]);
  }, 60_000);

  it('a submission that takes longer than an idle background core waits is not lost', async () => {
    const slipway = new Slipway();
    const rows = Array.from({ length: 400_000 }, (_, i) => `${i},${i * 2},${i * 3},${i * 5}`).join('\n');
    const folder = writeFiles({
      'runs.csv': `a,b,c,d\n${rows}\n`,
      'slipway.yaml':
        'name: Many\ntype: doe\ncommand: echo ${a} ${b} ${c} ${d}\ndoe: {runs: runs.csv}\nhardware: {walltime: 1m}\n',
    });
    const { code, value } = await slipway.json<Job>('run', folder, '--no-wait');
    expect(code).toBe(0);
    expect(value.runs.total).toBe(400_000);
    expect((await slipway.json('cancel', value.id)).code).toBe(0);
    await eventually(async () => (await slipway.job()).finishedAt, 60);
  }, 120_000);

  it('a damaged database is told, not replaced', async () => {
    const slipway = new Slipway();
    await slipway.json('jobs');
    const path = join(slipway.home, 'state.db');
    writeFileSync(path, 'not a database at all, '.repeat(200));
    const { code, stderr } = await slipway.run('jobs');
    expect(code).toBe(2);
    expect(stderr).toMatch(/state\.db cannot be read/);
    expect(readFileSync(path, 'utf8')).toMatch(/^not a database/);
  });
});

/** True for a background core; false for anything else, and for what has ended meanwhile. */
function isCore(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('core.js');
  } catch {
    return false;
  }
}

/** Job folders as the file system shows them, without starting a core. */
function jobFolders(slipway: Slipway): string[] {
  const names = readdirSync(join(slipway.home, 'jobs')).filter((name) => !name.startsWith('.'));
  return names.map((name) => join(slipway.home, 'jobs', name));
}
