import { spawn } from 'node:child_process';
import type { HostClient } from '../../../shared/contract/host.ts';
import type { Capabilities } from '../../../shared/contract/system.ts';
import { AppError } from '../../../shared/errors.ts';
import type { SystemKeyring } from '../secrets/system-keyring.ts';

/** What the core asks of its shell, and what that shell can do. */
export interface Host {
  readonly capabilities: Capabilities;
  /** Null where the shell has none to lend. */
  readonly keyring: SystemKeyring | null;
  openFolder(path: string): Promise<void>;
  pickFolder(title: string): Promise<string | null>;
}

function opener(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'open';
  return platform === 'win32' ? 'explorer.exe' : 'xdg-open';
}

/** Whether something can be shown to the person at this machine. */
export function hasDisplay(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): boolean {
  return platform !== 'linux' || Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY']);
}

/** Hands a folder or an address to the system's opener; rejects when there is none. */
export function openWithSystem(target: string, platform: NodeJS.Platform = process.platform): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(opener(platform), [target], { stdio: 'ignore', detached: true });
    child.on('error', reject);
    child.on('spawn', () => {
      child.unref();
      resolve();
    });
  });
}

/** The host of shells without Electron: folders are opened with the system's opener where there is a display. */
export function createNodeHost(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): Host {
  return {
    capabilities: { pickFolder: false, openFolder: hasDisplay(platform, env), dropPaths: false },
    keyring: null,
    openFolder: (path) =>
      openWithSystem(path, platform).catch(() => {
        throw new AppError('not_supported', `No file manager could be started. The folder is ${path}`);
      }),
    pickFolder: () => Promise.reject(new AppError('not_supported', 'This shell has no native folder dialog.')),
  };
}

/** A host behind a wire: Electron's main. */
export function remoteHost(client: HostClient): Host {
  return {
    capabilities: { pickFolder: true, openFolder: true, dropPaths: true },
    keyring: {
      look: () => client.host.lookAtKeyring({}),
      seal: async (text) => (await client.host.seal({ text })).sealed,
      unseal: async (sealed) => (await client.host.unseal({ sealed })).text,
    },
    openFolder: async (path) => void (await client.host.openFolder({ path })),
    pickFolder: async (title) => (await client.host.pickFolder({ title })).path,
  };
}
