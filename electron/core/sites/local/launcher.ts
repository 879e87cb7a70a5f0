import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { shellQuote } from '../../../../shared/domain/shell-quote.ts';

/**
 * Starts processes through one small shell that runs beside the core. Forking the core itself takes several milliseconds
 * of its main thread (Node copies the page tables of a large process); forking a shell of two megabytes takes a fraction
 * of one. The shell reads commands from a pipe and writes a line when a process has ended; should the core be killed, it
 * ends by itself and the processes go on.
 */
export class Launcher {
  readonly #waiting = new Map<number, () => void>();
  readonly #shell: string;
  #child: ChildProcess | null = null;
  #next = 1;
  #rest = '';

  constructor(shell = '/bin/sh') {
    this.#shell = shell;
  }

  /**
   * Starts `argv` in the background with `environment` over the core's own, stdin and output closed. `onExit` is called
   * when it has ended, or when the launcher itself has died (whoever listens looks at what the process left).
   */
  start(argv: readonly string[], environment: Readonly<Record<string, string>>, onExit: () => void): void {
    const shell = this.#ensure();
    const id = this.#next++;
    this.#waiting.set(id, onExit);
    const settings = Object.entries(environment).flatMap(([name, value]) =>
      process.env[name] === value || !/^[A-Za-z_]\w*$/.test(name) ? [] : [`${name}=${shellQuote(value)}`],
    );
    const command = [...settings, ...argv.map(shellQuote)].join(' ');
    // `jobs` collects what has ended: a shell that only starts things in the background would keep every one as a zombie.
    shell.stdin!.write(`jobs >/dev/null; { ${command} </dev/null >/dev/null 2>&1; echo ${id}; } &\n`);
  }

  /** Lets go: what was started goes on. */
  dispose(): void {
    this.#waiting.clear();
    this.#child?.stdin?.end();
    // Runs that go on hold the other end of this pipe: left open it would keep this process alive as long as they are.
    this.#child?.stdout?.destroy();
    this.#child?.unref();
    this.#child = null;
  }

  #ensure(): ChildProcess {
    if (this.#child !== null) return this.#child;
    // A session of its own: Ctrl-C in the terminal reaches the core only, which decides about the runs.
    const child = spawn(this.#shell, ['-s'], { stdio: ['pipe', 'pipe', 'ignore'], detached: true, cwd: '/' });
    this.#child = child;
    this.#rest = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    const gone = (): void => {
      if (this.#child !== child) return;
      this.#child = null;
      const waiting = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const onExit of waiting) onExit();
    };
    child.on('error', gone);
    child.on('exit', gone);
    child.stdin!.on('error', gone);
    return child;
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const id = Number(line);
      const onExit = this.#waiting.get(id);
      this.#waiting.delete(id);
      onExit?.();
    }
  }
}
