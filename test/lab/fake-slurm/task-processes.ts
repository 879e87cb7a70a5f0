import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Call, Doing } from './fake-bin.ts';
import type { FakeTask, Nodes } from './slurm-model.ts';

/** One time that a run's own command was at work. */
export interface Execution {
  /** The run's folder: one for each attempt. */
  readonly folder: string;
  readonly run: number;
  readonly task: FakeTask;
  /** Null while it is at work; an exit code when it ended by itself. */
  ended: number | 'killed' | null;
}

interface Process {
  readonly child: ChildProcess;
  readonly exited: Promise<number>;
  atWork: ((call: Call) => void) | null;
  call: Call | null;
  answer: ((what: Doing) => void) | null;
  execution: Execution | null;
}

/** Patience with a tree that was asked to end (milliseconds of the real clock). */
const KILL_WAIT_MS = 10_000;

/** Runs job scripts as Slurm's nodes do, each in a session of its own. Their command is `work RUN`, which ends when it is let. */
export class TaskProcesses implements Nodes {
  readonly executions: Execution[] = [];
  readonly #processes = new Map<string, Process>();
  readonly #env: Readonly<Record<string, string>>;
  readonly #exitCode: (run: number) => number;
  /** Called when a command begins to work. */
  onExecution: (execution: Execution) => void = () => {};

  /** `exitCode`: what the command of a run ends with. */
  constructor(env: Readonly<Record<string, string>>, exitCode: (run: number) => number) {
    this.#env = env;
    this.#exitCode = exitCode;
  }

  async start(task: FakeTask): Promise<number | null> {
    const key = keyOf(task);
    const child = spawn('/bin/sh', [task.job.script!], {
      cwd: '/',
      detached: true,
      stdio: 'ignore',
      env: {
        ...this.#env,
        FAKE_TASK: key,
        SLURM_JOB_ID: String(task.job.id * 1000 + task.index),
        SLURM_ARRAY_JOB_ID: String(task.job.id),
        SLURM_ARRAY_TASK_ID: String(task.index),
        ...(task.restarts === 0 ? {} : { SLURM_RESTART_COUNT: String(task.restarts) }),
      },
    });
    const exited = new Promise<number>((resolve) =>
      child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143))),
    );
    const process: Process = { child, exited, atWork: null, call: null, answer: null, execution: null };
    this.#processes.set(key, process);
    const atWork = new Promise<null>((resolve) => {
      process.atWork = (call) => {
        process.call = call;
        process.execution = { folder: call.cwd, run: Number(call.args[0]), task, ended: null };
        this.executions.push(process.execution);
        this.onExecution(process.execution);
        resolve(null);
      };
    });
    const code = await Promise.race([atWork, exited]);
    if (code !== null) this.#leave(key, process);
    return code;
  }

  /** A command has begun to work. */
  work(call: Call): Promise<Doing> {
    const process = this.#processes.get(call.task);
    return new Promise((resolve) => {
      if (process === undefined) return resolve('exit 99');
      process.answer = resolve;
      process.atWork?.(call);
    });
  }

  async finish(task: FakeTask): Promise<number> {
    const process = this.#processes.get(keyOf(task))!;
    const { run } = process.execution!;
    const code = this.#exitCode(run);
    process.execution!.ended = code;
    process.answer!(`echo "value ${run}"; exit ${code}`);
    const exit = await process.exited;
    this.#leave(keyOf(task), process);
    return exit;
  }

  async end(task: FakeTask, how: 'term' | 'kill' | 'kill-command' | 'kill-wrapper'): Promise<number> {
    const process = this.#processes.get(keyOf(task));
    if (process === undefined) return 0;
    const { child, execution, call } = process;
    if (execution !== null && execution.ended === null) execution.ended = 'killed';
    if (how === 'term') tell(-child.pid!, 'SIGTERM');
    else if (how === 'kill') tell(-child.pid!, 'SIGKILL');
    else if (how === 'kill-command') tell(call!.pid, 'SIGKILL');
    else tell(wrapperOf(call!.cwd), 'SIGKILL');
    const patience = setTimeout(() => tell(-child.pid!, 'SIGKILL'), KILL_WAIT_MS);
    const code = await process.exited;
    clearTimeout(patience);
    this.#leave(keyOf(task), process);
    return code;
  }

  /** Whether a run's command is at work in that folder. */
  isAtWork(folder: string): boolean {
    return this.executions.some((e) => e.folder === folder && e.ended === null);
  }

  killAll(): void {
    for (const { child } of this.#processes.values()) tell(-child.pid!, 'SIGKILL');
    this.#processes.clear();
  }

  #leave(key: string, process: Process): void {
    // What a job script leaves behind ends with it.
    tell(-process.child.pid!, 'SIGKILL');
    this.#processes.delete(key);
  }
}

function keyOf(task: FakeTask): string {
  return `${task.job.name} ${task.job.id} ${task.index} ${task.restarts}`;
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone already.
  }
}

function wrapperOf(folder: string): number {
  const own = join(folder, '.slipway');
  const claim = readdirSync(own).find((name) => /^claim\.\d+$/.test(name))!;
  return (JSON.parse(readFileSync(join(own, claim), 'utf8')) as { pid: number }).pid;
}
