import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { RUN_WRAPPER_SH } from '../../../electron/core/sites/local/run-wrapper.ts';
import { has, read, record, SHELLS, TestJob } from '../../integration/local-site/run-folder.ts';

// Without /proc, as on macOS.
const WITHOUT_PROC = RUN_WRAPPER_SH.replaceAll('/proc/', '/nowhere/');
const WAYS = [
  ...SHELLS.map((shell) => ({ ...shell, wrapper: RUN_WRAPPER_SH })),
  { words: ['/bin/sh'], name: 'sh without /proc', there: true, wrapper: WITHOUT_PROC },
];

describe.each(WAYS)('run wrapper under $name', ({ words, there, wrapper }) => {
  const job = new TestJob(wrapper);
  afterAll(async () => {
    expect(await job.survivors()).toEqual([]);
    await job.remove();
  });

  it.skipIf(!there)('is understood by the shell', () => {
    const { status, stderr } = spawnSync(words[0]!, [...words.slice(1), '-n', join(job.jobDir, 'wrapper.sh')]);
    expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  });

  it.skipIf(!there)('runs the three steps in the run folder and records start and end', async () => {
    const run = job.run({
      before: 'echo meshing; echo warning >&2',
      command: 'pwd; echo trouble >&2; cat start.json >seen',
      after: "printf 'tip\\t1.5\\n'; echo note >&2",
    });
    const before = Date.now() / 1000;
    expect(await job.wrap(run, words)).toBe(0);
    expect(read(run, 'before.out')).toBe('meshing\nwarning\n');
    expect(read(run, 'stdout')).toBe(`${run.runDir}\n`);
    expect(read(run, 'stderr')).toBe('trouble\n');
    expect(read(run, 'after.out')).toBe('tip\t1.5\n');
    expect(read(run, 'after.err')).toBe('note\n');
    expect(record(run, 'end')).toEqual({
      attempt: 1,
      exitCode: 0,
      signal: null,
      reason: 'exit',
      endedAt: expect.any(Number),
      wallSeconds: expect.any(Number),
      peakMemoryBytes: null,
      afterExitCode: 0,
    });
    const start = record(run, 'start');
    expect(start).toMatchObject({ attempt: 1, pid: expect.any(Number), startTicks: expect.any(String) });
    expect(start['startedAt']).toBeGreaterThan(before - 2);
    expect(Number(record(run, 'end')['endedAt'])).toBeLessThan(Date.now() / 1000 + 2);
    expect(readdirSync(run.runDir).sort()).toEqual(
      ['.slipway', 'after.err', 'after.out', 'before.out', 'end.json', 'seen', 'start.json', 'stderr', 'stdout'].sort(),
    );
    expect(readdirSync(join(run.runDir, '.slipway')).filter((name) => name.includes('new'))).toEqual([]);
  });

  it.skipIf(!there)('leaves alone what is in names', async () => {
    const name = `it's a "run" $(touch hit)\n; touch hit; \`touch hit\` * -rf \u00e9`;
    const run = job.run({ command: 'echo ran' }, `names/${name}`);
    expect(await job.wrap(run, words)).toBe(0);
    expect(read(run, 'stdout')).toBe('ran\n');
    expect(record(run, 'end')).toMatchObject({ exitCode: 0, reason: 'exit' });
    expect(readdirSync(join(job.jobDir, 'names'))).toEqual([name]);
    expect(existsSync(join(job.jobDir, 'hit'))).toBe(false);
    expect(has(run, 'hit')).toBe(false);
  });

  it.skipIf(!there).each([
    { command: 'exit 3', exitCode: 3, signal: null },
    { command: 'exit 201', exitCode: 201, signal: null },
    { command: 'kill -s SEGV $$', exitCode: 139, signal: 'SIGSEGV' },
    { command: 'sh -c "kill -s FPE \\$\\$"; exit $?', exitCode: 136, signal: 'SIGFPE' },
    { command: 'kill -s KILL $$', exitCode: 137, signal: 'SIGKILL' },
  ])('tells how `$command` ended', async ({ command, exitCode, signal }) => {
    const run = job.run({ command });
    expect(await job.wrap(run, words)).toBe(0);
    expect(record(run, 'end')).toMatchObject({ reason: 'exit', exitCode, signal });
  });

  it.skipIf(!there)('does not run the command when the step before fails', async () => {
    const run = job.run({ before: 'exit 7', command: 'touch ran', after: 'touch ran' });
    await job.wrap(run, words);
    expect(record(run, 'end')).toMatchObject({ reason: 'before-failed', exitCode: 7, afterExitCode: null });
    expect(has(run, 'ran')).toBe(false);
  });

  it.skipIf(!there)('runs the step after a failed command, and keeps both exit codes', async () => {
    const run = job.run({ command: 'exit 3', after: 'exit 4' });
    await job.wrap(run, words);
    expect(record(run, 'end')).toMatchObject({ reason: 'after-failed', exitCode: 3, afterExitCode: 4 });
  });

  it.skipIf(!there)('runs an attempt once, however often it is started', async () => {
    const run = job.run({ command: 'echo ran >>runs' });
    const codes = await Promise.all(Array.from({ length: 4 }, () => job.wrap(run, words)));
    codes.push(await job.wrap(run, words));
    expect(codes).toEqual([0, 0, 0, 0, 0]);
    expect(read(run, 'runs')).toBe('ran\n');
  });

  it.skipIf(!there)('begins the next attempt without the end of the last', async () => {
    const first = job.run({ command: 'test ! -e end.json; echo $? >clean' });
    await job.wrap(first, words);
    const second = { ...first, attempt: 2 };
    await job.wrap(second, words);
    expect(read(first, 'clean')).toBe('0\n');
    expect(record(second, 'start')).toMatchObject({ attempt: 2 });
    expect(record(second, 'end')).toMatchObject({ attempt: 2, exitCode: 0 });
  });

  it.skipIf(!there)('does not run what was cancelled before it began', async () => {
    const run = job.run({ command: 'touch ran' });
    writeFileSync(join(run.runDir, '.slipway', 'cancel.1'), '');
    await job.wrap(run, words);
    expect(record(run, 'end')).toMatchObject({ reason: 'cancelled', exitCode: null });
    expect(has(run, 'ran')).toBe(false);
  });

  it.skipIf(!there)('ends what the command left in the background', async () => {
    const run = job.run({ command: 'sleep 600 & (sleep 600 &); nohup sleep 600 >/dev/null & exit 0' });
    await job.wrap(run, words);
    expect(record(run, 'end')).toMatchObject({ reason: 'exit', exitCode: 0 });
  });

  it.skipIf(!there)('finds its own tools whatever PATH the run wants, and the run gets that one', async () => {
    const run = job.run({ command: 'echo "$PATH|${SLIPWAY_EPOCH-none}"' });
    const path = process.env['PATH'];
    const shell = spawnSync('sh', ['-c', `command -v ${words[0]}`])
      .stdout.toString()
      .trim();
    process.env['PATH'] = '/nothing/here';
    try {
      await job.wrap(run, [shell, ...words.slice(1)]);
    } finally {
      process.env['PATH'] = path;
    }
    expect(read(run, 'stdout')).toBe('/nothing/here|none\n');
    expect(record(run, 'end')).toMatchObject({ exitCode: 0 });
  });

  it.skipIf(!there)('does not call a step done that could not begin', async () => {
    const run = job.run({ before: 'true', command: 'touch ran' });
    mkdirSync(join(run.runDir, 'stdout'));
    await job.wrap(run, words);
    expect(record(run, 'end')).toMatchObject({ reason: 'exit', exitCode: 126 });
    expect(has(run, 'ran')).toBe(false);
  });

  it.skipIf(!there)('stops at the time limit, which the steps share', async () => {
    const run = job.run({ before: 'sleep 0.7', command: 'sleep 600', after: 'touch ran' });
    await job.wrap(run, words, 1);
    expect(record(run, 'end')).toMatchObject({ reason: 'timeout', exitCode: null, signal: null });
    expect(Number(record(run, 'end')['wallSeconds'])).toBeLessThan(20);
    expect(has(run, 'ran')).toBe(false);
  });

  it.skipIf(!there)('measures memory when there is a limit', async () => {
    const run = job.run({ command: 'sleep 3' });
    await job.wrap(run, words, 60, 1 << 30);
    const end = record(run, 'end');
    expect(end).toMatchObject({ reason: 'exit', exitCode: 0 });
    expect(Number(end['peakMemoryBytes'])).toBeGreaterThan(100_000);
    expect(Number(end['peakMemoryBytes'])).toBeLessThan(100_000_000);
  });
});
