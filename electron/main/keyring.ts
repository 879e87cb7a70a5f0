import type { SafeStorage } from 'electron';
import type { HostHandlers } from '../../shared/contract/host.ts';
import { AppError } from '../../shared/errors.ts';
import { judgeKeyring } from './policy/judge-keyring.ts';

type Storage = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** The system's keyring for the core: refused where it would only scramble. */
export function keyringHandlers(
  storage: Storage,
  platform: NodeJS.Platform = process.platform,
): Pick<HostHandlers['host'], 'lookAtKeyring' | 'seal' | 'unseal'> {
  async function look(): Promise<ReturnType<typeof judgeKeyring>> {
    // Asked first: on Linux the backend is known only afterwards.
    const available = await storage.isAsyncEncryptionAvailable();
    return judgeKeyring(platform, available, platform === 'linux' ? storage.getSelectedStorageBackend() : null);
  }
  async function require(): Promise<void> {
    const { usable, reason } = await look();
    if (!usable) throw new AppError('secrets/unavailable', reason ?? 'There is no keyring.');
  }
  return {
    lookAtKeyring: look,
    seal: async ({ text }) => {
      await require();
      return { sealed: (await storage.encryptStringAsync(text)).toString('base64') };
    },
    unseal: async ({ sealed }) => {
      await require();
      return { text: (await storage.decryptStringAsync(Buffer.from(sealed, 'base64'))).result };
    },
  };
}
