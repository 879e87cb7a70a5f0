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
  /** A keyring of the system that really encrypts and could keep them in place of the vault; null = none, or they are there already. */
  couldKeepIn: z.string().nullable(),
  /** A sentence where the state needs one. */
  message: z.string().nullable(),
});
export type SecretsStatus = z.infer<typeof secretsStatus>;

const passphrase = z.string().min(1).max(4096);

/** The vault of keys and credentials. Errors: `secrets/…`. Questions for its passphrase go through `connections.watchPrompts`. */
export const secrets = {
  status: query(nothing, secretsStatus),
  /** Opens the vault until the core ends, or makes a new one with this passphrase. Nothing to do where a keyring keeps the secrets. */
  unlock: command(z.object({ passphrase }), secretsStatus),
  /** Opens what keeps the secrets, asking a person where that is needed. */
  open: command(nothing, secretsStatus),
  /** Forgets the passphrase: the next use asks again. */
  lock: command(nothing, secretsStatus),
  /**
   * Gives the vault another passphrase; what is kept stays as it is. Copies of the profile that were made before are still opened by the earlier one. Errors:
   * `secrets/wrong_passphrase` for `current`, `bad_input` where no vault keeps the secrets.
   */
  changePassphrase: command(z.object({ current: passphrase, next: passphrase }), secretsStatus),
  /** Moves what keeps the secrets: from the vault into the system's keyring, asking for the passphrase where that is needed, or back into a vault. */
  move: command(
    z.discriminatedUnion('to', [
      z.object({ to: z.literal('keyring') }),
      z.object({ to: z.literal('passphrase'), passphrase }),
    ]),
    secretsStatus,
  ),
};
