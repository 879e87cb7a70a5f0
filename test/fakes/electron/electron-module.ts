/**
 * A double of the `electron` module for main: enough of its behaviour to run the real bundles without an Electron binary.
 * A window is a page of Debian's Chromium, a utility process a Node process, a MessagePort a MessagePort.
 */
export { app } from './app.ts';
export { ipcMain } from './ipc-main.ts';
export { MessageChannelMain } from './ports.ts';
export { dialog, Menu, nativeTheme, protocol, safeStorage, screen, session, shell } from './services.ts';
export { utilityProcess } from './utility-process.ts';
export { BrowserWindow } from './browser-window.ts';
