import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killUtilityProcesses } from './utility-process.ts';

interface ClosableWindow {
  close(): void;
  isDestroyed(): boolean;
}

const paths = new Map<string, string>();
const windows = new Set<ClosableWindow>();
/** Run at the very end, in turn. */
const endings: (() => Promise<void> | void)[] = [killUtilityProcesses];
let ready = false;
let lock: string | null = null;

/** An event that a listener may prevent. */
export function preventable<T extends object>(fields: T): T & { defaultPrevented: boolean; preventDefault(): void } {
  const event = { ...fields, defaultPrevented: false, preventDefault: () => void (event.defaultPrevented = true) };
  return event;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** A folder that only one living process can own; a second one leaves its data there for the first. */
function takeLock(folder: string, data: unknown): boolean {
  const owner = join(folder, 'owner');
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(owner, String(process.pid), { flag: 'wx' });
  } catch {
    if (isAlive(Number(readFileSync(owner, 'utf8')))) {
      const message = join(folder, String(process.pid));
      writeFileSync(`${message}.part`, JSON.stringify({ argv: process.argv, cwd: process.cwd(), data }));
      renameSync(`${message}.part`, `${message}.message`);
      return false;
    }
    writeFileSync(owner, String(process.pid));
  }
  lock = folder;
  watch(folder, () => readMessages(folder)).unref();
  return true;
}

function readMessages(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.message')) continue;
    const message = JSON.parse(readFileSync(join(folder, name), 'utf8')) as {
      argv: string[];
      cwd: string;
      data: unknown;
    };
    rmSync(join(folder, name));
    const { argv, cwd, data } = message;
    app.emit('second-instance', {}, argv, cwd, data);
  }
}

class App extends EventEmitter {
  readonly isPackaged = false;
  /** For tests: whether every renderer is sandboxed. */
  sandboxed = false;
  name = 'electron';
  #closing = false;
  #quitting = false;

  enableSandbox(): void {
    if (ready) throw new Error('app.enableSandbox() can only be called before app is ready');
    this.sandboxed = true;
  }
  setName(name: string): void {
    this.name = name;
  }
  setAboutPanelOptions(): void {}
  setAppUserModelId(): void {}
  setPath(name: string, path: string): void {
    paths.set(name, path);
  }
  getPath(name: string): string {
    return paths.get(name) ?? tmpdir();
  }
  isReady(): boolean {
    return ready;
  }
  whenReady(): Promise<void> {
    return ready ? Promise.resolve() : new Promise((resolve) => this.once('ready', () => resolve()));
  }
  requestSingleInstanceLock(data?: unknown): boolean {
    const hash = createHash('sha256').update(this.getPath('userData')).digest('hex').slice(0, 16);
    return takeLock(join(this.getPath('userData'), `lock-${hash}`), data);
  }

  /** As in Electron: may be prevented before the windows close, by each of them, and after. */
  quit(): void {
    if (this.#quitting) return;
    const before = preventable({});
    this.emit('before-quit', before);
    if (before.defaultPrevented) return;
    this.#closing = true;
    for (const window of [...windows]) window.close();
    this.#closing = false;
    if (windows.size > 0) return;
    const will = preventable({});
    this.emit('will-quit', will);
    if (will.defaultPrevented) return;
    this.#quitting = true;
    this.exit(0);
  }

  exit(code = 0): void {
    this.emit('quit', {}, code);
    void (async () => {
      for (const end of endings.toReversed()) await end();
      if (lock !== null) rmSync(lock, { recursive: true, force: true });
      process.exit(code);
    })();
  }

  addWindow(window: ClosableWindow): void {
    windows.add(window);
  }
  removeWindow(window: ClosableWindow): void {
    windows.delete(window);
    if (windows.size > 0 || this.#closing) return;
    if (this.listenerCount('window-all-closed') > 0) this.emit('window-all-closed');
    else this.quit();
  }
  atEnd(end: () => Promise<void> | void): void {
    endings.push(end);
  }
}

export const app = new App();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => app.quit());
setImmediate(() => {
  ready = true;
  app.emit('ready');
});
