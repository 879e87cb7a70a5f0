import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Frame, Page, Route } from 'playwright-core';
import { app, preventable } from './app.ts';
import { chromium } from './chromium.ts';
import { ipcMain } from './ipc-main.ts';
import { preloadScript } from './page-side.ts';
import type { MessagePortMain, PortMessage } from './ports.ts';
import { PortBridge } from './ports.ts';
import { answerScheme } from './services.ts';
import { fromPageUrl, toPageUrl } from './stand-in-url.ts';

interface WindowOptions {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly webPreferences: { readonly preload: string } & Record<string, unknown>;
  readonly [name: string]: unknown;
}

/** Electron's `WebFrameMain`. */
class FrameMain {
  readonly #frame: Frame;
  readonly #bridge: PortBridge;

  constructor(frame: Frame, bridge: PortBridge) {
    this.#frame = frame;
    this.#bridge = bridge;
  }
  get url(): string {
    return fromPageUrl(this.#frame.url());
  }
  get origin(): string {
    const { protocol, host } = new URL(this.url);
    return `${protocol}//${host}`;
  }
  get parent(): FrameMain | null {
    const parent = this.#frame.parentFrame();
    return parent === null ? null : new FrameMain(parent, this.#bridge);
  }
  postMessage(channel: string, message: unknown, transfer: readonly MessagePortMain[] = []): void {
    const ports = transfer.map((port) => this.#bridge.give(port));
    this.#frame
      .evaluate(
        ([name, args, ids]) =>
          (window as unknown as { electronDeliver(...all: unknown[]): void }).electronDeliver(name, args, ids),
        [channel, [message], ports] as const,
      )
      .catch(() => undefined);
  }
}

class WebContents extends EventEmitter {
  readonly #options: WindowOptions;
  readonly #bridge = new PortBridge((message) => this.#toPage(message));
  #page: Page | null = null;
  #expected: string | null = null;
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  /** For tests: navigations that a listener has prevented. */
  readonly prevented: string[] = [];

  constructor(options: WindowOptions) {
    super();
    this.#options = options;
  }

  getLastWebPreferences(): object {
    return this.#options.webPreferences;
  }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.#openHandler = handler;
  }
  getURL(): string {
    return this.#page === null ? '' : fromPageUrl(this.#page.url());
  }
  isDestroyed(): boolean {
    return this.#page?.isClosed() ?? false;
  }
  reload(): void {
    this.#expected = this.#page?.url() ?? null;
    this.#page?.reload().catch(() => undefined);
  }

  async load(url: string): Promise<void> {
    this.#page ??= await this.#open();
    this.#expected = toPageUrl(url);
    await this.#page.goto(this.#expected);
  }
  async close(): Promise<void> {
    this.#bridge.closeAll();
    await this.#page?.close().catch(() => undefined);
  }

  async #open(): Promise<Page> {
    const context = await chromium();
    const page = context.pages().find((open) => open.url() === 'about:blank') ?? (await context.newPage());
    await page.setViewportSize({ width: this.#options.width, height: this.#options.height });
    await page.exposeBinding('electronIpc', ({ frame }, channel: string, args: unknown[]) => {
      ipcMain.emit(channel, { senderFrame: new FrameMain(frame, this.#bridge), sender: this }, ...args);
    });
    await page.exposeBinding('electronPort', (_source, message: PortMessage) => this.#bridge.heard(message));
    await page.exposeBinding(
      'electronOpen',
      (_source, url: string) => void this.#openHandler({ url: fromPageUrl(url) }),
    );
    await page.exposeBinding('electronDocument', () => this.#bridge.closeAll());
    await page.addInitScript({ content: preloadScript(readFileSync(this.#options.webPreferences.preload, 'utf8')) });
    await page.route('**/*', (route) => this.#answer(route));
    page.on('load', () => this.emit('did-finish-load'));
    page.on('crash', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }));
    return page;
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = fromPageUrl(request.url());
    if (request.isNavigationRequest() && request.frame().parentFrame() === null) {
      if (this.#expected !== request.url()) {
        const event = preventable({ url, isMainFrame: true });
        this.emit('will-navigate', event, url);
        if (event.defaultPrevented) {
          this.prevented.push(url);
          return route.abort('aborted');
        }
      }
      this.#expected = null;
    }
    const answer = await answerScheme(url);
    if (answer === null) return route.abort('blockedbyclient');
    return route.fulfill({
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: Buffer.from(await answer.arrayBuffer()),
    });
  }

  #toPage(message: PortMessage): void {
    this.#page
      ?.evaluate(
        (heard) => (window as unknown as { electronPortHeard(all: unknown): void }).electronPortHeard(heard),
        message,
      )
      .catch(() => undefined);
  }
}

const windows: BrowserWindow[] = [];

export class BrowserWindow extends EventEmitter {
  readonly webContents: WebContents;
  /** For tests: what the window was opened with, and what was done to it. */
  readonly options: WindowOptions;
  readonly done: string[] = [];
  #destroyed = false;
  #minimized = false;
  #maximized = false;

  constructor(options: WindowOptions) {
    super();
    this.options = options;
    this.webContents = new WebContents(options);
    windows.push(this);
    app.addWindow(this);
    app.emit('web-contents-created', {}, this.webContents);
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'));
  }

  static getAllWindows(): readonly BrowserWindow[] {
    return windows;
  }

  loadURL(url: string): Promise<void> {
    return this.webContents.load(url);
  }
  show(): void {
    this.done.push('show');
  }
  focus(): void {
    this.done.push('focus');
  }
  maximize(): void {
    this.#maximized = true;
  }
  minimize(): void {
    this.#minimized = true;
  }
  restore(): void {
    this.#minimized = false;
    this.done.push('restore');
  }
  isMinimized(): boolean {
    return this.#minimized;
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  isVisible(): boolean {
    return this.done.includes('show');
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  getNormalBounds(): { x: number; y: number; width: number; height: number } {
    const { x, y, width, height } = this.options;
    return { x, y, width, height };
  }
  close(): void {
    const event = preventable({});
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
  }
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    windows.splice(windows.indexOf(this), 1);
    void this.webContents.close();
    this.emit('closed');
    app.removeWindow(this);
  }
}
