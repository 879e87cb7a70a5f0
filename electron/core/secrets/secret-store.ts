import { readFile } from 'node:fs/promises';
import { z } from '../../../shared/zod.ts';
import type { SecretsStatus } from '../../../shared/contract/secrets.ts';
import { AppError } from '../../../shared/errors.ts';
import { openText, sealText } from '../encryption/age-text.ts';
import { replacePrivateFile } from '../files/private-file.ts';
import type { DeviceKey, MayAsk } from './device-key.ts';

const content = z.object({ version: z.literal(1), secrets: z.record(z.string(), z.string()) });

/**
 * Secrets of this profile by name, such as `bucket/my-data`, in one age file that only the device key opens. Never in the clear on a disk, in
 * an argument or in a log. All methods but `status` may ask the person for the vault's passphrase.
 */
export class SecretStore {
  readonly #path: string;
  readonly #device: DeviceKey;
  /** One change after another: each writes the whole file. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(path: string, device: DeviceKey) {
    this.#path = path;
    this.#device = device;
  }

  /** Where secrets are kept, and whether they can be had now; asks nobody. */
  status(): Promise<SecretsStatus> {
    return this.#device.status();
  }

  /** Null = there is none of that name. @throws AppError `secrets/…` */
  async get(name: string, ask: MayAsk = 'person'): Promise<string | null> {
    return (await this.#read(ask)).get(name) ?? null;
  }

  /** Keeps a secret, in place of an earlier one. @throws AppError `secrets/…` */
  set(name: string, value: string, ask: MayAsk = 'person'): Promise<void> {
    return this.#change(ask, (secrets) => secrets.set(name, value));
  }

  /** Nothing to do when there is none of that name. @throws AppError `secrets/…` */
  remove(name: string, ask: MayAsk = 'person'): Promise<void> {
    return this.#change(ask, (secrets) => secrets.delete(name));
  }

  #change(ask: MayAsk, change: (secrets: Map<string, string>) => unknown): Promise<void> {
    const done = this.#queue.then(async () => {
      const secrets = await this.#read(ask);
      const before = JSON.stringify([...secrets]);
      change(secrets);
      if (JSON.stringify([...secrets]) === before) return;
      await this.#device.identity(ask);
      const recipient = (await this.#device.recipient())!;
      const text = JSON.stringify({ version: 1, secrets: Object.fromEntries(secrets) });
      await replacePrivateFile(this.#path, await sealText(text, [recipient]));
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #read(ask: MayAsk): Promise<Map<string, string>> {
    let sealed: string;
    try {
      sealed = await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
      throw error;
    }
    // A file of secrets without the key that they are encrypted to: a new one would not open them.
    if ((await this.#device.recipient()) === null) throw this.#damaged();
    const identity = await this.#device.identity(ask);
    try {
      const { secrets } = content.parse(JSON.parse(await openText(sealed, [identity])));
      return new Map(Object.entries(secrets));
    } catch {
      // Without the cause: a parser's message may quote what it read.
      throw this.#damaged();
    }
  }

  #damaged(): AppError {
    return new AppError(
      'secrets/damaged',
      `${this.#path} is damaged, or does not belong to the key beside it. Put back a copy of both, or move it aside and type the credentials again.`,
    );
  }
}
