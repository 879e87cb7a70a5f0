import { BrowserWindow, nativeTheme, screen } from 'electron';
import { decideRestart } from './policy/decide-restart.ts';
import type { Rectangle } from './policy/fit-to-displays.ts';
import { SMALLEST_SIZE, fitToDisplays } from './policy/fit-to-displays.ts';
import type { ShellMemory } from './shell-state.ts';

export interface MainWindowOptions {
  readonly preload: string;
  readonly url: string;
  readonly memory: ShellMemory;
  readonly developer: boolean;
  /** The page's process has died again and again; true = load it once more. */
  readonly onPageLost: (window: BrowserWindow, reason: string) => Promise<boolean>;
}

/** The page's own background, so that nothing flashes before it has painted. */
const BACKGROUND = { light: '#eef0f2', dark: '#131517' };

function workAreas(): readonly [Rectangle, ...Rectangle[]] {
  const primary = screen.getPrimaryDisplay();
  const others = screen.getAllDisplays().filter((display) => display.id !== primary.id);
  return [primary.workArea, ...others.map((display) => display.workArea)];
}

/** Opens the window where it was last, and shows it once the page has painted. */
export function openMainWindow({ preload, url, memory, developer, onPageLost }: MainWindowOptions): BrowserWindow {
  const { bounds, maximized } = memory.get();
  const window = new BrowserWindow({
    ...fitToDisplays(bounds, workAreas()),
    minWidth: SMALLEST_SIZE.width,
    minHeight: SMALLEST_SIZE.height,
    title: 'Slipway',
    show: false,
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      navigateOnDragDrop: false,
      spellcheck: false,
      devTools: developer,
    },
  });
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.on('close', () => memory.set({ bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  reloadWhenLost(window, onPageLost);
  window.loadURL(url).catch(() => undefined);
  return window;
}

function reloadWhenLost(window: BrowserWindow, onPageLost: MainWindowOptions['onPageLost']): void {
  let losses: number[] = [];
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return;
    const now = performance.now();
    losses.push(now);
    const reload = (): void => (window.isDestroyed() ? undefined : window.webContents.reload());
    const decision = decideRestart(losses, now);
    if (decision.kind === 'restart') return void setTimeout(reload, decision.delayMs);
    losses = [];
    void onPageLost(window, reason).then((again) => (again ? reload() : undefined));
  });
}

/** Brings the window to the front. */
export function focusWindow(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
}
