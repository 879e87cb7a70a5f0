import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningApp } from '../fakes/electron/launch.ts';
import { launchDouble } from '../fakes/electron/launch.ts';
import { MAIN_BUNDLE, waitForApp } from './shell-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

describe('what the desktop shell refuses', () => {
  let app: RunningApp;
  let page: Page;

  beforeAll(async () => {
    app = launchDouble({ main: MAIN_BUNDLE, args: ['--home', temporaryFolder()] });
    page = await app.firstWindow();
    await waitForApp(page);
  });
  afterAll(() => app?.close());

  it('sandboxes every renderer and registers the app’s scheme once', async () => {
    const [sandboxed, privileged] = await app.evaluate(({ app, protocol }) => [app.sandboxed, protocol.privileged]);
    expect(sandboxed).toBe(true);
    expect(privileged).toEqual([
      [{ scheme: 'app', privileges: expect.objectContaining({ standard: true, secure: true }) }],
    ]);
  });

  it('hands no port to a frame that is not the app’s own page', async () => {
    const asked = await app.evaluate(({ ipcMain }) => {
      const ask = (origin: string, parent: object | null, nonce: unknown = 'n') => {
        let got = false;
        ipcMain.emit('slipway:connect', { senderFrame: { origin, parent, postMessage: () => (got = true) } }, nonce);
        return got;
      };
      ipcMain.emit('slipway:connect', { senderFrame: null }, 'n');
      return {
        own: ask('app://slipway', null),
        web: ask('https://example.com', null),
        opaque: ask('null', null),
        file: ask('file://', null),
        otherHost: ask('app://elsewhere', null),
        inner: ask('app://slipway', {}),
        noNonce: ask('app://slipway', null, { toString: 'x' }),
        longNonce: ask('app://slipway', null, 'n'.repeat(101)),
      };
    });
    expect(asked).toEqual({
      own: true,
      web: false,
      opaque: false,
      file: false,
      otherHost: false,
      inner: false,
      noNonce: false,
      longNonce: false,
    });
  });

  it('grants the page the clipboard for writing, and nothing else to anyone', async () => {
    const decide = (permission: string, origin = 'app://slipway') =>
      app.evaluate(({ session }, { permission, origin }) => session.defaultSession.decide(permission, origin), {
        permission,
        origin,
      });
    const yes = { request: true, check: true };
    const no = { request: false, check: false };
    expect(await decide('clipboard-sanitized-write')).toEqual(yes);
    expect(await decide('clipboard-sanitized-write', 'https://example.com')).toEqual(no);
    for (const permission of ['clipboard-read', 'media', 'geolocation', 'notifications', 'openExternal', 'unknown']) {
      expect(await decide(permission)).toEqual(no);
    }
  });

  it('lets the page load itself anew, and go nowhere else', async () => {
    await page.reload();
    await waitForApp(page);
    await page.evaluate(() => window.location.reload());
    await waitForApp(page);
    await page.evaluate(() => void (window.location.href = 'https://example.com/elsewhere'));
    const prevented = () =>
      app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.webContents.prevented);
    await expect.poll(prevented).toEqual(['https://example.com/elsewhere']);
    const refused = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]!.webContents;
      return ['will-redirect', 'will-attach-webview'].map((name) => {
        let prevented = false;
        contents.emit(name, { url: 'app://slipway/', preventDefault: () => (prevented = true) });
        return prevented;
      });
    });
    expect(refused).toEqual([true, true]);
  });

  it('gives dropped files’ paths to the page', async () => {
    const paths = await page.evaluate(() =>
      (window as unknown as { slipway: { pathsForFiles(files: File[]): string[] } }).slipway.pathsForFiles([
        new File(['x'], 'beam.inp'),
        new File([''], 'runs.csv'),
      ]),
    );
    expect(paths).toEqual(['/dropped/beam.inp', '/dropped/runs.csv']);
  });
});
