import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { SecretsStatus } from '../../../shared/contract/secrets.ts';
import { AppError } from '../../../shared/errors.ts';
import { z } from '../../../shared/zod.ts';
import { openText, sealText } from '../encryption/age-text.ts';
import { PASSPHRASE_WORK_FACTOR, passphraseIdentity, passphraseRecipient } from '../encryption/scrypt-stanza.ts';
import { createPrivateFile, replacePrivateFile } from '../files/private-file.ts';
import type { SignInPrompts } from '../ssh/sign-in-prompts.ts';
import type { SystemKeyring } from './system-keyring.ts';

export const PASSPHRASE_MINIMUM = 8;
/** Wrong passphrases until an opening is given up. */
const TRIES = 3;
const SCRIPT_HINT = 'Commands take it from a terminal, or with --passphrase-fd.';

const storedKey = z.object({
  version: z.literal(1),
  /** The public half: what is kept here is encrypted to it. */
  recipient: z.string().startsWith('age1'),
  keeper: z.enum(['keyring', 'passphrase']),
  /** The identity: sealed by the keyring, or an armoured age file for a passphrase. */
  sealed: z.string().min(1),
});
type StoredKey = z.infer<typeof storedKey>;

export interface DeviceKeyDeps {
  readonly path: string;
  readonly keyring: SystemKeyring | null;
  readonly prompts: SignInPrompts;
  /** Of new vaults; @see PASSPHRASE_WORK_FACTOR */
  readonly workFactor?: number;
}

/** `nobody`: fails at once where a person would have to type the passphrase. */
export type MayAsk = 'person' | 'nobody';

/**
 * The age identity of this profile on this machine. Its secret half is kept by the system's keyring where that really encrypts, else
 * encrypted by a passphrase (the vault); in the clear it exists only in memory. Whoever kept it first keeps it: it is never replaced in silence, since with it
 * everything would be lost that is encrypted to it.
 */
export class DeviceKey {
  readonly #d: DeviceKeyDeps;
  #identity: string | null = null;
  #opening: { readonly ask: MayAsk; readonly identity: Promise<string> } | null = null;

  constructor(deps: DeviceKeyDeps) {
    this.#d = deps;
  }

  /** Asks nobody. @throws AppError `secrets/damaged` */
  async status(): Promise<SecretsStatus> {
    const stored = await this.#read();
    const keyring = await this.#d.keyring?.look();
    if (stored === null) {
      const usable = keyring?.usable === true;
      return {
        keeper: usable ? 'keyring' : 'passphrase',
        keyring: usable ? keyring.name : null,
        couldKeepIn: null,
        state: 'new',
        message: usable ? null : (keyring?.reason ?? 'Here, secrets are encrypted by a passphrase of yours.'),
      };
    }
    if (stored.keeper === 'passphrase') {
      const state = this.#identity === null ? 'locked' : 'open';
      const couldKeepIn = keyring?.usable === true ? keyring.name : null;
      return { keeper: 'passphrase', keyring: null, couldKeepIn, state, message: null };
    }
    const usable = this.#identity !== null || keyring?.usable === true;
    return {
      keeper: 'keyring',
      keyring: keyring?.usable === true ? keyring.name : null,
      couldKeepIn: null,
      state: usable ? 'open' : 'unavailable',
      message: usable ? null : keyringMissing(keyring?.reason ?? null),
    };
  }

