import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

export const MAIN_BUNDLE = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What the page's preload lends to it. */
interface Bridge {
  connect(nonce: string): void;
  pathsForFiles(files: File[]): string[];
}

export type Answer =
  | { readonly kind: 'ok'; readonly value: Record<string, unknown> }
  | { readonly kind: 'fail'; readonly error: { readonly code: string; readonly message: string } }
  /** No port came, or it closed before an answer. */
  | { readonly kind: 'refused' };

/** Asks for a port of its own in the page, as the app does, and makes one call to the core over it. */
export function callCore(page: Page, name: string, input: object = {}, patienceMs = 15_000): Promise<Answer> {
  return page.evaluate(
    ({ name, input, patienceMs }) =>
      new Promise<Answer>((resolve) => {
        const nonce = crypto.randomUUID();
        setTimeout(() => resolve({ kind: 'refused' }), patienceMs);
        window.addEventListener('message', ({ data, ports }) => {
          const [port] = ports;
          if (data?.type !== 'slipway:port' || data.nonce !== nonce || port === undefined) return;
          port.addEventListener('close', () => resolve({ kind: 'refused' }));
          port.addEventListener('message', (event) => {
            resolve(event.data as Answer);
            port.close();
          });
          port.start();
          port.postMessage({ kind: 'call', id: 1, name, input });
        });
        (window as unknown as { slipway: Bridge }).slipway.connect(nonce);
      }),
    { name, input, patienceMs },
  );
}

/** The value of a call that must succeed. */
export async function valueOf(page: Page, name: string, input: object = {}): Promise<Record<string, unknown>> {
  const answer = await callCore(page, name, input);
  if (answer.kind !== 'ok') throw new Error(`${name}: ${JSON.stringify(answer)}`);
  return answer.value;
}

/** The process id of the core, once it is another than `before` and answers. */
export async function nextCore(page: Page, before: unknown): Promise<number> {
  for (let attempt = 1; attempt <= 20; attempt++) {
    const answer = await callCore(page, 'system.info');
    if (answer.kind === 'ok' && answer.value['pid'] !== before) return Number(answer.value['pid']);
  }
  throw new Error(`No other core than ${String(before)} has answered.`);
}

export async function waitForApp(page: Page): Promise<void> {
  await page.waitForSelector('[data-app-state="loaded"]');
}
