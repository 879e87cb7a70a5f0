import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { CONNECT_CHANNEL, PORT_CHANNEL } from '../../shared/contract/shell-channels.ts';

/** Lends the page two functions and nothing else: no channel names, no events, no Electron objects. */
export function exposeBridge(): void {
  // A port cannot cross the context bridge; it can be posted to the window that both worlds share.
  ipcRenderer.on(PORT_CHANNEL, (event, nonce: unknown) => {
    window.postMessage({ type: 'slipway:port', nonce }, window.location.origin, [...event.ports]);
  });
  contextBridge.exposeInMainWorld('slipway', {
    /** Asks for a port to the core; it comes as a window message `{type: 'slipway:port', nonce}`. */
    connect: (nonce: string): void => ipcRenderer.send(CONNECT_CHANNEL, String(nonce)),
    /** Paths of dropped or picked files; '' for a file that has none. */
    pathsForFiles: (files: readonly File[]): string[] => files.map((file) => webUtils.getPathForFile(file)),
  });
}
