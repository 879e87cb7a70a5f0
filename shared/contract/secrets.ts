import { command, query } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import { nothing } from './common.ts';

/** Where this profile's secrets are kept. */
export const secretsStatus = z.object({
  /** The system's keyring, or a vault that a passphrase opens. */
  keeper: z.enum(['keyring', 'passphrase']),
  /** What the keyring is called; null where none is in use. */
  keyring: z.string().nullable(),
  /** `new`: nothing is kept yet. `unavailable`: kept by a keyring that cannot be had now. */
  state: z.enum(['new', 'open', 'locked', 'unavailable']),
  /** A sentence where the state needs one. */
  message: z.string().nullable(),
});
export type SecretsStatus = z.infer<typeof secretsStatus>;

/** The vault of keys and credentials. Errors: `secrets/…`. Questions for its passphrase go through `connections.watchPrompts`. */
export const secrets = {
  status: query(nothing, secretsStatus),
  /** Opens the vault until the core ends, or makes a new one with this passphrase. Nothing to do where a keyring keeps the secrets. */
  unlock: command(z.object({ passphrase: z.string().min(1).max(4096) }), secretsStatus),
  /** Opens what keeps the secrets, asking a person where that is needed. */
  open: command(nothing, secretsStatus),
  /** Forgets the passphrase: the next use asks again. */
  lock: command(nothing, secretsStatus),
};