  /** The public half; null = there is no key yet. @throws AppError `secrets/damaged` */
  async recipient(): Promise<string | null> {
    return (await this.#read())?.recipient ?? null;
  }

  /**
   * The secret half (`AGE-SECRET-KEY-1…`), made when there is none. Opened once, then kept in memory until `lock`. Calls at the same time share one question.
   * @throws AppError `secrets/locked` when nobody is there to ask or the person cancels, `secrets/wrong_passphrase`, `secrets/unavailable`, `secrets/damaged`
   */
  async identity(ask: MayAsk = 'person'): Promise<string> {
    for (;;) {
      if (this.#identity !== null) return this.#identity;
      if (this.#opening === null) {
        const identity = this.#open(ask).finally(() => (this.#opening = null));
        this.#opening = { ask, identity };
        return identity;
      }
      if (ask === 'nobody' || this.#opening.ask === 'person') return this.#opening.identity;
      // That one may fail for want of a person, and here is one.
      await this.#opening.identity.catch(() => undefined);
    }
  }

  /** Opens the vault with a passphrase, or makes one with it; nothing to do where a keyring keeps the key. @throws AppError */
  async unlock(passphrase: string): Promise<void> {
    const stored = await this.#read();
    if (stored?.keeper === 'keyring') return void (await this.#openKeyring(stored));
    if (stored === null) {
      // A keyring needs no passphrase; it makes the key when there is something to keep.
      if ((await this.#d.keyring?.look())?.usable !== true) await this.#create(passphrase);
      return;
    }
    const identity = await openWith(stored, passphrase);
    if (identity === null) throw wrongPassphrase();
    this.#identity = identity;
  }

  /** Forgets the secret half; the next use asks again. */
  lock(): void {
    this.#identity = null;
  }

  /** Gives the vault another passphrase. @throws AppError `bad_input` where no vault keeps the key, `secrets/wrong_passphrase`, `secrets/damaged` */
  async changePassphrase(current: string, next: string): Promise<void> {
    const stored = await this.#read();
    if (stored?.keeper !== 'passphrase')
      throw new AppError('bad_input', 'No passphrase keeps the secrets of this profile, so there is none to change.');
    const identity = await openWith(stored, current);
    if (identity === null) throw wrongPassphrase();
    await this.#keep(await this.#proven(identity, stored), stored, next);
  }

  /**
   * Moves the key from the vault into the system's keyring, or (with a passphrase) back into a vault. It stays the same key, so all that is encrypted to it stays readable.
   * Nothing to do where it is kept like that already.
   * @throws AppError `bad_input`, `secrets/unavailable` when there is no keyring, and those of `identity`
   */
  async move(passphrase: string | null): Promise<void> {
    const stored = await this.#read();
    if (stored === null)
      throw new AppError('bad_input', 'Nothing is kept yet: the first key or credential decides where.');
    const wanted = passphrase === null ? 'keyring' : 'passphrase';
    if (stored.keeper === wanted) {
      if (passphrase === null) return;
      throw new AppError('bad_input', 'A vault keeps the secrets already. Change its passphrase instead.');
    }
    if (passphrase === null) {
      const found = await this.#d.keyring?.look();
      if (found?.usable !== true) throw new AppError('secrets/unavailable', keyringMissing(found?.reason ?? null));
    }
    await this.#keep(await this.identity(), stored, passphrase);
  }

  /** Seals a key anew, in the place of what keeps it now. @param passphrase null = by the keyring */
  async #keep(identity: string, { recipient }: StoredKey, passphrase: string | null): Promise<void> {
    await replacePrivateFile(this.#d.path, textOf(await this.#sealed(identity, recipient, passphrase)));
    this.#identity = identity;
  }

  async #open(ask: MayAsk): Promise<string> {
    const stored = await this.#read();
    if (stored === null) return this.#createAsking(ask);
    return stored.keeper === 'keyring' ? this.#openKeyring(stored) : this.#openVault(stored, ask);
  }

  async #openKeyring(stored: StoredKey): Promise<string> {
    const { keyring } = this.#d;
    const found = await keyring?.look();
    if (keyring === null || found?.usable !== true)
      throw new AppError('secrets/unavailable', keyringMissing(found?.reason ?? null));
    let identity: string;
    try {
      identity = await keyring.unseal(stored.sealed);
    } catch (error) {
      throw new AppError(
        'secrets/unavailable',
        `${found.name} cannot open this profile's key. It was made in another session or on another machine, or the keyring was reset. Project keys come back by their recovery phrases.`,
        { cause: error },
      );
    }
    return (this.#identity = await this.#proven(identity, stored));
  }

  async #openVault(stored: StoredKey, ask: MayAsk): Promise<string> {
    const { prompts } = this.#d;
    if (ask === 'nobody' || !prompts.isWatched)
      throw new AppError('secrets/locked', `The vault of this profile is locked. ${SCRIPT_HINT}`, { retryable: true });
    for (let tried = 0; tried < TRIES; tried++) {
      const answers = await prompts.ask({
        site: '',
        host: '',
        user: '',
        kind: 'vault',
        title: 'Unlock the vault',
        text: tried === 0 ? 'It keeps keys and credentials of this profile.' : 'That is not the passphrase. Try again.',
        fields: [{ label: 'Passphrase', secret: true }],
        hostKey: null,
      });
      if (answers === null) throw new AppError('secrets/locked', 'The vault stays locked.');
      const identity = await openWith(stored, answers[0] ?? '');
      if (identity !== null) return (this.#identity = await this.#proven(identity, stored));
    }
    throw wrongPassphrase();
  }

  async #createAsking(ask: MayAsk): Promise<string> {
    const { keyring, prompts } = this.#d;
    if ((await keyring?.look())?.usable === true) return this.#create(null);
    if (ask === 'nobody' || !prompts.isWatched)
      throw new AppError(
        'secrets/locked',
        `This profile has no vault for secrets yet, and nobody is there to choose its passphrase. ${SCRIPT_HINT}`,
      );
    let text =
      'Keys and credentials are encrypted by a passphrase on this machine. It cannot be recovered: note it where you keep such things.';
    for (;;) {
      const answers = await prompts.ask({
        site: '',
        host: '',
        user: '',
        kind: 'vault',
        title: 'Choose a passphrase for the vault',
        text,
        fields: [
          { label: 'Passphrase', secret: true },
          { label: 'The same again', secret: true },
        ],
        hostKey: null,
      });
      if (answers === null) throw new AppError('secrets/locked', 'No vault was made.');
      const [passphrase = '', again] = answers;
      if (passphrase.length < PASSPHRASE_MINIMUM)
        text = `That is too short. Take at least ${PASSPHRASE_MINIMUM} characters; four words or more are good.`;
      else if (passphrase !== again) text = 'The two differ. Type the same passphrase twice.';
      else return this.#create(passphrase);
    }
  }

  /** @param passphrase null = the keyring keeps it */
  async #create(passphrase: string | null): Promise<string> {
    const { path } = this.#d;
    const identity = await generateX25519Identity();
    const stored = await this.#sealed(identity, await identityToRecipient(identity), passphrase);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    if (!(await createPrivateFile(path, textOf(stored))))
      throw new AppError('secrets/locked', 'A key was made for this profile meanwhile. Try again.', {
        retryable: true,
      });
    return (this.#identity = identity);
  }

  /** @param passphrase null = the keyring keeps it */
  async #sealed(identity: string, recipient: string, passphrase: string | null): Promise<StoredKey> {
    const { keyring, workFactor = PASSPHRASE_WORK_FACTOR } = this.#d;
    if (passphrase !== null) {
      if (passphrase.length < PASSPHRASE_MINIMUM)
        throw new AppError('bad_input', `The passphrase of a vault needs at least ${PASSPHRASE_MINIMUM} characters.`);
      const sealed = await sealText(identity, [passphraseRecipient(passphrase, workFactor)]);
      return { version: 1, recipient, keeper: 'passphrase', sealed };
    }
    const sealed = await keyring!.seal(identity);
    // Nothing is entrusted to a key before it has proven that it can be opened again.
    if ((await keyring!.unseal(sealed)) !== identity)
      throw new AppError('secrets/unavailable', "The system's keyring does not give back what it was given.");
    return { version: 1, recipient, keeper: 'keyring', sealed };
  }

  async #proven(identity: string, stored: StoredKey): Promise<string> {
    const recipient = await identityToRecipient(identity).catch(() => null);
    if (recipient !== stored.recipient) throw this.#damaged();
    return identity;
  }

  async #read(): Promise<StoredKey | null> {
    let text: string;
    try {
      text = await readFile(this.#d.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    try {
      return storedKey.parse(JSON.parse(text));
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  #damaged(cause?: unknown): AppError {
    return new AppError(
      'secrets/damaged',
      `The key of this profile, ${this.#d.path}, is damaged. Put back a copy of it. Without one, move the folder aside: project keys come back by their recovery phrases, credentials have to be typed again.`,
      { cause },
    );
  }
}

function textOf(stored: StoredKey): string {
  return `${JSON.stringify(stored, null, 2)}\n`;
}

/** The identity; null = wrong passphrase. */
async function openWith(stored: StoredKey, passphrase: string): Promise<string | null> {
  const matched = { passphrase: false };
  const identity = passphraseIdentity(passphrase);
  try {
    return await openText(stored.sealed, [
      {
        async unwrapFileKey(stanzas) {
          const fileKey = await identity.unwrapFileKey(stanzas);
          matched.passphrase = fileKey !== null;
          return fileKey;
        },
      },
    ]);
  } catch (error) {
    if (matched.passphrase)
      throw new AppError('secrets/damaged', 'The vault of this profile is damaged.', { cause: error });
    return null;
  }
}

function wrongPassphrase(): AppError {
  return new AppError('secrets/wrong_passphrase', "That is not the passphrase of this profile's vault.");
}

function keyringMissing(reason: string | null): string {
  const why = reason === null ? '' : ` ${reason}`;
  return `The key of this profile is kept by the system's keyring, which only the desktop app can open.${why} Start the desktop app; commands then work through it.`;
}
