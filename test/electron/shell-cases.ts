import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callCore, nextCore, valueOf, waitForApp } from './shell-app.ts';

/** The module `electron`, as far as these cases look into it. */
interface ElectronModule {
  readonly BrowserWindow: {
    getAllWindows(): readonly { readonly webContents: { getLastWebPreferences(): object | null } }[];
  };
  readonly shell: { openExternal(url: string): Promise<void> };
  readonly ipcMain: { on(channel: string, listener: () => void): unknown };
}

/** A running app: Playwright's `ElectronApplication`, or the double of it. */
export interface ShellApp {
  evaluate<T>(run: (electron: ElectronModule) => T): Promise<Awaited<T>>;
  firstWindow(): Promise<Page>;
  close(): Promise<void>;
}

interface Kept {
  slipwayOpened: string[];
  slipwayConnects: number;
}

/** What must be so in every desktop shell, with the double and with a real Electron alike. */
export function itIsADesktopShell(launch: () => Promise<ShellApp>): void {
  let app: ShellApp;
  let page: Page;

  beforeAll(async () => {
    app = await launch();
    page = await app.firstWindow();
    await waitForApp(page);
  });
  afterAll(() => app?.close());

  it('shows the app in a sandboxed, isolated page without Node', async () => {
    const preferences = await app.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]!.webContents.getLastWebPreferences(),
    );
    expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
    const node = await page.evaluate(() => ['require', 'process', 'module', 'Buffer'].filter((name) => name in window));
    expect(node).toEqual([]);
  });

  it('lends the page exactly two functions', async () => {
    const bridge = await page.evaluate(() =>
      Object.entries((window as unknown as { slipway: object }).slipway).map(([name, value]) => [name, typeof value]),
    );
    expect(bridge).toEqual([
      ['connect', 'function'],
      ['pathsForFiles', 'function'],
    ]);
  });

  it('serves the page with a strict policy and a nonce of its own each time', async () => {
    const answers = await page.evaluate(async () => {
      const read = async () => {
        const response = await fetch('/jobs');
        const nonce = /name="csp-nonce" content="([^"]+)"/.exec(await response.text())?.[1] ?? '';
        return { policy: response.headers.get('content-security-policy') ?? '', nonce };
      };
      return [await read(), await read()];
    });
    for (const { policy, nonce } of answers) {
      expect(nonce).toMatch(/^[\w+/=]{20,}$/);
      expect(policy).toContain(`style-src 'self' 'nonce-${nonce}'`);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
    }
    expect(answers[0]!.nonce).not.toBe(answers[1]!.nonce);
  });

  it('serves nothing but the built app', async () => {
    const statuses = await page.evaluate(() =>
      Promise.all(
        ['/..%2fmain.js', '/assets/..%2f..%2fmain.js', '/%2e%2e/core.js', '/assets/none.js'].map(async (path) => {
          const { status } = await fetch(path);
          return status;
        }),
      ),
    );
    expect(statuses).toEqual([404, 404, 404, 404]);
  });

  it('runs no inline script', async () => {
    const ran = await page.evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ranInline = true';
      document.body.append(script);
      script.remove();
      return 'ranInline' in window;
    });
    expect(ran).toBe(false);
  });

  it('stays on its own pages; links to the web go to the system’s browser, https only', async () => {
    await app.evaluate(({ shell }) => {
      const kept = globalThis as unknown as Kept;
      kept.slipwayOpened = [];
      shell.openExternal = async (url: string) => void kept.slipwayOpened.push(url);
    });
    const before = page.url();
    const opened = await page.evaluate(() => [
      window.open('https://example.com/manual') === null,
      window.open('http://example.com/plain') === null,
      window.open('file:///etc/passwd') === null,
    ]);
    await page.evaluate(() => {
      const link = Object.assign(document.createElement('a'), { href: 'https://example.com/link', target: '_blank' });
      document.body.append(link);
      link.click();
      link.remove();
      window.location.href = 'https://example.com/elsewhere';
    });
    const kept = () => app.evaluate(() => (globalThis as unknown as Kept).slipwayOpened);
    await expect.poll(async () => (await kept()).length).toBe(2);
    expect((await kept()).toSorted()).toEqual(['https://example.com/link', 'https://example.com/manual']);
    expect(opened).toEqual([true, true, true]);
    expect(page.url()).toBe(before);
    await waitForApp(page);
  });

  it('reaches the core over a port that main hands over', async () => {
    const info = await valueOf(page, 'system.info');
    expect(info['capabilities']).toEqual({ pickFolder: true, openFolder: true, dropPaths: true });
    expect(info['pid']).not.toBe(await app.evaluate(() => process.pid));
  });

  it('tells the page in words what the core refuses', async () => {
    expect(await callCore(page, 'jobs.get', { job: 'no-such-job' })).toMatchObject({
      kind: 'fail',
      error: { code: 'not_found' },
    });
  });

  it('starts the core again when it has been killed, and the page finds it', async () => {
    await app.evaluate(({ ipcMain }) => {
      const kept = globalThis as unknown as Kept;
      kept.slipwayConnects = 0;
      ipcMain.on('slipway:connect', () => void kept.slipwayConnects++);
    });
    const { pid } = await valueOf(page, 'system.info');
    process.kill(Number(pid), 'SIGKILL');
    // The page connects by itself, before the test does.
    const connects = () => app.evaluate(() => (globalThis as unknown as Kept).slipwayConnects);
    await expect.poll(connects, { timeout: 15_000 }).toBeGreaterThan(1);
    await nextCore(page, pid);
    await waitForApp(page);
  });
}
