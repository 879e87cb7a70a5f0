import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import type * as double from './electron-module.ts';
import type { FromApp, ToApp } from './test-line.ts';

const REGISTER = fileURLToPath(new URL('./register.ts', import.meta.url));
export type ElectronDouble = typeof double;

/** A running app, in the words of Playwright's `ElectronApplication`. */
export interface RunningApp {
  /** Runs the function in main, with the double as `electron`. It is sent as text: it sees only its argument. */
  evaluate<T, A = undefined>(run: (electron: ElectronDouble, argument: A) => T, argument?: A): Promise<Awaited<T>>;
  /** The page of the first window; the test drives it over a connection of its own. */
  firstWindow(): Promise<Page>;
  /** The exit code of main, once it has ended. */
  readonly exited: Promise<number | null>;
  readonly process: ChildProcess;
  stderr(): string;
  /** Quits as a person would who closes the app; resolves when main has ended. */
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** dist/main.js */
  readonly main: string;
  readonly args: readonly string[];
}

/** Starts the real main bundle against the double. */
export function launchDouble({ main, args }: LaunchOptions): RunningApp {
  const child = fork(main, args, {
    execArgv: ['--import', REGISTER],
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  let browser: Promise<Browser> | null = null;
  let lastId = 0;
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data: Buffer) => (output += data.toString()));
  child.on('error', (error) => (output += String(error.stack)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  void exited.then((code) => {
    for (const { reject } of waiting.values()) reject(new Error(`The app has ended with code ${code}.\n${output}`));
  });
  child.on('message', (message: FromApp) => {
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.kind === 'value') answer?.resolve(message.value);
    else answer?.reject(new Error(message.message));
  });

  function askApp(message: ToApp): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    waiting.set(message.id, answer);
    child.send(message, (error) => (error === null ? undefined : answer.reject(error)));
    return answer.promise;
  }

  return {
    exited,
    process: child,
    stderr: () => output,
    evaluate: <T, A>(run: (electron: ElectronDouble, argument: A) => T, argument?: A) =>
      askApp({ kind: 'evaluate', id: ++lastId, source: run.toString(), argument }) as Promise<Awaited<T>>,
    async firstWindow() {
      browser ??= askApp({ kind: 'devtools', id: ++lastId }).then((url) => chromium.connectOverCDP(url as string));
      const context = (await browser).contexts()[0]!;
      return context.pages()[0] ?? context.waitForEvent('page');
    },
    async close() {
      if (child.connected)
        await askApp({
          kind: 'evaluate',
          id: ++lastId,
          source: '({app}) => setImmediate(() => app.quit()) && null',
          argument: null,
        }).catch(() => undefined);
      await exited;
      await browser?.then((open) => open.close()).catch(() => undefined);
    },
  };
}
