import type { ProjectKey } from '../../../shared/contract/keys.ts';
import type { SecretsStatus } from '../../../shared/contract/secrets.ts';
import type { Tone } from '../../ui/run-state/state-words.ts';

/** How a key is, in a word. */
export function keyWords({ generations: [newest] }: ProjectKey): { readonly tone: Tone; readonly word: string } {
  if (newest?.usable !== true) return { tone: 'unknown', word: 'No access from here' };
  if (!newest.confirmed) return { tone: 'attention', word: 'Phrase not confirmed' };
  return { tone: 'done', word: 'Ready' };
}

/** `age1qql5z…7e3k`: enough to tell two keys apart. */
export function shortKey(publicKey: string): string {
  return publicKey.length <= 24 ? publicKey : `${publicKey.slice(0, 12)}…${publicKey.slice(-4)}`;
}

/** Where this device keeps its secrets. */
export function keeperWords({ keeper, keyring, state, message }: SecretsStatus): string {
  if (state === 'unavailable') return message ?? 'in a keyring that cannot be had now';
  if (state === 'new') return 'nowhere yet; asked when the first key is made';
  if (keeper === 'keyring') return `in ${keyring ?? "the system's keyring"}`;
  return state === 'open' ? 'in a vault with a passphrase, open now' : 'in a vault with a passphrase, locked';
}
