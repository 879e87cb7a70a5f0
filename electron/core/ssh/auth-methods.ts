import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import type { HostSpec } from './host-spec.ts';
import { listAgentKeys, signWithAgent } from './agent-client.ts';
import { keyTypeOf } from './host-key-text.ts';
import {
  certificateBlob,
  IdentityAgent,
  publicKeyInside,
  publicPart,
  signFlags,
  signWithKey,
} from './opaque-identities.ts';
import type { Identity } from './opaque-identities.ts';
import { RemoteError } from './remote-host.ts';
import type { SignIn } from './ssh-transport.ts';

/** Wrong passwords and codes can lock an account: after this many the sign-in stops. */
const TRIES = 3;
const NOT_RIGHT = 'That was not right.';
const LARGEST_KEY_FILE = 1024 * 1024;
const USUAL_ORDER = ['publickey', 'keyboard-interactive', 'password'];

/** What an attempt has to know of a sign-in while it goes on. */
export interface SignInWatch {
  /** A person or an agent is thinking (true), or is done (false): the host is not to blame for the time. */
  thinking(is: boolean): void;
  /** The sign-in has been given up; `stopped` says why. */
  gaveUp(): void;
}

/** The ways to sign in to one host, one after another, as far as the server lets them count. */
export class AuthMethods {
  readonly #spec: HostSpec;
  readonly #signIn: SignIn;
  readonly #signal: AbortSignal;
  readonly #watch: SignInWatch;
  readonly #offered = new Set<string>();
  readonly #keys: (() => Promise<AnyAuthMethod | null>)[];
  readonly #tries = new Map<string, number>();
  readonly #order: readonly string[];
  #sentNone = false;
  /** The try with keyboard-interactive whose first question has been put; one try may ask several. */
  #triesTold = 1;
  /** A key file whose passphrase nobody could be asked for. */
  #locked: string | null = null;
  /** A person cancelled, or was needed and not there. */
  stopped: RemoteError | null = null;
  offered: readonly string[] = [];

