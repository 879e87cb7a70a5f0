import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGridEngine } from '../../../shared/domain/scheduler/gridengine.ts';
import type { ArrayRequest, CommandOutput } from '../../../shared/domain/scheduler/types.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { FACTS, gridEngine, out } from './gridengine-answers.ts';

function request(more: Partial<ArrayRequest['resources']> = {}, tasks = [1, 2, 3]): ArrayRequest {
  return {
    token: 'sw-abc-1-deadbeef',
    tasks,
    script: '/scratch/a b/job.sh',
    logs: "/scratch/it's: a, b/log",
    resources: {
      cores: 1,
      memoryBytes: null,
      walltimeSeconds: 100,
      partition: null,
      constraint: null,
      account: null,
      qos: null,
      nodeCores: 8,
      concurrency: 2,
      ...more,
    },
  };
}

/** The words with which a command calls qsub, and where, as a shell splits them. */
function qsubWords(command: string): { cwd: string; words: string[] } {
  const bin = tempFolder('slipway-bin-');
  writeFileSync(join(bin, 'qsub'), '#!/bin/sh\nprintf "%s\\n" "$PWD" "$@"\n');
  chmodSync(join(bin, 'qsub'), 0o755);
  const cd = command.replaceAll('/scratch', bin);
  execFileSync('mkdir', ['-p', join(bin, "it's: a, b/log")]);
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin, SECRET: 'not handed on', SGE_ROOT: '/opt/sge' };
  const [cwd, ...words] = execFileSync('sh', ['-c', cd], { env, encoding: 'utf8' }).trimEnd().split('\n');
  return { cwd: cwd!.replace(bin, '/scratch'), words: words.map((w) => w.replace(bin, '/scratch')) };
}

