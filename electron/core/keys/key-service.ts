import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import type { ProjectKey, RecoveryPhrase } from '../../../shared/contract/keys.ts';
import { AppError } from '../../../shared/errors.ts';
import type { Clock } from '../clock.ts';
import type { AgeRecipient } from '../encryption/age-recipients.ts';
import { readRecipient } from '../encryption/age-recipients.ts';
import { openText, sealText } from '../encryption/age-text.ts';
import type { DeviceKey, MayAsk } from '../secrets/device-key.ts';
import type { KeyStore, StoredGeneration, StoredKey, StoredRecipient } from '../storage/key-store.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { keyView } from './key-view.ts';
import { identityOfPhrase, phraseOf } from './recovery-phrase.ts';

export interface KeyServiceDeps {
  readonly store: KeyStore;
  readonly device: DeviceKey;
  readonly clock: Clock;
}

interface WithPhrase {
  readonly key: ProjectKey;
  readonly phrase: RecoveryPhrase;
}

/**
 * Keys of projects. Their secret halves are stored only encrypted: to this device's key and to the recipients. In the clear they are in memory while
 * they are used. Whatever opens one may have to ask for the vault's passphrase, and throws `secrets/…` when that fails.
 */
export class KeyService {
  readonly #d: KeyServiceDeps;
  readonly #listeners = new Set<() => void>();
  /** One change after another: each reads, seals and stores. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: KeyServiceDeps) {
    this.#d = deps;
  }

  /** Told when a key has changed. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async list(): Promise<{ keys: ProjectKey[]; device: string | null }> {
    const device = await this.#d.device.recipient();
    return { keys: this.#d.store.all().map((key) => keyView(key, device)), device };
  }

  /** What new files of a project are encrypted to: the public half of the newest generation. Opens nothing. @throws AppError `not_found` */
  recipientOf(name: string): AgeRecipient {
    return readRecipient(newest(this.#require(name)).publicKey);
  }

  /**
   * The secret halves that this device can open, newest first, for reading files of a project. Keep them only as long as they are used.
   * @throws AppError `not_found`, `keys/cannot_open` when there is none, `secrets/…`
   */
  async identitiesOf(name: string, ask: MayAsk = 'person'): Promise<string[]> {
    const key = this.#require(name);
    const { device } = this.#d;
    const own = await device.recipient();
    const mine = key.generations.filter((g) => g.device === own);
    if (mine.length === 0) throw cannotOpen(name);
    const identity = await device.identity(ask);
    return Promise.all(mine.toReversed().map(({ sealed }) => openText(sealed, [identity])));
  }

  /** The secret halves of all generations that this device can open; none, without a question, where there are none. @throws AppError `secrets/…` */
  async allIdentities(): Promise<string[]> {
    const own = await this.#d.device.recipient();
    const mine = this.#d.store.all().filter((key) => key.generations.some(({ device }) => device === own));
    return (await Promise.all(mine.map(({ name }) => this.identitiesOf(name)))).flat();
  }

  create(name: string, recipients: readonly string[], requestId: string): Promise<WithPhrase> {
    return this.#one(async () => {
      const known = this.#d.store.find(name);
      if (known !== null && known.generations[0]?.requestId === requestId) return this.#shown(known);
      if (known !== null) throw new AppError('keys/exists', `There is a key "${name}" already.`);
      const now = this.#d.clock.now();
      const all = recipients.map((text) => storedRecipient(text, null, now));
      requireDifferent(all);
      return this.#begin({ name, recipients: all, generations: [], createdAt: now }, requestId);
    });
  }

  /** @throws AppError `bad_input` when it is confirmed: then it is on paper only */
  async phrase(name: string): Promise<RecoveryPhrase> {
    const key = this.#require(name);
    if (newest(key).confirmedAt !== null)
      throw new AppError(
        'bad_input',
        `The phrase of "${name}" has been confirmed and is not shown again. If the paper is lost, rotate the key: the new generation has another.`,
      );
    return phraseOf(await this.#newestIdentity(key));
  }

  confirm(name: string, words: readonly { readonly number: number; readonly word: string }[]): Promise<ProjectKey> {
    return this.#one(async () => {
      const key = this.#require(name);
      if (new Set(words.map((w) => w.number)).size < 2) throw new AppError('bad_input', 'Give two different words.');
      const phrase = phraseOf(await this.#newestIdentity(key));
      const wrong = words.filter((w) => phrase.words[w.number - 1] !== w.word.trim().toLowerCase());
      if (wrong.length > 0)
        throw new AppError(
          'keys/wrong_phrase',
          `${wrong.map((w) => `Word ${w.number}`).join(' and ')} ${wrong.length === 1 ? 'is' : 'are'} not what the phrase says. Look at the paper again.`,
          { details: { numbers: wrong.map((w) => w.number) } },
        );
      return this.#save(withNewest(key, { confirmedAt: this.#d.clock.now() }));
    });
  }

