import type { ProjectKey } from '../../../shared/contract/keys.ts';
import { readRecipient } from '../encryption/age-recipients.ts';
import type { StoredKey } from '../storage/key-store.ts';

/** @param device public half of this device's key; null = there is none */
export function keyView(key: StoredKey, device: string | null): ProjectKey {
  const generations = key.generations.toReversed().map((g) => ({
    publicKey: g.publicKey,
    createdAt: iso(g.createdAt),
    confirmed: g.confirmedAt !== null,
    usable: g.device === device,
  }));
  return {
    name: key.name,
    publicKey: generations[0]!.publicKey,
    generations,
    recipients: key.recipients.map(({ text, label, addedAt }) => ({
      text,
      kind: readRecipient(text).kind,
      label,
      addedAt: iso(addedAt),
    })),
    createdAt: iso(key.createdAt),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
