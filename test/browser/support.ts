import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest';
import { ROOT, Slipway } from '../support/slipway.ts';

const CHROMIUM = process.env['SLIPWAY_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
/** The folder of the built app that is driven. */
const DIST = process.env['SLIPWAY_TEST_DIST'] ?? join(ROOT, 'dist');
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Where pictures of pages go whose test failed. */
const PICTURES = join(ROOT, 'test-results');

let browser: Browser | null = null;

/** One Chromium for the tests of a file. Without one they are skipped, saying so, or fail where CI is set. */
export function useBrowser(): void {
  const missing = !existsSync(CHROMIUM);
  beforeAll(async () => {
    if (!missing) browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
    else if (process.env['CI']) throw new Error(`${CHROMIUM} is missing: install Debian's package chromium.`);
  });
  beforeEach((context) => {
    if (missing) context.skip(`${CHROMIUM} is missing: install Debian's package chromium`);
  });
  afterAll(async () => {
    await browser?.close();
    browser = null;
  });
}

/** The app's server as a person starts it. */
export interface AppServer {
  /** With the token in the fragment. */
  readonly url: string;
  /** Ends it as Ctrl-C does. */
  stop(): Promise<void>;
  /** Ends it without a chance to tidy up. */
  kill(): Promise<void>;
}

/** Starts the built server on a profile, with these variables beside the test's own; it is ended with the profile's other processes after the test. */
export async function startServer(slipway: Slipway, env: Readonly<Record<string, string>> = {}): Promise<AppServer> {
  const child = spawn(process.execPath, [join(DIST, 'server.js'), '--json'], {
    env: { ...process.env, ...env, SLIPWAY_HOME: slipway.home, NODE_ENV: 'production' },
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  onTestFinished(() => end('SIGTERM'));
  const line = await Promise.race([
    new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
    ended.then(() => Promise.reject(new Error(`The server ended: ${said}`))),
  ]);
  const { url } = JSON.parse(line) as { url: string };
  return { url, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly scheme?: 'light' | 'dark';
  /** Console errors that belong to the test, such as those of a connection that is cut. */
  readonly expected?: RegExp;
}

/** A new browser window on an address. After the test it is closed, and the test fails when the page reported errors or broke its content security policy. */
export async function openPage(url: string, options: PageOptions = {}): Promise<Page> {
  const { width = 1440, height = 900, scheme = 'light', expected } = options;
  if (browser === null) throw new Error('useBrowser() is missing in this file');
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    acceptDownloads: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  context.setDefaultTimeout(30_000);
  const problems: string[] = [];
  const note = (text: string): void => {
    if (expected?.test(text) !== true) problems.push(text);
  };
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`Policy violated: ${event.violatedDirective} by ${event.blockedURI || event.sample}`);
    });
  });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && note(message.text()));
  page.on('pageerror', (error) => note(String(error)));
  onTestFinished(async ({ task }) => {
    const failed = task.result?.state === 'fail';
    if (failed || problems.length > 0) await takePicture(context, page, task.name);
    await context.close();
    if (problems.length > 0) throw new Error(`The page reported errors:\n${problems.join('\n')}`);
  });
  await page.goto(url);
  return page;
}

async function takePicture(context: BrowserContext, page: Page, name: string): Promise<void> {
  if (!context.pages().includes(page)) return;
  mkdirSync(PICTURES, { recursive: true });
  const file = `${name.replaceAll(/[^\w]+/g, '-').slice(0, 80)}.png`;
  await page.screenshot({ path: join(PICTURES, file) }).catch(() => undefined);
}

/** Waits until the app stands. */
export async function loaded(page: Page): Promise<void> {
  await page.waitForSelector('[data-app-state="loaded"]');
}

/** The app on a profile of its own, loaded. */
export interface App {
  readonly slipway: Slipway;
  readonly server: AppServer;
  readonly page: Page;
}

export interface AppOptions extends PageOptions {
  readonly slipway?: Slipway;
  /** Variables of the server's environment. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function openApp(options: AppOptions = {}): Promise<App> {
  const slipway = options.slipway ?? new Slipway();
  const server = await startServer(slipway, options.env);
  const page = await openPage(server.url, options);
  await loaded(page);
  return { slipway, server, page };
}

/** The same page of the app at a server's address: `/jobs/ID?run=2` and the like. */
export function address(server: AppServer, path: string): string {
  return new URL(`${path}${new URL(server.url).hash}`, server.url).href;
}

/** Opens a folder of this workstation as a draft by typing its path into the folder picker. */
export async function openFolder(page: Page, folder: string): Promise<void> {
  if (!page.url().includes('/jobs/new')) await page.getByRole('link', { name: 'New job' }).first().click();
  await page.getByRole('button', { name: 'Choose a folder…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Choose the job folder' });
  await dialog.getByLabel('Path of the folder').fill(folder);
  await dialog.getByRole('button', { name: 'Go to this path' }).click();
  await dialog.getByRole('button', { name: 'Choose this folder' }).click();
  await page
    .getByLabel('Summary')
    .getByText(/Everything is checked|to mend first|cannot/)
    .waitFor();
}

/** Replaces the text of a code editor by pasting over all of it. */
export async function typeOver(editor: Locator, text: string): Promise<void> {
  await editor.press('ControlOrMeta+a');
  await editor.page().keyboard.insertText(text);
}

/** Drops files as a person does who takes them from a file manager. */
export async function dropFiles(page: Page, target: Locator, files: Readonly<Record<string, string>>): Promise<void> {
  const transfer = await page.evaluateHandle((contents) => {
    const made = new DataTransfer();
    for (const [name, content] of Object.entries(contents)) made.items.add(new File([content], name));
    return made;
  }, files);
  for (const event of ['dragenter', 'dragover', 'drop']) await target.dispatchEvent(event, { dataTransfer: transfer });
}

/** Presses Tab until the element has the focus, as a person without a mouse does. */
export async function tabTo(page: Page, target: Locator, most = 60): Promise<void> {
  for (let presses = 0; presses < most; presses++) {
    if (await target.evaluate((node) => node === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${String(target)} is not reached with ${most} presses of Tab`);
}