  recover(name: string, phrase: string, which: 'known' | 'newer' | 'older', requestId: string): Promise<ProjectKey> {
    return this.#one(async () => {
      const identity = identityOfPhrase(phrase);
      const now = this.#d.clock.now();
      if (which === 'known') return this.#take(name, [identity], requestId, now);
      const key = this.#require(name);
      const publicKey = await identityToRecipient(identity);
      if (key.generations.some((g) => g.publicKey === publicKey)) return this.#take(name, [identity], requestId, now);
      const added = await this.#generation(key, identity, requestId, now);
      if (which === 'newer') return this.#save({ ...key, generations: [...key.generations, added] });
      const first = { ...added, generation: key.generations[0]!.generation - 1 };
      return this.#save({ ...key, generations: [first, ...key.generations] });
    });
  }

  /** Takes a key from what `export` has made for this device. */
  import(content: string, requestId: string): Promise<ProjectKey> {
    return this.#one(async () => {
      const identity = await this.#d.device.identity();
      let text: string;
      try {
        text = await openText(content.trim(), [identity]);
      } catch (error) {
        const device = await this.#d.device.recipient();
        throw new AppError(
          'keys/cannot_open',
          `The file is damaged, or was not made for this device. Whoever sends it adds this device first: ${device}`,
          { cause: error },
        );
      }
      const { name, identities } = await readKeyFile(text);
      return this.#take(name, identities, requestId, null);
    });
  }

  /** For recipients; they can open it, and this device. */
  async export(name: string): Promise<{ fileName: string; content: string }> {
    const key = this.#require(name);
    const text = await writeKeyFile({ name, identities: await this.identitiesOf(name) });
    return { fileName: `${name}.key.age`, content: await this.#seal(text, key.recipients) };
  }

  addRecipient(name: string, text: string, label: string | null): Promise<ProjectKey> {
    return this.#one(async () => {
      const key = this.#require(name);
      const added = storedRecipient(text, label, this.#d.clock.now());
      const others = key.recipients.filter((r) => r.text !== added.text);
      return this.#save(await this.#resealed({ ...key, recipients: [...others, added] }));
    });
  }

  removeRecipient(name: string, text: string): Promise<WithPhrase> {
    return this.#one(async () => {
      const key = this.#require(name);
      const wanted = text.trim();
      const gone = key.recipients.find((r) => r.text === wanted || r.label === wanted);
      if (gone === undefined) throw new AppError('not_found', `"${name}" has no such recipient.`);
      const left = await this.#resealed({ ...key, recipients: key.recipients.filter((r) => r !== gone) });
      return this.#begin(left, `without ${gone.text}`.slice(0, 64));
    });
  }

  rotate(name: string, requestId: string): Promise<WithPhrase> {
    return this.#one(async () => {
      const key = this.#require(name);
      return newest(key).requestId === requestId ? this.#shown(key) : this.#begin(key, requestId);
    });
  }

  /** Takes a key off this device, with what it is sealed in. @param uses what works with it now, in words */
  remove(name: string, uses: (key: string) => readonly string[]): Promise<void> {
    return this.#one(() => {
      this.#require(name);
      const now = uses(name);
      if (now.length > 0)
        throw new AppError('keys/in_use', `"${name}" is in use by ${now.join(', ')}. End that first.`);
      this.#d.store.remove(name);
      this.#told();
      return Promise.resolve();
    });
  }

  #told(): void {
    for (const listener of this.#listeners) listener();
  }

  #one<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(change);
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #require(name: string): StoredKey {
    const key = this.#d.store.find(name);
    if (key !== null) return key;
    const known = this.#d.store.all().map((k) => k.name);
    throw new AppError(
      'not_found',
      `There is no key "${name}". ${known.length === 0 ? 'Make one: slipway key create NAME' : `Known: ${known.join(', ')}.`}`,
    );
  }

  #save(key: StoredKey): Promise<ProjectKey> {
    this.#d.store.save(key);
    this.#told();
    return this.#view(key);
  }

  async #view(key: StoredKey): Promise<ProjectKey> {
    return keyView(key, await this.#d.device.recipient());
  }

  async #shown(key: StoredKey): Promise<WithPhrase> {
    return { key: await this.#view(key), phrase: phraseOf(await this.#newestIdentity(key)) };
  }

  /** A new generation of a key, which is stored with it. */
  async #begin(key: StoredKey, requestId: string): Promise<WithPhrase> {
    const identity = await generateX25519Identity();
    const added = await this.#generation(key, identity, requestId, null);
    const view = await this.#save({ ...key, generations: [...key.generations, added] });
    return { key: view, phrase: phraseOf(identity) };
  }

  async #generation(
    key: Pick<StoredKey, 'recipients' | 'generations'>,
    identity: string,
    requestId: string,
    confirmedAt: number | null,
  ): Promise<StoredGeneration> {
    return {
      generation: (key.generations.at(-1)?.generation ?? 0) + 1,
      requestId,
      publicKey: await identityToRecipient(identity),
      sealed: await this.#seal(identity, key.recipients),
      device: await this.#deviceRecipient(),
      confirmedAt,
      createdAt: this.#d.clock.now(),
    };
  }

  /** Keeps identities (newest first) that came from paper or a colleague: those of known generations get this device as a reader. */
  async #take(
    name: string,
    identities: readonly string[],
    requestId: string,
    confirmedAt: number | null,
  ): Promise<ProjectKey> {
    const now = this.#d.clock.now();
    const known = this.#d.store.find(name);
    let key = known ?? { name, recipients: [], generations: [], createdAt: now };
    const device = await this.#deviceRecipient();
    const publicKeys = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
    // A key of the same name that shares nothing with it is another key.
    if (known !== null && !known.generations.some((g) => publicKeys.includes(g.publicKey)))
      throw new AppError(
        'keys/exists',
        `There is a key "${name}" already, ${newest(known).publicKey}, and this is not one of its generations. Choose another name; or say that it is an older or newer generation of it.`,
      );
    for (const [i, identity] of [...identities.entries()].toReversed()) {
      const found = key.generations.find((g) => g.publicKey === publicKeys[i]);
      if (found === undefined) {
        const added = await this.#generation(key, identity, requestId, confirmedAt);
        key = { ...key, generations: [...key.generations, added] };
        continue;
      }
      const sealed = await this.#seal(identity, key.recipients);
      const taken = { ...found, sealed, device, confirmedAt: confirmedAt ?? found.confirmedAt };
      key = { ...key, generations: key.generations.map((g) => (g === found ? taken : g)) };
    }
    return this.#save(key);
  }

  /** The key with its secret halves encrypted to its recipients of now. */
  async #resealed(key: StoredKey): Promise<StoredKey> {
    requireDifferent(key.recipients);
    const device = await this.#deviceRecipient();
    const identity = await this.#d.device.identity();
    const generations: StoredGeneration[] = [];
    for (const generation of key.generations) {
      // Another device's generation, which only its paper opens here, stays as it is.
      if (generation.device !== device) generations.push(generation);
      else {
        const secret = await openText(generation.sealed, [identity]);
        generations.push({ ...generation, sealed: await this.#seal(secret, key.recipients) });
      }
    }
    return { ...key, generations };
  }

  async #newestIdentity(key: StoredKey): Promise<string> {
    const { device, sealed } = newest(key);
    if (device !== (await this.#d.device.recipient())) throw cannotOpen(key.name);
    return openText(sealed, [await this.#d.device.identity()]);
  }

  async #seal(text: string, recipients: readonly StoredRecipient[]): Promise<string> {
    const all = [await this.#deviceRecipient(), ...recipients.map((r) => r.text)];
    return sealText(
      text,
      all.map((r) => ({ wrapFileKey: (fileKey) => [readRecipient(r).wrap(fileKey)] })),
    );
  }

  /** Makes the device key when there is none. */
  async #deviceRecipient(): Promise<string> {
    const there = await this.#d.device.recipient();
    if (there !== null) return there;
    await this.#d.device.identity();
    return (await this.#d.device.recipient())!;
  }
}

function newest(key: StoredKey): StoredGeneration {
  return key.generations.at(-1)!;
}

function withNewest(key: StoredKey, change: Partial<StoredGeneration>): StoredKey {
  return { ...key, generations: [...key.generations.slice(0, -1), { ...newest(key), ...change }] };
}

function storedRecipient(text: string, label: string | null, addedAt: number): StoredRecipient {
  const recipient = readRecipient(text);
  return { text: recipient.text, label: label || recipient.comment, addedAt };
}

function requireDifferent(recipients: readonly StoredRecipient[]): void {
  if (new Set(recipients.map((r) => r.text)).size < recipients.length)
    throw new AppError('bad_input', 'The same recipient is there twice.');
}

function cannotOpen(name: string): AppError {
  return new AppError(
    'keys/cannot_open',
    `This device has no access to the key "${name}". Recover it with its phrase: slipway key recover ${name}`,
  );
}