  constructor(spec: HostSpec, signIn: SignIn, signal: AbortSignal, watch: SignInWatch) {
    this.#spec = spec;
    this.#signIn = signIn;
    this.#signal = signal;
    this.#order = (spec.preferredAuthentications ?? USUAL_ORDER).filter((m) => USUAL_ORDER.includes(m));
    this.#watch = watch;
    const agent = spec.identityAgent === null ? [] : [() => this.#agent(spec.identityAgent!)];
    this.#keys = [...agent, ...spec.identityFiles.map((path) => () => this.#keyFile(path))];
  }

  /** The next way to try; false when none is left. `left`: what the server says may continue (null at first). */
  async next(left: readonly string[] | null, partial: boolean): Promise<AnyAuthMethod | false> {
    const username = this.#spec.user;
    if (this.stopped !== null) return false;
    if (left === null) {
      if (this.#sentNone) return false;
      this.#sentNone = true;
      return { type: 'none', username };
    }
    this.offered = left;
    // A round of a multi-step sign-in that went through was no wrong answer.
    if (partial) {
      this.#tries.clear();
      this.#triesTold = 1;
    }
    for (const method of this.#order) {
      if (!left.includes(method)) continue;
      if (method === 'publickey') {
        while (this.#keys.length > 0) {
          const key = await this.#keys.shift()!();
          if (this.stopped !== null) return false;
          if (key !== null) return key;
        }
        continue;
      }
      const tries = this.#tries.get(method) ?? 0;
      if (tries >= TRIES) continue;
      if (!this.#mayAsk()) continue;
      this.#tries.set(method, tries + 1);
      if (method === 'keyboard-interactive')
        return { type: 'keyboard-interactive', username, prompt: (...args) => void this.#prompt(...args) };
      const answers = await this.#question('password', tries === 0 ? '' : NOT_RIGHT, [
        { label: 'Password', secret: true },
      ]);
      if (answers === null) return this.#cancelled();
      return { type: 'password', username, password: answers[0] ?? '' };
    }
    return false;
  }

  /** The sign-in has failed: why, in words. */
  failure(): RemoteError {
    if (this.stopped !== null) return this.stopped;
    const host = `${this.#spec.user}@${this.#spec.hostName}`;
    const interactive = this.offered.filter((m) => m === 'password' || m === 'keyboard-interactive');
    const asked = [...this.#tries.values()].some((n) => n > 0);
    if (this.#locked !== null) {
      return new RemoteError(
        'sign-in-needed',
        `${host} takes the key ${this.#locked}, which is locked by a passphrase.`,
        {
          hint: 'Sign in from the app or a terminal, or add the key to an SSH agent.',
        },
      );
    }
    if (interactive.length > 0 && !asked) {
      return new RemoteError('sign-in-needed', `${host} asks for ${words(interactive)}.`, {
        hint: 'Sign in from the app, or from a terminal, where the question can be asked.',
      });
    }
    const what = this.offered.length === 0 ? '' : ` The host takes ${words(this.offered)}.`;
    return new RemoteError('sign-in-refused', `${host} refused every way to sign in.${what}`, {
      hint: 'Check the user name and the key, and whether the key is among the authorized keys of the host.',
    });
  }

  #mayAsk(): boolean {
    return this.#signIn.ask === 'person' && this.#signIn.prompts.isWatched;
  }

  #cancelled(): false {
    this.stopped ??= new RemoteError('cancelled', `The sign-in to ${this.#spec.hostName} was cancelled.`);
    this.#watch.gaveUp();
    return false;
  }

  async #question(
    kind: 'password' | 'passphrase' | 'keyboard-interactive',
    text: string,
    fields: { label: string; secret: boolean }[],
    title = `Sign in to ${this.#spec.hostName}`,
  ): Promise<readonly string[] | null> {
    const { site, prompts } = this.#signIn;
    const { hostName, port, user } = this.#spec;
    const host = port === 22 ? hostName : `${hostName}:${port}`;
    this.#watch.thinking(true);
    try {
      return await prompts.ask({ site, host, user, kind, title, text, fields, hostKey: null }, this.#signal);
    } finally {
      this.#watch.thinking(false);
    }
  }

  async #prompt(
    name: string,
    instructions: string,
    _language: string,
    questions: Prompt[],
    finish: (responses: string[]) => void,
  ): Promise<void> {
    // A round without questions only tells something.
    if (questions.length === 0) {
      finish([]);
      return;
    }
    const tries = this.#tries.get('keyboard-interactive') ?? 0;
    const again = tries > this.#triesTold;
    this.#triesTold = tries;
    const text = [again ? NOT_RIGHT : '', name, instructions].filter((t) => t.trim() !== '').join('\n');
    const fields = questions.map((q) => ({ label: q.prompt.trim(), secret: q.echo !== true }));
    const answers = await this.#question('keyboard-interactive', text, fields);
    if (answers === null) {
      // No empty answer is sent: the server would count it as a wrong one.
      this.#cancelled();
      return;
    }
    finish(questions.map((_, i) => answers[i] ?? ''));
  }

