import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Job } from '../../shared/contract/jobs.ts';
import { tempFolder } from './job-folder.ts';

export { eventually } from './eventually.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command line that runs. */
export interface Running {
  readonly process: ChildProcess;
  /** Resolves when stdout and stderr so far satisfy the condition; rejects when the command ends before. */
  until(condition: (stdout: string, stderr: string) => boolean): Promise<void>;
  readonly ended: Promise<Finished>;
}

/** Results as `slipway results --format json` prints them. */
export interface Results {
  readonly job: string;
  readonly variables: string[];
  readonly outputs: string[];
  readonly runs: {
    readonly run: number;
    readonly state: string;
    readonly failure?: { readonly kind: string; readonly message: string };
    readonly values: Record<string, string>;
    readonly outputs: Record<string, number | string | null>;
    readonly exitCode: number | null;
    readonly wallSeconds: number | null;
  }[];
}

/** The built command line on a profile of its own. Every process that carries the profile in its environment is ended after the test. */
export class Slipway {
  readonly home: string;

  constructor(home = tempFolder('slipway-home-')) {
    this.home = home;
    onTestFinished(() => {
      this.kill();
    });
  }

  /** `files` are open as the descriptors 3, 4, … */
  start(
    args: readonly string[],
    options: { env?: Record<string, string>; input?: string; files?: readonly string[] } = {},
  ): Running {
    const files = (options.files ?? []).map((path) => openSync(path, 'r'));
    const child = spawn(process.execPath, [join(ROOT, 'dist', 'cli.js'), ...args], {
      env: { ...process.env, SLIPWAY_HOME: this.home, INIT_CWD: ROOT, ...options.env },
      cwd: ROOT,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe', ...files],
    });
    for (const file of files) closeSync(file);
    child.stdin?.end(options.input);
    const { stdout: out, stderr: err } = child as ChildProcess & { stdout: Readable; stderr: Readable };
    let stdout = '';
    let stderr = '';
    const watchers = new Set<() => void>();
    out.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      for (const watcher of watchers) watcher();
    });
    err.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      for (const watcher of watchers) watcher();
    });
    const ended = new Promise<Finished>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
    return {
      process: child,
      ended,
      until: (condition) =>
        new Promise((resolve, reject) => {
          const look = (): void => {
            if (!condition(stdout, stderr)) return;
            watchers.delete(look);
            resolve();
          };
          watchers.add(look);
          look();
          void ended.then((end) => reject(new Error(`ended first: ${JSON.stringify(end)}`)));
        }),
    };
  }

  run(...args: string[]): Promise<Finished> {
    return this.start(args).ended;
  }

  /** Runs a command with `--json` and parses what it prints, which must be nothing but JSON. */
  async json<T>(...args: string[]): Promise<{ code: number | null; value: T }> {
    const { code, stdout, stderr } = await this.run(...args, '--json');
    try {
      return { code, value: JSON.parse(stdout) as T };
    } catch {
      throw new Error(`not JSON: ${stdout}\n${stderr}`);
    }
  }

  async results(job = 'last'): Promise<Results> {
    return (await this.json<Results>('results', job)).value;
  }

  async job(ref = 'last'): Promise<Job> {
    return (await this.json<Job>('show', ref)).value;
  }

  /** Ends every process of this profile at once, as a crash of the machine would; only some of them where `which` says so. */
  kill(which: (pid: number) => boolean = () => true): void {
    for (const pid of this.processes()) {
      if (!which(pid)) continue;
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Ended by itself meanwhile.
      }
    }
  }

  /** Process ids of everything that runs with this profile in its environment (Linux). */
  processes(): number[] {
    if (!existsSync('/proc')) return [];
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/environ`, 'utf8').includes(this.home);
        } catch {
          return false;
        }
      })
      .map(Number);
  }
}
