import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import type { HostSpec } from './host-spec.ts';
import { listAgentKeys, signWithAgent } from './agent-client.ts';
import { keyTypeOf } from './host-key-text.ts';
import { certificateIdentity, IdentityAgent, signFlags } from './opaque-identities.ts';
import type { Identity } from './opaque-identities.ts';
import { RemoteError } from './remote-host.ts';
import type { SignIn } from './ssh-transport.ts';

/** Wrong passwords and codes can lock an account: after this many the sign-in stops. */
const TRIES = 3;
const USUAL_ORDER = ['publickey', 'keyboard-interactive', 'password'];

/** The ways to sign in to one host, one after another, as far as the server lets them count. */
export class AuthMethods {
  readonly #spec: HostSpec;
  readonly #signIn: SignIn;
  readonly #signal: AbortSignal;
  readonly #keys: (() => Promise<AnyAuthMethod | null>)[];
  readonly #tries = new Map<string, number>();
  readonly #order: readonly string[];
  #sentNone = false;
  /** A key file whose passphrase nobody could be asked for. */
  #locked: string | null = null;
  /** A person cancelled, or was needed and not there. */
  stopped: RemoteError | null = null;
  offered: readonly string[] = [];

  constructor(spec: HostSpec, signIn: SignIn, signal: AbortSignal) {
    this.#spec = spec;
    this.#signIn = signIn;
    this.#signal = signal;
    this.#order = (spec.preferredAuthentications ?? USUAL_ORDER).filter((m) => USUAL_ORDER.includes(m));
    const agent = spec.identityAgent === null ? [] : [() => this.#agent(spec.identityAgent!)];
    const files = spec.identityFiles.map((path) => () => this.#keyFile(path));
    // A key that was named for this host comes before everything that an agent happens to hold.
    this.#keys =
      spec.identitiesOnly && spec.certificateFiles.length === 0 ? [...files, ...agent] : [...agent, ...files];
  }

  /** The next way to try; false when none is left. `left`: what the server says may continue (null at first). */
  async next(left: readonly string[] | null, partial: boolean): Promise<AnyAuthMethod | false> {
    const username = this.#spec.user;
    if (left === null) {
      if (this.#sentNone) return false;
      this.#sentNone = true;
      return { type: 'none', username };
    }
    this.offered = left;
    // A round of a multi-step sign-in that went through was no wrong answer.
    if (partial) this.#tries.clear();
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
      const answers = await this.#question('password', tries === 0 ? '' : 'That was not right.', [
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
    if (interactive.length > 0 && !asked) {
      return new RemoteError('sign-in-needed', `${host} asks for ${words(interactive)}.`, {
        hint: 'Sign in from the app, or from a terminal, where the question can be asked.',
      });
    }
    if (this.#locked !== null) {
      return new RemoteError('sign-in-needed', `The key ${this.#locked} is locked by a passphrase.`, {
        hint: 'Sign in from the app or a terminal, or add the key to an SSH agent.',
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
    return false;
  }

  #question(
    kind: 'password' | 'passphrase' | 'keyboard-interactive',
    text: string,
    fields: { label: string; secret: boolean }[],
    title = `Sign in to ${this.#spec.hostName}`,
  ): Promise<readonly string[] | null> {
    const { site, prompts } = this.#signIn;
    const { hostName, port, user } = this.#spec;
    const host = port === 22 ? hostName : `${hostName}:${port}`;
    return prompts.ask({ site, host, user, kind, title, text, fields, hostKey: null }, this.#signal);
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
    const text = [name, instructions].filter((t) => t.trim() !== '').join('\n');
    const fields = questions.map((q) => ({ label: q.prompt.trim(), secret: q.echo !== true }));
    const answers = await this.#question('keyboard-interactive', text, fields);
    if (answers === null) {
      this.#cancelled();
      // An empty answer ends the round; no further one is begun.
      finish(questions.map(() => ''));
      return;
    }
    finish(questions.map((_, i) => answers[i] ?? ''));
  }

  async #agent(socket: string): Promise<AnyAuthMethod | null> {
    const keys = await listAgentKeys(socket).catch(() => []);
    const named = this.#spec.identitiesOnly ? await this.#namedKeys() : null;
    const identities: Identity[] = keys
      .filter((key) => named === null || named.some((part) => key.blob.includes(part)))
      .map(({ blob }) => ({ blob, sign: (data) => signWithAgent(socket, blob, data, signFlags(blob)) }));
    // One at a time: within one offer ssh2 takes a step that went through for a key that failed.
    this.#keys.unshift(...identities.map((identity) => () => Promise.resolve(this.#offer([identity]))));
    return null;
  }

  /** With `IdentitiesOnly` an agent may use only the keys whose files are named. */
  async #namedKeys(): Promise<Buffer[]> {
    const found: Buffer[] = [];
    for (const path of this.#spec.identityFiles) {
      const text = (await readFile(`${path}.pub`, 'utf8').catch(() => '')).trim().split(/\s+/)[1];
      if (text === undefined) continue;
      const blob = Buffer.from(text, 'base64');
      found.push(blob.subarray(4 + keyTypeOf(blob).length));
    }
    return found;
  }

  #offer(identities: readonly Identity[]): AnyAuthMethod {
    return { type: 'agent', username: this.#spec.user, agent: new IdentityAgent(identities) };
  }

  async #keyFile(path: string): Promise<AnyAuthMethod | null> {
    const text = await readFile(path, 'utf8').catch(() => null);
    if (text === null) return null;
    const unlocked = await this.#unlock(path, text);
    if (unlocked === null) return null;
    const { key, passphrase } = unlocked;
    const certificate = await this.#certificateOf(path, key);
    if (certificate !== null) {
      // The certificate first; the bare key may be authorized too.
      this.#keys.unshift(() =>
        Promise.resolve({ type: 'publickey', username: this.#spec.user, key: text, passphrase }),
      );
      return this.#offer([certificate]);
    }
    return { type: 'publickey', username: this.#spec.user, key: text, passphrase };
  }

  async #certificateOf(path: string, key: ParsedKey): Promise<Identity | null> {
    for (const file of [...this.#spec.certificateFiles, `${path}-cert.pub`]) {
      const text = await readFile(file, 'utf8').catch(() => null);
      const identity = text === null ? null : certificateIdentity(text, key);
      if (identity !== null) return identity;
    }
    return null;
  }

  async #unlock(path: string, text: string): Promise<{ key: ParsedKey; passphrase?: string } | null> {
    const open = (passphrase?: string): ParsedKey | Error => {
      const parsed = ssh2.utils.parseKey(text, passphrase) as ParsedKey | ParsedKey[] | Error;
      return Array.isArray(parsed) ? parsed[0]! : parsed;
    };
    const plain = open();
    if (!(plain instanceof Error)) return { key: plain };
    if (!/encrypted|passphrase/i.test(plain.message)) return null;
    const known = this.#signIn.passphrases.get(path);
    const again = known === undefined ? plain : open(known);
    if (!(again instanceof Error)) return { key: again, ...(known === undefined ? {} : { passphrase: known }) };
    if (!this.#mayAsk()) {
      // Another key may do; when none does, this is what is missing.
      this.#locked ??= path;
      return null;
    }
    for (let tries = 0; tries < TRIES; tries++) {
      const wrong = tries === 0 ? '' : 'That was not right.';
      const fields = [{ label: `Passphrase of ${path}`, secret: true }];
      const answers = await this.#question('passphrase', wrong, fields, 'Unlock the key');
      if (answers === null) {
        this.#cancelled();
        return null;
      }
      const passphrase = answers[0] ?? '';
      const key = open(passphrase);
      if (key instanceof Error) continue;
      this.#signIn.passphrases.set(path, passphrase);
      return { key, passphrase };
    }
    return null;
  }
}

function words(methods: readonly string[]): string {
  const names: Record<string, string> = {
    password: 'a password',
    'keyboard-interactive': 'a password or code',
    publickey: 'a key',
    hostbased: 'a host key',
    'gssapi-with-mic': 'a Kerberos ticket',
  };
  return methods.map((m) => names[m] ?? m).join(' or ');
}
