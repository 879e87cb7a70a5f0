import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { RunningApp } from '../fakes/electron/launch.ts';
import { launchDouble } from '../fakes/electron/launch.ts';
import { MAIN_BUNDLE, nextCore, valueOf, waitForApp } from './shell-app.ts';
import { temporaryFolder } from './temporary-folder.ts';

const apps: RunningApp[] = [];

function launch(home: string, ...args: string[]): RunningApp {
  const app = launchDouble({ main: MAIN_BUNDLE, args: ['--home', home, ...args] });
  apps.push(app);
  return app;
}

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** The texts of the message box that is open. */
async function openBox(
  app: RunningApp,
  timeout = 15_000,
): Promise<{ message: string; detail: string; buttons: string[] }> {
  const boxes = () => app.evaluate(({ dialog }) => dialog.boxes.map(({ options }) => options));
  await expect.poll(async () => (await boxes()).length, { timeout }).toBeGreaterThan(0);
  return (await boxes()).at(-1) as { message: string; detail: string; buttons: string[] };
}

function answerBox(app: RunningApp, response: number): Promise<void> {
  return app.evaluate(({ dialog }, chosen) => dialog.boxes.splice(-1)[0]!.answer(chosen), response);
}

function closeWindow(app: RunningApp): Promise<void> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.close());
}

