import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { chromium as playwright } from 'playwright-core';
import { app } from './app.ts';

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Electron's pages hear of a port's end; Chromium's do only with this.
  '--enable-blink-features=MessagePortCloseEvent',
  // Lets the test drive the same pages.
  '--remote-debugging-port=0',
];

let started: Promise<BrowserContext> | null = null;

function folder(): string {
  return join(app.getPath('userData'), 'chromium');
}

async function start(): Promise<BrowserContext> {
  const context = await playwright.launchPersistentContext(folder(), {
    executablePath: process.env['SLIPWAY_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ARGS,
    headless: true,
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  app.atEnd(() => context.close());
  // Windows answer for their own pages; nothing else is on any network.
  await context.route('**/*', (route) => route.abort('blockedbyclient'));
  return context;
}

/** The browser behind all windows; its state lies in the app's user data. */
export function chromium(): Promise<BrowserContext> {
  return (started ??= start());
}

/** Where a test can connect to. */
export async function devToolsUrl(): Promise<string> {
  await chromium();
  const [port, path] = readFileSync(join(folder(), 'DevToolsActivePort'), 'utf8').split('\n');
  return `ws://127.0.0.1:${port}${path}`;
}
