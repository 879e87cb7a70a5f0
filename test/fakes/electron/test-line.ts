/** Lets the process that started the app look into it, as Playwright's `ElectronApplication.evaluate` does. */
import { runInThisContext } from 'node:vm';
import { devToolsUrl } from './chromium.ts';
import * as electron from './electron-module.ts';

export type ToApp =
  | { readonly kind: 'evaluate'; readonly id: number; readonly source: string; readonly argument: unknown }
  | { readonly kind: 'devtools'; readonly id: number };
export type FromApp =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'problem'; readonly id: number; readonly message: string };

async function answer(asked: ToApp): Promise<unknown> {
  if (asked.kind === 'devtools') return devToolsUrl();
  // The test's own function, as text.
  const run = runInThisContext(`(${asked.source})`) as (module: typeof electron, argument: unknown) => unknown;
  return run(electron, asked.argument);
}

process.on('message', (asked: ToApp) => {
  const reply = (message: FromApp): void => void (process.connected && process.send?.(message));
  answer(asked).then(
    (value) => reply({ kind: 'value', id: asked.id, value }),
    (error: unknown) => reply({ kind: 'problem', id: asked.id, message: String((error as Error).stack ?? error) }),
  );
});
// The test has gone: nothing of the app stays.
process.on('disconnect', () => electron.app.exit(1));
