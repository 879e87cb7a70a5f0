import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Slipway } from '../../support/slipway.ts';
import { eventually, ROOT } from '../../support/slipway.ts';

/** What these tests need beside sshd: `script` (util-linux), which gives a program a terminal. */
export const HAS_TERMINAL = existsSync('/usr/bin/script');

/** A command line in a terminal of its own, with a person in front of it. */
export interface InTerminal {
  /** Everything on the screen so far, stdout and stderr. */
  screen(): string;
  /** Resolves when the pattern is on the screen after what was there at the last `until`. */
  until(pattern: RegExp): Promise<string>;
  /** Presses keys; `\r` is Enter, `\x03` Ctrl-C. */
  type(keys: string): void;
  readonly ended: Promise<number | null>;
}

/** Runs `slipway ARGS` in a terminal. */
export function inTerminal(slipway: Slipway, ...args: readonly string[]): InTerminal {
  const words = [process.execPath, join(ROOT, 'dist', 'cli.js'), ...args];
  const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  const child = spawn('/usr/bin/script', ['-qefc', line, '/dev/null'], {
    env: { ...process.env, SLIPWAY_HOME: slipway.home, INIT_CWD: ROOT, SHELL: '/bin/sh', TERM: 'xterm' },
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let screen = '';
  let read = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (screen += text));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)));
  return {
    screen: () => screen,
    until: async (pattern) => {
      const match = await eventually(() => pattern.exec(screen.slice(read))).catch((error: unknown) => {
        throw new Error(`${pattern} is not on the screen:\n${screen}`, { cause: error });
      });
      read += match.index + match[0].length;
      return match[0];
    },
    type: (keys) => void child.stdin.write(keys),
    ended,
  };
}
