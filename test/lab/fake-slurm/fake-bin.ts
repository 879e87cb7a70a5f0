import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { shellQuote } from '../../../shared/domain/shell-quote.ts';
import type { Answer } from './slurm-answers.ts';

/** A program that was started, and waits to be told what to do. */
export interface Call {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly pid: number;
  /** What the node gave the job script in FAKE_TASK; empty elsewhere. */
  readonly task: string;
  /** Resolves when the program has gone before it was answered. */
  readonly gone: Promise<void>;
}

/** What a program does, as bash. */
export type Doing = string;

/** Prints and ends. */
export function doing({ out = '', err = '', code = 0 }: Answer, after = `exit ${code}`): Doing {
  const print = (text: string, to: string): string => (text === '' ? '' : `printf %s ${shellQuote(text)}${to}; `);
  return `${print(err, ' >&2')}${print(out, '')}${after}`;
}

/** Asks the model on this port what to do, and does it. */
const PROGRAM = (port: number): string => `#!/bin/bash
exec 3<>/dev/tcp/127.0.0.1/${port} || exit 1
printf '%s\\0' "$(($# + 4))" "\${0##*/}" "$PWD" "$$" "\${FAKE_TASK:-}" "$@" >&3
IFS= read -r -d '' -u 3 doing
exec 3>&-
eval "$doing"
`;

const PROGRAMS = ['sbatch', 'squeue', 'sacct', 'scancel', 'scontrol', 'sinfo', 'sacctmgr', 'setsid', 'work'] as const;

/**
 * A folder of programs to be put first on PATH. Each asks this process what to do; \`date\` tells the time of a file, and \`sleep\` lasts a moment, or none at all
 * while a submission hangs.
 */
export class FakeBin {
  readonly folder: string;
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  onCall: (call: Call) => Doing | Promise<Doing> = () => 'exit 1';

  private constructor(folder: string, server: Server) {
    this.folder = folder;
    this.#server = server;
  }

  /** `time: false`: `date` and `sleep` stay as they are. */
  static async start(folder: string, options: { readonly time: boolean }): Promise<FakeBin> {
    mkdirSync(folder, { recursive: true });
    const server = createServer((socket) => bin.#serve(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bin = new FakeBin(folder, server);
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const program of PROGRAMS) bin.write(program, PROGRAM(port));
    if (options.time) {
      bin.write('date', `#!/bin/sh\n[ "$*" = +%s ] || exec /bin/date "$@"\nread -r now <${folder}/.now\necho "$now"\n`);
      symlinkSync('/bin/true', join(folder, 'sleep'));
    }
    return bin;
  }

  write(program: string, text: string): void {
    const path = join(this.folder, program);
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }

  remove(program: string): void {
    rmSync(join(this.folder, program), { force: true });
  }

  /** What `date +%s` says from now on. */
  setNow(epoch: number): void {
    writeFileSync(join(this.folder, '.now'), `${epoch}\n`);
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#open.add(socket);
    let gone = (): void => {};
    const isGone = new Promise<void>((resolve) => (gone = resolve));
    socket.on('close', () => {
      this.#open.delete(socket);
      gone();
    });
    socket.on('error', () => {});
    let text = '';
    let asked = false;
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const fields = text.split('\0');
      if (asked || fields.length < 2 || fields.length < Number(fields[0]) + 2) return;
      asked = true;
      const [, program = '', cwd = '', pid = '', task = '', ...rest] = fields;
      const call: Call = { program, cwd, pid: Number(pid), task, args: rest.slice(0, -1), gone: isGone };
      void Promise.resolve(this.onCall(call)).then((what) => socket.writable && socket.end(`${what}\0`));
    });
  }
}