// Each of these starts an app or two.
describe('the life of the desktop shell', { timeout: 90_000 }, () => {
  it('is one per profile: a second start brings the window to the front and opens New job with its folder', async () => {
    const home = temporaryFolder();
    const study = temporaryFolder();
    const first = launch(home);
    const page = await first.firstWindow();
    await waitForApp(page);
    await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.minimize());

    const second = launch(home, study);
    expect(await second.exited).toBe(0);

    const done = () => first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.done);
    await expect.poll(done).toEqual(['show', 'restore', 'show', 'focus']);
    await page.waitForURL((url) => url.pathname === '/jobs/new');
    expect(await first.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1);

    const elsewhere = launch(temporaryFolder(), study);
    await (await elsewhere.firstWindow()).waitForURL((url) => url.pathname === '/jobs/new');
  });

  it('shows the window once it has painted, where it was last, within the display', async () => {
    const home = temporaryFolder();
    const first = launch(home);
    await waitForApp(await first.firstWindow());
    const at = (app: RunningApp) =>
      app.evaluate(({ BrowserWindow }) => {
        const { options } = BrowserWindow.getAllWindows()[0]!;
        return { x: options.x, y: options.y, width: options.width, height: options.height, show: options['show'] };
      });
    expect(await at(first)).toEqual({ x: 80, y: 62, width: 1440, height: 900, show: false });
    await first.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]!.getNormalBounds = () => ({ x: 900, y: 300, width: 1000, height: 700 });
    });
    await closeWindow(first);
    expect(await first.exited).toBe(0);

    const second = launch(home);
    await waitForApp(await second.firstWindow());
    expect(await at(second)).toEqual({ x: 600, y: 300, width: 1000, height: 700, show: false });
  });

  it('lends the core the folder dialog and the file manager, and asks before jobs are left waiting', async () => {
    const app = launch(temporaryFolder());
    const page = await app.firstWindow();
    await waitForApp(page);
    const study = join(temporaryFolder(), 'Müller & Söhne');
    mkdirSync(study);
    writeFileSync(join(study, 'slipway.yaml'), 'name: Wait\ntype: basic\ncommand: sleep 100\n');

    await app.evaluate(({ dialog }, folder) => dialog.folders.push(folder), study);
    expect(await valueOf(page, 'system.pickFolder', { title: 'Choose a job folder' })).toEqual({ path: study });
    expect(await valueOf(page, 'system.pickFolder', { title: 'Choose another' })).toEqual({ path: null });
    expect(await app.evaluate(({ dialog }) => dialog.dialogOptions)).toMatchObject([
      { title: 'Choose a job folder', properties: ['openDirectory', 'createDirectory'] },
      { title: 'Choose another', defaultPath: study },
    ]);

    const job = await valueOf(page, 'jobs.submit', { requestId: crypto.randomUUID(), folder: study });
    await valueOf(page, 'jobs.openFolder', { job: job['id'], run: null });
    expect(await app.evaluate(({ shell }) => shell.opened)).toEqual([job['folder']]);

    await closeWindow(app);
    const box = await openBox(app);
    expect(box.message).toBe('One job is not finished');
    expect(box.buttons).toEqual(['Quit', 'Keep open']);
    await answerBox(app, 1);
    await valueOf(page, 'jobs.cancel', { requestId: crypto.randomUUID(), job: job['id'] });
    const state = async () => (await valueOf(page, 'jobs.get', { job: job['id'] }))['state'];
    await expect.poll(state, { timeout: 15_000 }).toBe('cancelled');

    writeFileSync(join(study, 'mesh.dat'), new Uint8Array(2_000_000));
    await valueOf(page, 'transfers.limit', { bytesPerSecond: 1024 });
    const place = (path: string) => ({ kind: 'local', path });
    const to = place(join(temporaryFolder(), 'mesh.dat'));
    const request = { from: [place(join(study, 'mesh.dat'))], to, into: false };
    const transfer = await valueOf(page, 'transfers.start', { requestId: crypto.randomUUID(), ...request });
    const quitByMenu = () =>
      app.evaluate(({ Menu }) => {
        const items = Menu.getApplicationMenu()!.items.flatMap(({ submenu }) => submenu ?? []);
        items.find(({ label }) => label === 'Quit Slipway')!.click!();
      });
    await quitByMenu();
    const second = await openBox(app);
    expect(second.message).toBe('One transfer is not finished');
    expect(second.detail).toBe('Transfers keep what has arrived, and go on from there when you open it again.');
    await answerBox(app, 1);
    // One that is paused waits for a person, not for Slipway.
    await valueOf(page, 'transfers.pause', { transfer: transfer['id'] });
    await quitByMenu();
    expect(await app.exited).toBe(0);
  });

  it('says so when the profile belongs to a newer Slipway, and goes on when that is mended', async () => {
    const home = temporaryFolder();
    const db = new Sqlite(join(home, 'state.db'));
    db.pragma('user_version = 9999');
    const app = launch(home);
    const box = await openBox(app);
    expect(box.message).toBe('This profile was last used by a newer Slipway');
    expect(box.detail).toContain('state.db was written by a newer Slipway (data version 9999');
    expect(box.buttons).toEqual(['Try again', 'Open profile folder', 'Quit']);

    await answerBox(app, 1);
    await openBox(app);
    expect(await app.evaluate(({ shell }) => shell.opened)).toEqual([home]);

    db.pragma('user_version = 0');
    db.close();
    await answerBox(app, 0);
    await waitForApp(await app.firstWindow());
  });

  it('says so when the database is damaged, leaves it as it is, and quits when asked to', async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'state.db'), 'this is no database, '.repeat(500));
    const app = launch(home);
    const box = await openBox(app);
    expect(box.message).toBe('The database of this profile is damaged');
    await answerBox(app, 2);
    expect(await app.exited).toBe(0);
  });

  it('stops starting a core that crashes again and again, and asks', async () => {
    const home = temporaryFolder();
    const app = launch(home);
    const page = await app.firstWindow();
    await waitForApp(page);
    let pid: number | null = null;
    for (let crash = 1; crash <= 6; crash++) {
      pid = await nextCore(page, pid);
      process.kill(pid, 'SIGKILL');
    }
    const box = await openBox(app);
    expect(box.message).toBe('Slipway’s core ended 6 times within a minute');
    expect(box.detail).toContain(join(home, 'logs', 'core-crash.log'));
    expect(existsSync(join(home, 'logs', 'core-crash.log'))).toBe(true);
    await answerBox(app, 0);
    expect(await nextCore(page, pid)).toBeGreaterThan(0);
  });

  it('attaches to the core of another process, and takes over when that one ends', async () => {
    const home = temporaryFolder();
    const other = spawn(process.execPath, [join(dirname(MAIN_BUNDLE), 'core.js'), '--home', home], { stdio: 'ignore' });
    try {
      await expect.poll(() => existsSync(join(home, 'core.sock')), { timeout: 15_000 }).toBe(true);
      const app = launch(home);
      const page = await app.firstWindow();
      await waitForApp(page);
      expect(await valueOf(page, 'system.info')).toMatchObject({ pid: other.pid });
      const ended = once(other, 'exit');
      other.kill('SIGTERM');
      await ended;
      await nextCore(page, other.pid);
      expect(await valueOf(page, 'system.info')).toMatchObject({ capabilities: { pickFolder: true } });
    } finally {
      other.kill('SIGKILL');
    }
  });
});
