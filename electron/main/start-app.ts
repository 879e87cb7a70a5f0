import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserWindow } from 'electron';
import { app, dialog, ipcMain, Menu, MessageChannelMain, protocol, safeStorage, session, shell } from 'electron';
import { APP_ID } from './app-id.ts';
import { registerAppScheme, serveAppScheme } from './app-protocol.ts';
import { ask } from './ask.ts';
import type { CoreProblem } from './core-process.ts';
import { CoreProcess } from './core-process.ts';
import { forkCore } from './fork-core.ts';
import { guardPermissions, guardWebContents } from './guards.ts';
import { hostHandlers, serveHost } from './host-api.ts';
import { focusWindow, openMainWindow } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import { startUrl } from './policy/app-url.ts';
import type { LaunchArguments } from './policy/launch-arguments.ts';
import { readSecondInstance } from './policy/launch-arguments.ts';
import { handOverPorts } from './port-hand-over.ts';
import { openShellMemory } from './shell-state.ts';
import { pageQuestion, problemQuestion, quitQuestion } from './words.ts';

export interface StartOptions {
  /** The profile folder; it exists. */
  readonly home: string;
  readonly version: string;
  readonly launch: LaunchArguments;
  /** The bundles. */
  readonly core: string;
  readonly preload: string;
  readonly renderer: string;
}

/**
 * The desktop shell, from start to quit. Runs before Electron is ready, and does at once what must be done by then.
 * One instance per profile: a second one only brings the first to the front.
 */
export function startApp({ home, version, launch, core: coreScript, preload, renderer }: StartOptions): void {
  app.enableSandbox();
  registerAppScheme(protocol);
  app.setName('Slipway');
  app.setAboutPanelOptions({ applicationName: 'Slipway', applicationVersion: version });
  if (process.platform === 'win32') app.setAppUserModelId(APP_ID);
  const shellFolder = join(home, 'shell');
  mkdirSync(shellFolder, { recursive: true });
  // Chromium's own files; the instance lock is one per such folder.
  app.setPath('userData', shellFolder);
  const folder = launch.folder === null ? null : resolve(launch.folder);
  if (!app.requestSingleInstanceLock({ folder })) {
    app.quit();
    return;
  }

  const developer = !app.isPackaged;
  const logs = join(home, 'logs');
  const crashLog = join(logs, 'core-crash.log');
  const memory = openShellMemory(join(shellFolder, 'window.json'));
  let window: BrowserWindow | null = null;
  let quitting = false;

  const handlers = hostHandlers({
    dialog,
    shell,
    safeStorage,
    window: () => window,
    memory,
    firstFolder: homedir(),
  });
  const core = new CoreProcess({
    fork: () => forkCore(coreScript, home, crashLog),
    hostPort: () => {
      const { port1, port2 } = new MessageChannelMain();
      serveHost(port1, handlers);
      return port2;
    },
    onProblem: (problem) => void tellProblem(problem),
    now: () => performance.now(),
    killHard: (pid) => process.kill(pid, 'SIGKILL'),
  });

  async function tellProblem(problem: CoreProblem): Promise<void> {
    for (;;) {
      const answer = await ask(dialog, window, 'error', problemQuestion(problem, crashLog));
      if (quitting) return;
      if (answer === 'again') return core.start();
      if (answer === 'quit') return quit();
      await shell.openPath(answer === 'open-log' ? logs : home);
    }
  }

  function quit(): void {
    quitting = true;
    app.quit();
  }

  let asking = false;
  async function requestQuit(): Promise<void> {
    if (asking) return;
    asking = true;
    try {
      const question = quitQuestion(await core.unfinished());
      if (question === null || (await ask(dialog, window, 'question', question)) === 'quit') quit();
    } finally {
      asking = false;
    }
  }

  function openWindow(url: string): void {
    const opened = openMainWindow({
      preload,
      url,
      memory,
      developer,
      onPageLost: async (lost, reason) => {
        const again = (await ask(dialog, lost, 'error', pageQuestion(reason))) === 'again';
        if (!again) quit();
        return again;
      },
    });
    window = opened;
    opened.on('close', (event) => {
      // On macOS the app, and the core with it, stays when the window goes.
      if (quitting || process.platform === 'darwin') return;
      event.preventDefault();
      void requestQuit();
    });
    opened.on('closed', () => (window = null));
  }

  function show(wanted: string | null): void {
    if (window === null) return openWindow(startUrl(wanted));
    focusWindow(window);
    if (wanted !== null) window.loadURL(startUrl(wanted)).catch(() => undefined);
  }

  guardWebContents(app, (url) => shell.openExternal(url));
  app.on('second-instance', (_event, _argv, _cwd, data) => {
    if (app.isReady()) show(readSecondInstance(data).folder);
  });
  app.on('activate', () => show(null));
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('before-quit', () => (quitting = true));
  let stopped = false;
  app.on('will-quit', (event) => {
    if (stopped) return;
    event.preventDefault();
    void core.stop().finally(() => {
      stopped = true;
      app.quit();
    });
  });

  void app.whenReady().then(() => {
    serveAppScheme(protocol, renderer);
    guardPermissions(session.defaultSession);
    handOverPorts(
      ipcMain,
      () => new MessageChannelMain(),
      (port) => core.connect(port),
    );
    const actions = { quit: () => void requestQuit(), openLogs: () => void shell.openPath(logs) };
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(actions, { platform: process.platform, developer })));
    core.start();
    openWindow(startUrl(folder));
  });
}
