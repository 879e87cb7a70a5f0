import { stat } from 'node:fs/promises';
import type { BrowserWindow, Dialog, MessagePortMain, SafeStorage, Shell } from 'electron';
import type { HostHandlers } from '../../shared/contract/host.ts';
import { hostContract } from '../../shared/contract/host.ts';
import { AppError } from '../../shared/errors.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import { createRouter } from '../../shared/rpc/serve.ts';
import { messagePortWire } from '../transports/message-port.ts';
import { keyringHandlers } from './keyring.ts';
import type { ShellMemory } from './shell-state.ts';

export interface HostApiOptions {
  readonly dialog: Pick<Dialog, 'showOpenDialog'>;
  readonly shell: Pick<Shell, 'openPath'>;
  readonly safeStorage: SafeStorage;
  readonly window: () => BrowserWindow | null;
  readonly memory: ShellMemory;
  /** Where the first folder dialog starts. */
  readonly firstFolder: string;
}

/** What main lends to the core. */
export function hostHandlers({
  dialog,
  shell,
  safeStorage,
  window,
  memory,
  firstFolder,
}: HostApiOptions): HostHandlers {
  return {
    host: {
      ...keyringHandlers(safeStorage),
      openFolder: async ({ path }) => {
        // A file would be opened by its program, or be run.
        const isFolder = await stat(path).then(
          (found) => found.isDirectory(),
          () => false,
        );
        if (!isFolder) throw new AppError('files/not_found', `There is no folder ${path}.`);
        const problem = await shell.openPath(path);
        if (problem !== '') {
          throw new AppError('not_supported', `The file manager could not open ${path} (${problem}).`);
        }
        return {};
      },
      pickFolder: async ({ title }) => {
        const options = {
          title,
          // Without it Electron starts in Downloads every time.
          defaultPath: memory.get().lastFolder ?? firstFolder,
          properties: ['openDirectory' as const, 'createDirectory' as const],
        };
        const parent = window();
        const { canceled, filePaths } = await (parent === null
          ? dialog.showOpenDialog(options)
          : dialog.showOpenDialog(parent, options));
        const path = canceled ? null : (filePaths[0] ?? null);
        if (path !== null) memory.set({ lastFolder: path });
        return { path };
      },
    },
  };
}

/** Serves the host contract on a port until it closes. */
export function serveHost(port: MessagePortMain, handlers: HostHandlers): void {
  const router = createRouter(hostContract, handlers, {
    log: ({ ref, procedure, error }) => console.error(`${procedure} failed [${ref}]`, error),
  });
  void new Peer(messagePortWire(port), { router });
}