  /** Keys of the agent whose files are named come first, the others after all named files: servers stop listening after a few wrong keys. */
  async #agent(socket: string): Promise<null> {
    const keys = await listAgentKeys(socket).catch(() => []);
    const named = await this.#namedKeys();
    const certificates = await this.#certificateTexts(this.#spec.identityFiles);
    const first: Identity[] = [];
    const last: Identity[] = [];
    for (const { blob } of keys) {
      const sign = async (data: Buffer): Promise<Buffer> => {
        // It may ask its owner, or wait for a touch.
        this.#watch.thinking(true);
        return await signWithAgent(socket, blob, data, signFlags(blob)).finally(() => this.#watch.thinking(false));
      };
      const place = named.some((part) => blob.includes(part)) ? first : last;
      for (const text of certificates) {
        const certificate = certificateBlob(text, blob);
        if (certificate !== null) first.push({ blob: certificate, sign });
      }
      place.push({ blob, sign });
    }
    this.#offerLater(first, 'next');
    if (!this.#spec.identitiesOnly) this.#offerLater(last, 'last');
    return null;
  }

  async #certificateTexts(keyFiles: readonly string[]): Promise<string[]> {
    const files = new Set([...this.#spec.certificateFiles, ...keyFiles.map((path) => `${path}-cert.pub`)]);
    return await Promise.all([...files].map((file) => readFile(file, 'utf8').catch(() => '')));
  }

  /** One at a time: within one offer ssh2 takes a step that went through for a key that failed. */
  #offerLater(identities: readonly Identity[], when: 'next' | 'last'): void {
    const offers = identities.map((identity) => (): Promise<AnyAuthMethod | null> => {
      const blob = identity.blob.toString('base64');
      if (this.#offered.has(blob)) return Promise.resolve(null);
      this.#offered.add(blob);
      return Promise.resolve({ type: 'agent', username: this.#spec.user, agent: new IdentityAgent([identity]) });
    });
    if (when === 'next') this.#keys.unshift(...offers);
    else this.#keys.push(...offers);
  }

  /** With `IdentitiesOnly` an agent may use only the keys whose files are named. */
  async #namedKeys(): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for (const path of this.#spec.identityFiles) {
      const inside = publicKeyInside(await readFile(path, 'utf8').catch(() => ''));
      const publicKey = inside ?? (await publicKeyBeside(path));
      if (publicKey !== null) found.push(publicPart(publicKey));
    }
    return found;
  }

  /** Offers a key file, its certificates first. What is locked is asked for only when the server would take the key. */
  async #keyFile(path: string): Promise<null> {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null || text.length > LARGEST_KEY_FILE) return null;
    const plain = parseKey(text);
    const isLocked = plain instanceof Error && /encrypted|passphrase/i.test(plain.message);
    if (plain instanceof Error && !isLocked) return null;
    const unlocked = plain instanceof Error ? () => this.#unlock(path, text) : () => Promise.resolve(plain);
    let publicKey =
      plain instanceof Error ? (publicKeyInside(text) ?? (await publicKeyBeside(path))) : plain.getPublicSSH();
    if (publicKey === null) {
      const key = await this.#unlock(path, text).catch(() => null);
      if (key === null) return null;
      publicKey = key.getPublicSSH();
    }
    const sign = async (data: Buffer): Promise<Buffer> => signWithKey(await unlocked(), data);
    const identities: Identity[] = [{ blob: publicKey, sign }];
    for (const words of await this.#certificateTexts([path])) {
      const certificate = certificateBlob(words, publicKey);
      if (certificate !== null) identities.unshift({ blob: certificate, sign });
    }
    this.#offerLater(identities, 'next');
    return null;
  }

  /** The private key of a file that is locked by a passphrase. @throws Error when nobody unlocks it */
  async #unlock(path: string, text: string): Promise<ParsedKey> {
    const known = this.#signIn.passphrases.get(path);
    const before = known === undefined ? null : parseKey(text, known);
    if (before !== null && !(before instanceof Error)) return before;
    if (!this.#mayAsk()) {
      // Another key may do; when none does, this is what is missing.
      this.#locked ??= path;
      throw new Error('locked');
    }
    for (let tries = 0; tries < TRIES; tries++) {
      const wrong = tries === 0 ? '' : 'That was not right.';
      const fields = [{ label: `Passphrase of ${path}`, secret: true }];
      const answers = await this.#question('passphrase', wrong, fields, 'Unlock the key');
      if (answers === null) {
        this.#cancelled();
        throw new Error('cancelled');
      }
      const passphrase = answers[0] ?? '';
      const key = parseKey(text, passphrase);
      if (key instanceof Error) continue;
      this.#signIn.passphrases.set(path, passphrase);
      return key;
    }
    throw new Error('locked');
  }
}

function parseKey(text: string, passphrase?: string): ParsedKey | Error {
  const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
  return Array.isArray(parsed) ? parsed[0]! : parsed;
}

async function publicKeyBeside(path: string): Promise<Buffer | null> {
  const word = (await readFile(`${path}.pub`, 'utf8').catch(() => '')).trim().split(/\s+/)[1];
  if (word === undefined) return null;
  const blob = Buffer.from(word, 'base64');
  return keyTypeOf(blob) === '' ? null : blob;
}

function words(methods: readonly string[]): string {
  const names: Record<string, string> = {
    password: 'a password',
    'keyboard-interactive': 'a password or code',
    publickey: 'a key',
    hostbased: 'a host key',
    'gssapi-with-mic': 'a Kerberos ticket',
  };
  // Questions include the one for a password.
  const asked = methods.includes('keyboard-interactive') ? methods.filter((m) => m !== 'password') : methods;
  return asked.map((m) => names[m] ?? m).join(' or ');
}
