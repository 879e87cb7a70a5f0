import type { SignInPrompt } from '../../../shared/contract/connections.ts';
import type { HostSpec } from './host-spec.ts';
import { RemoteError } from './remote-host.ts';
import type { SignIn } from './ssh-transport.ts';
import { readQuestion } from './system-words.ts';

/** Answers what `ssh` asks: from what is known, else by a person. @throws RemoteError when nobody answers */
export class SystemQuestions {
  readonly #spec: HostSpec;
  readonly #signIn: SignIn;
  readonly #at: string;
  readonly #signal: AbortSignal;
  readonly #tried = new Set<string>();
  /** One question at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(spec: HostSpec, signIn: SignIn, at: string, signal: AbortSignal) {
    this.#spec = spec;
    this.#signIn = signIn;
    this.#at = at;
    this.#signal = signal;
  }

  answer(text: string): Promise<string> {
    const mine = this.#last.then(() => this.#answer(text));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #answer(text: string): Promise<string> {
    const question = readQuestion(text);
    switch (question.kind) {
      case 'host-key':
        return await this.#hostKey(question.host, question.type, question.fingerprint);
      case 'passphrase': {
        const { file } = question;
        const known = this.#signIn.passphrases.get(file);
        const again = this.#tried.has(file);
        this.#tried.add(file);
        if (known !== undefined && !again) return known;
        const fields = [{ label: `Passphrase of ${file}`, secret: true }];
        const missing = `${this.#at} takes the key ${file}, which is locked by a passphrase.`;
        const wrong = again ? 'That was not right.' : '';
        const passphrase = await this.#ask(
          { kind: 'passphrase', title: 'Unlock the key', text: wrong, fields },
          missing,
        );
        this.#signIn.passphrases.set(file, passphrase);
        return passphrase;
      }
      case 'password':
      case 'keyboard-interactive': {
        const label = question.kind === 'password' ? 'Password' : text.trim();
        const title = `Sign in to ${this.#spec.hostName}`;
        const again = this.#tried.has(text) && question.kind === 'password' ? 'That was not right.' : '';
        this.#tried.add(text);
        const fields = [{ label, secret: true }];
        return await this.#ask(
          { kind: question.kind, title, text: again, fields },
          `${this.#at} asks for a password or code.`,
        );
      }
    }
  }

  async #hostKey(host: string, type: string, fingerprint: string): Promise<string> {
    const { expectedHostKey, name } = this.#spec;
    // A jump host asks under its own name, and the expected key is not its own.
    const isTarget = [this.#spec.hostName, this.#spec.hostKeyAlias ?? name].some((n) => host.includes(n));
    if (expectedHostKey !== null && isTarget) {
      if (expectedHostKey === fingerprint) return 'yes';
      throw new RemoteError(
        'host-key',
        `The key of ${this.#at} is ${fingerprint}; expected is ${expectedHostKey}. Nothing was sent.`,
        { hint: 'Ask the administrator of the host which one is right.' },
      );
    }
    await this.#ask(
      {
        kind: 'host-key',
        title: `First time on ${host}`,
        text: 'This host is not known yet. Compare its key with what its administrator or web page says before you go on.',
        fields: [],
        hostKey: { type, fingerprint, randomart: '' },
      },
      `The key of ${host} is not known yet: ${fingerprint}.`,
      `Compare it with what the administrator of the host says; then give it: --host-key ${fingerprint}`,
    );
    return 'yes';
  }

  async #ask(
    question: Pick<SignInPrompt, 'kind' | 'title' | 'text' | 'fields'> & { hostKey?: SignInPrompt['hostKey'] },
    missing: string,
    hint = 'Sign in from the app, or from a terminal, where the question can be asked.',
  ): Promise<string> {
    const { site, ask, prompts } = this.#signIn;
    if (ask === 'nobody' || !prompts.isWatched) throw new RemoteError('sign-in-needed', missing, { hint });
    const host = this.#spec.port === 22 ? this.#spec.hostName : `${this.#spec.hostName}:${this.#spec.port}`;
    const answers = await prompts.ask({ site, host, user: this.#spec.user, hostKey: null, ...question }, this.#signal);
    const isAccepted = question.kind === 'host-key' ? answers?.[0] === 'accept' : answers !== null;
    if (!isAccepted) throw new RemoteError('cancelled', `The sign-in to ${this.#spec.hostName} was cancelled.`);
    return answers?.[0] ?? '';
  }
}
