import type { CoreHandlers } from '../../../shared/contract/index.ts';
import type { CoreServices } from '../services.ts';

export function secretsHandlers({ deviceKey, secrets }: CoreServices): CoreHandlers['secrets'] {
  return {
    status: () => secrets.status(),
    unlock: async ({ passphrase }) => {
      await deviceKey.unlock(passphrase);
      return secrets.status();
    },
    open: async () => {
      await deviceKey.identity();
      return secrets.status();
    },
    changePassphrase: async ({ current, next }) => {
      await deviceKey.changePassphrase(current, next);
      return secrets.status();
    },
    move: async (wanted) => {
      await deviceKey.move(wanted.to === 'keyring' ? null : wanted.passphrase);
      return secrets.status();
    },
    lock: () => {
      deviceKey.lock();
      return secrets.status();
    },
  };
}
