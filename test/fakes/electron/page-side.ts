/// <reference lib="dom" />
import type { PortMessage } from './ports.ts';

/** What the double puts on the page's window, out of sight of the app. */
interface PageLine {
  /** Page → main: ipcRenderer.send. */
  electronIpc(channel: string, args: unknown[]): Promise<void>;
  /** Page → main: what happens on a port that the page holds. */
  electronPort(message: PortMessage): Promise<void>;
  /** Page → main: a new document is there, so the ports of the one before are gone. */
  electronDocument(): Promise<void>;
  /** Page → main: asks for a new window, as Electron does before there is one. No window ever comes of it. */
  electronOpen(url: string): Promise<void>;
  /** Main → page: a message for ipcRenderer, with ports. */
  electronDeliver(channel: string, args: unknown[], ports: number[]): void;
  /** Main → page: on a port that the page holds. */
  electronPortHeard(message: PortMessage): void;
}

/** Runs in the page before its scripts; gives what a sandboxed preload gets from `require('electron')`. Self-contained: it is sent as text. */
function pageElectron(): object {
  const line = window as unknown as PageLine;
  const listeners = new Map<string, ((event: object, ...args: unknown[]) => void)[]>();
  const held = new Map<number, MessagePort>();
  void line.electronDocument();

  function take(id: number): MessagePort {
    const { port1, port2 } = new MessageChannel();
    held.set(id, port1);
    port1.addEventListener('message', ({ data }) => void line.electronPort({ port: id, kind: 'message', data }));
    port1.addEventListener('close', () => {
      if (held.delete(id)) void line.electronPort({ port: id, kind: 'close' });
    });
    port1.start();
    return port2;
  }
  const hidden = {
    electronDeliver: (channel: string, args: unknown[], ports: number[]) => {
      const event = { ports: ports.map(take) };
      for (const listener of listeners.get(channel) ?? []) listener(event, ...args);
    },
    electronPortHeard: (message: PortMessage) => {
      const port = held.get(message.port);
      if (message.kind === 'message') return port?.postMessage(message.data);
      held.delete(message.port);
      return port?.close();
    },
  };
  for (const [name, value] of Object.entries(hidden)) Object.defineProperty(window, name, { value });

  function open(url: string): null {
    void line.electronOpen(new URL(url, window.location.href).href);
    return null;
  }
  Object.defineProperty(window, 'open', { value: (url: string | URL = '') => open(String(url)) });
  window.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (link?.target !== '_blank' || event.defaultPrevented) return;
    event.preventDefault();
    open(link.href);
  });

  /** The bridge carries functions and what can be cloned, each argument as a copy; nothing keeps its identity. */
  function across(value: unknown): unknown {
    if (typeof value !== 'function') return structuredClone(value);
    return (...args: unknown[]) => across(value(...args.map(across)));
  }
  return {
    contextBridge: {
      exposeInMainWorld: (name: string, api: Record<string, unknown>) => {
        const entries = Object.entries(api).map(([key, value]) => [key, across(value)] as const);
        Object.defineProperty(window, name, { value: Object.freeze(Object.fromEntries(entries)), enumerable: true });
      },
    },
    ipcRenderer: {
      send: (channel: string, ...args: unknown[]) => void line.electronIpc(channel, structuredClone(args)),
      on: (channel: string, listener: (event: object, ...args: unknown[]) => void) => {
        listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      },
    },
    webUtils: { getPathForFile: (file: File) => `/dropped/${file.name}` },
  };
}

/** The script that runs first in every document: the double's page side, then the real preload, in the top frame only. */
export function preloadScript(preload: string): string {
  return `if (window === window.top) (() => {
    const double = (${pageElectron.toString()})();
    const require = (name) => {
      if (name !== 'electron') throw new Error('module not found: ' + name);
      return double;
    };
    const module = { exports: {} };
    const exports = module.exports;
    ${preload}
  })();`;
}
