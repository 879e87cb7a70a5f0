/** Run folders for the tests of the wrapper and the local site, and what is left of their processes. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findTree } from '../../../electron/core/sites/local/process-tree.ts';
import { processStart } from '../../../electron/core/sites/local/processes.ts';
import { runToken } from '../../../electron/core/sites/local/run-records.ts';
import { RUN_WRAPPER_SH } from '../../../electron/core/sites/local/run-wrapper.ts';
import type { RunHandle, StartRequest } from '../../../electron/core/sites/site.ts';

export interface Steps {
  readonly command: string;
  readonly before?: string;
  readonly after?: string;
}

/** A job folder with the wrapper and as many run folders as asked for. */
export class TestJob {
  readonly jobDir: string;
  readonly #runs: RunHandle[] = [];

  constructor(wrapper: string = RUN_WRAPPER_SH) {
    this.jobDir = mkdtempSync(join(tmpdir(), 'slipway-job-'));
    writeFileSync(join(this.jobDir, 'wrapper.sh'), wrapper);
  }

  run(steps: Steps, name = `run ${this.#runs.length + 1}`, attempt = 1): RunHandle {
    const runDir = join(this.jobDir, name);
    mkdirSync(join(runDir, '.slipway'), { recursive: true });
    for (const [step, text] of Object.entries(steps))
      writeFileSync(join(runDir, '.slipway', `${step}.sh`), `${text}\n`);
    const handle = { runDir, attempt };
    this.#runs.push(handle);
    return handle;
  }

  request(run: RunHandle, more: Partial<StartRequest> = {}): StartRequest {
    return { ...run, jobDir: this.jobDir, walltimeSeconds: 60, memoryBytes: null, environment: {}, ...more };
  }

  /** Runs the wrapper by hand under a shell, in a session of its own; resolves with its exit code. */
  wrap(run: RunHandle, shell: readonly string[] = ['/bin/sh'], walltime = 60, memory = 0): Promise<number | null> {
    const args = [join(this.jobDir, 'wrapper.sh'), run.runDir, String(run.attempt), String(walltime), String(memory)];
    const [program = '/bin/sh', ...words] = shell;
    const env = { ...process.env, SLIPWAY_RUN_TOKEN: runToken(run) };
    const child = spawn(program, [...words, ...args], { detached: true, stdio: 'ignore', env });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code));
    });
  }

  /** Processes of all runs that are alive now. */
  async survivors(): Promise<readonly number[]> {
    const found = await Promise.all(
      this.#runs.map((run) => findTree({ token: runToken(run), wrapper: null }, process.platform)),
    );
    return found.flat();
  }

  /** Ends what a failed test has left. */
  async remove(): Promise<void> {
    for (const pid of await this.survivors()) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Ended by itself meanwhile.
      }
    }
    rmSync(this.jobDir, { recursive: true, force: true });
  }
}

export function read(run: RunHandle, name: string): string {
  return readFileSync(join(run.runDir, name), 'utf8');
}

export function record(run: RunHandle, name: 'start' | 'end'): Record<string, unknown> {
  return JSON.parse(read(run, `${name}.json`)) as Record<string, unknown>;
}

export function has(run: RunHandle, name: string): boolean {
  return existsSync(join(run.runDir, name));
}

/** Looks again and again until something is true; the test's own time limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

/** A zombie that nobody has collected yet is not alive. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await processStart(pid, process.platform)) !== null;
}

/** The shells that the wrapper must understand. */
export const SHELLS = [['dash'], ['bash'], ['busybox', 'sh']].map((words) => ({
  words,
  name: words.join(' '),
  there: spawnSync(words[0] ?? '', [...words.slice(1), '-c', 'exit 0']).status === 0,
}));
