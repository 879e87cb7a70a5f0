import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { RUN_WRAPPER_SH } from '../../../electron/core/sites/local/run-wrapper.ts';
import { parseEvent } from '../../../electron/core/sites/remote/look-script.ts';
import { jobScript, TASK_SH } from '../../../electron/core/sites/remote/task-script.ts';
import { createGridEngine } from '../../../shared/domain/scheduler/gridengine.ts';
import { createSlurm } from '../../../shared/domain/scheduler/slurm.ts';
import type { TaskVariables } from '../../../shared/domain/scheduler/types.ts';
import { tempFolder } from '../../support/job-folder.ts';
import { eventually } from '../../support/slipway.ts';

const GRID_ENGINE = createGridEngine({ memory: null, environments: {}, bash: null }).variables;
const SLURM = createSlurm().variables;

/** A submission of one run on this machine, as it lies on a site. */
function stage(command: string, variables: TaskVariables, setup = ''): { batch: string; run: string } {
  const job = tempFolder('slipway-task-');
  const batch = join(job, 'sw-x');
  const run = join(batch, 'runs', '0001');
  for (const path of [join(job, 'shared'), join(batch, 'events'), join(run, '.slipway')])
    mkdirSync(path, { recursive: true });
  const files = {
    [join(job, 'shared', 'wrapper.sh')]: RUN_WRAPPER_SH,
    [join(job, 'shared', 'task.sh')]: TASK_SH,
    [join(batch, 'map')]: '1 1 1 0001 - 60 0\n',
    [join(batch, 'env.sh')]: '',
    [join(batch, 'setup.sh')]: setup,
    [join(batch, 'job.sh')]: jobScript({ directives: '', batch, shared: join(job, 'shared'), variables, bash: null }),
    [join(run, '.slipway', 'command.sh')]: `${command}\n`,
  };
  for (const [path, text] of Object.entries(files)) writeFileSync(path, text);
  return { batch, run };
}

/** Starts the task in a process group of its own, as a scheduler does. */
function start(batch: string, shell = '/bin/sh'): { pid: number; ended: Promise<number | null> } {
  const ids = { SGE_TASK_ID: '1', JOB_ID: '7', SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '1' };
  const bin = tempFolder('slipway-bin-');
  symlinkSync(shell, join(bin, 'sh'));
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: batch, ...ids };
  const child = spawn(join(bin, 'sh'), [join(batch, 'job.sh')], { detached: true, stdio: 'ignore', env });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  onTestFinished(async () => {
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has ended.
    }
    await ended;
  });
  return { pid: child.pid!, ended };
}

function lastEvent(batch: string): unknown {
  const [name] = readEvents(batch);
  return parseEvent(name!);
}

/** Lines that the task told, the newest first. */
function readEvents(batch: string): string[] {
  const node = execNode();
  return readFileSync(join(batch, 'events', node), 'utf8')
    .trim()
    .split('\n')
    .toReversed();
}

function execNode(): string {
  return readFileSync('/proc/sys/kernel/hostname', 'utf8')
    .trim()
    .replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

describe('a task', () => {
  it.each([
    [0, 0],
    [3, 3],
    [99, 1],
    [100, 1],
  ])('hands no exit code on that is an order to Grid Engine: %i becomes %i', async (code, handed) => {
    const { batch } = stage(`exit ${code}`, GRID_ENGINE);
    expect(await start(batch).ended).toBe(handed);
    expect(lastEvent(batch)).toMatchObject({ kind: 'end', id: '7', end: { exitCode: code } });
  });

  it('hands such codes on to others', async () => {
    const { batch } = stage('exit 99', SLURM);
    expect(await start(batch).ended).toBe(99);
  });

  it.each(['/bin/dash', '/bin/bash', '/bin/busybox'].filter(existsSync))(
    'ends its run in order when it is announced that all of it will be killed: %s',
    async (shell) => {
      const { batch, run } = stage(
        `trap 'echo asked; exit 0' TERM; trap 'echo heard' USR2; : >ready; while :; do sleep 0.1; done`,
        GRID_ENGINE,
      );
      const { pid, ended } = start(batch, shell);
      await eventually(() => existsSync(join(run, 'ready')));
      process.kill(-pid, 'SIGUSR2');
      expect(await ended).toBe(140);
      expect(readFileSync(join(run, 'stdout'), 'utf8')).toBe('asked\n');
      expect(lastEvent(batch)).toMatchObject({ kind: 'end', end: { reason: 'terminated', exitCode: null } });
    },
  );

  it('says that it was cancelled when a person wanted that', async () => {
    const { batch, run } = stage(': >ready; sleep 60', GRID_ENGINE);
    const { pid, ended } = start(batch);
    await eventually(() => existsSync(join(run, 'ready')));
    writeFileSync(join(run, '.slipway', 'cancel.1'), '');
    process.kill(-pid, 'SIGUSR2');
    expect(await ended).toBe(140);
    expect(lastEvent(batch)).toMatchObject({ kind: 'end', end: { reason: 'cancelled' } });
  });

  it('goes on when it is announced that it will be suspended', async () => {
    const { batch, run } = stage(`: >ready; until [ -e go ]; do sleep 0.05; done; echo done`, GRID_ENGINE);
    const { pid, ended } = start(batch);
    await eventually(() => existsSync(join(run, 'ready')));
    process.kill(-pid, 'SIGUSR1');
    writeFileSync(join(run, 'go'), '');
    expect(await ended).toBe(0);
    expect(readFileSync(join(run, 'stdout'), 'utf8')).toBe('done\n');
  });

  it('does not blame the set-up for a kill that was announced while it went on', async () => {
    const { batch } = stage('echo never', GRID_ENGINE, `: >"$batch/ready"; sleep 60 || return\n`);
    const { pid, ended } = start(batch);
    await eventually(() => existsSync(join(batch, 'ready')));
    process.kill(-pid, 'SIGUSR2');
    expect(await ended).toBe(140);
    expect(readEvents(batch).map((line) => line[0])).toEqual(['S']);
  });
});