describe('Grid Engine, asked for an array', () => {
  it('gets one dense range, limits, a notice before the kill, and the script as a program of a login shell', () => {
    const { cwd, words } = qsubWords(gridEngine.submit(request()));
    expect(cwd).toBe("/scratch/it's: a, b/log");
    expect(words.join(' ')).toBe(
      '-terse -N sw-abc-1-deadbeef -t 1-3 -tc 2 -cwd -o $TASK_ID.out -j y -r y -notify -l h_rt=100 -b y -shell n /bin/bash -l /scratch/a b/job.sh',
    );
    expect(words.at(-1)).toBe('/scratch/a b/job.sh');
  });

  it('gets cores by the environment of the queue, and memory per slot where the scheduler multiplies it', () => {
    const wanted = { cores: 4, memoryBytes: 2 ** 30, partition: 'main.q', account: 'wing', constraint: 'gpu=1' };
    const { words } = qsubWords(gridEngine.submit(request(wanted)));
    expect(words.join(' ')).toContain('-l h_rt=100 -l h_vmem=256M -l gpu=1 -pe smp 4 -q main.q -P wing');
    const whole = createGridEngine({ ...FACTS, memory: { name: 'mem_req', perSlot: false, consumable: true } });
    expect(qsubWords(whole.submit(request(wanted))).words).toContain('mem_req=1024M');
    const none = createGridEngine({ ...FACTS, memory: null });
    expect(none.submit(request(wanted))).not.toMatch(/vmem|mem_/);
  });

  it('is not asked when several cores cannot be had on one node: a person is told', () => {
    for (const command of [
      gridEngine.submit(request({ cores: 2, partition: 'other.q' })),
      gridEngine.test(request({ cores: 2, partition: 'other.q' }))!,
    ]) {
      const bin = tempFolder('slipway-bin-');
      let stderr = '';
      try {
        execFileSync('sh', ['-c', command.replace(/^cd .*$/m, '')], {
          env: { PATH: '/usr/bin:/bin', HOME: bin },
          stdio: 'pipe',
        });
      } catch (error) {
        stderr = String((error as { stderr: Buffer }).stderr);
      }
      const failure = gridEngine.classifySubmit(out('', 1, stderr));
      expect(failure).toMatchObject({ kind: 'permanent' });
      expect(failure.message).toContain('no parallel environment');
    }
  });

  it('is asked in a clean environment that finds the master', () => {
    const bin = tempFolder('slipway-bin-');
    writeFileSync(join(bin, 'qsub'), '#!/bin/sh\nenv\n');
    chmodSync(join(bin, 'qsub'), 0o755);
    const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin, SECRET: 'x', SGE_ROOT: '/opt/s g e', SGE_CELL: 'cell' };
    const text = execFileSync('sh', ['-c', gridEngine.test(request())!], { env, encoding: 'utf8' });
    expect(text).toContain('SGE_ROOT=/opt/s g e\n');
    expect(text).toContain('SGE_CELL=cell\n');
    expect(text).not.toMatch(/SECRET|SGE_QMASTER_PORT/);
  });

  it('is asked for a dry run without what it does not know then', () => {
    const free = createGridEngine({ ...FACTS, memory: { name: 'mem_free', perSlot: false, consumable: false } });
    expect(free.test(request({ memoryBytes: 2 ** 30 }))).not.toContain('mem_free');
    expect(free.submit(request({ memoryBytes: 2 ** 30 }))).toContain('mem_free=1024M');
    expect(gridEngine.parseTest(out('verification: found suitable queue(s)\n'))).toEqual({ ok: true, startsAt: null });
    const said =
      'Unable to run job: Job 13 (-l h_rt=90000) cannot run in queue "main.q" because of cluster queue\nverification: no suitable queues\nExiting.\n';
    expect(gridEngine.parseTest(out('', 1, said))).toMatchObject({ ok: false, failure: { kind: 'permanent' } });
  });

  it('tells the id as one word, after whatever the login prints', () => {
    expect(gridEngine.parseSubmit(out('2.1-20:1\n'))).toBe('2');
    expect(gridEngine.parseSubmit(out('Welcome 2026\n7.5-5:1\n'))).toBe('7');
    expect(gridEngine.parseSubmit(out('12\n'))).toBe('12');
    expect(gridEngine.parseSubmit(out('Unable to run job\n'))).toBeNull();
    expect(gridEngine.parseSubmit(out(''))).toBeNull();
  });

  it.each([
    ['permanent', 'Unable to run job: Job was rejected because job requests unknown queue "nosuch.q"\nExiting.'],
    [
      'permanent',
      'Unable to run job: job rejected: the requested parallel environment "nosuch" does not exist\nExiting.',
    ],
    ['permanent', 'Unable to run job: job rejected: the requested project "nosuch" does not exist\nExiting.'],
    ['permanent', 'Unable to run job: unknown resource "nosuch"\nExiting.'],
    ['permanent', 'Unable to run job: job rejected: you tried to submit a job with more than 75000 tasks\nExiting.'],
    ['permanent', 'Unable to run job: error: no suitable queues\nExiting.'],
    ['limit', 'Unable to run job: job rejected: only 2 jobs are allowed per user (current job count: 2)\nExiting.'],
    ['limit', 'Unable to run job: job rejected: only 2 jobs are allowed per cluster\nExiting.'],
    [
      'transient',
      'error: commlib error: got select error (Connection refused)\nUnable to run job: unable to send message to qmaster using port 6444 on host "vm": got send error\nExiting.',
    ],
    ['transient', 'error: unable to contact qmaster using port 6444 on host "vm"'],
    ['ambiguous', 'Unable to run job: Error reading answer list from qmaster\nExiting.'],
    [
      'ambiguous',
      'error: failed receiving gdi request response for mid=1 (got syncron message receive timeout error).\nExiting.',
    ],
    ['ambiguous', 'error: commlib error: got read error (closing "vm/qmaster/1")\nExiting.'],
    ['ambiguous', ''],
    ['storage', 'Unable to run job: can\'t create directory "job_scripts/00": No space left on device\nExiting.'],
  ] as const)('sorts what it refuses: %s, %s', (kind, stderr) => {
    expect(gridEngine.classifySubmit(out('', 1, stderr))).toMatchObject({ kind });
  });

  it('is told which tasks to end in one command', () => {
    const bin = tempFolder('slipway-bin-');
    const answer = (program: string, script: string): void => {
      writeFileSync(join(bin, program), `#!/bin/sh\n${script}\n`);
      chmodSync(join(bin, program), 0o755);
    };
    answer('qdel', 'echo deleted "$@"');
    const cancel = (tasks: number[] | null): CommandOutput => {
      const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: bin };
      const script = gridEngine.cancel('34', tasks, 'sw-x-1');
      const { stdout, stderr, status } = spawnSync('sh', ['-c', script], { env, encoding: 'utf8' });
      return { stdout, stderr, code: status ?? -1 };
    };
    expect(cancel(null).stdout).toBe('deleted sw-x-1\n');
    answer('qstat', '[ "$1 $2" = "-j 34" ] && echo "job_number: 34" && echo "job_name:                   sw-x-1"');
    expect(cancel([1, 2, 3, 7, 9, 10]).stdout).toBe('deleted 34.1-3,34.7,34.9-10\n');
    // The id is another job's by now, or nobody's: there is nothing left to end.
    for (const told of [
      'echo "job_name:                   sw-x-12"',
      'echo "Following jobs do not exist: "; echo 34; exit 1',
    ]) {
      answer('qstat', told);
      expect(cancel([3]).stdout).toBe('');
      expect(gridEngine.parseCancel(cancel([3]))).toMatchObject({ ok: true });
    }
    answer('qstat', 'echo "error: commlib error: got select error (Connection refused)" >&2; exit 1');
    expect(gridEngine.parseCancel(cancel([3]))).toMatchObject({ ok: false });
    expect(gridEngine.parseCancel(out('', 1, 'denied: job "99" does not exist\n'))).toMatchObject({ ok: true });
    expect(gridEngine.parseCancel(out('', 1, 'error: commlib error: got select error\n'))).toMatchObject({ ok: false });
  });
});
