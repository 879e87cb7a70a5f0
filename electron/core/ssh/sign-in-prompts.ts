import { randomUUID } from 'node:crypto';
import type { SignInPrompt } from '../../../shared/contract/connections.ts';

const TEXT_LIMIT = 4096;

/** Text from a server for people: no control characters but line ends, no more than a page. */
export function printableText(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\n\t\P{Cc}]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '')
    .slice(0, TEXT_LIMIT);
}

interface Open {
  readonly prompt: SignInPrompt;
  readonly resolve: (answers: readonly string[] | null) => void;
}

/** Questions of connections, put before whoever watches. While nobody watches there is nobody to ask. */
export class SignInPrompts {
  readonly #open = new Map<string, Open>();
  readonly #listeners = new Set<() => void>();
  #watchers = 0;

  /** Whether a question would reach somebody. */
  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  /** Somebody can answer from now on, until the returned function is called; when the last one leaves, open questions are cancelled. */
  watch(): () => void {
    this.#watchers++;
    let watching = true;
    return () => {
      if (!watching) return;
      watching = false;
      if (--this.#watchers > 0) return;
      for (const { prompt } of this.#open.values()) this.answer(prompt.id, null);
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(): SignInPrompt[] {
    return [...this.#open.values()].map((o) => o.prompt);
  }

  /** Resolves to the answers in the order of the fields; null = the person cancelled, or nobody is there. */
  ask(question: Omit<SignInPrompt, 'id'>, signal?: AbortSignal): Promise<readonly string[] | null> {
    if (!this.isWatched || signal?.aborted === true) return Promise.resolve(null);
    const prompt: SignInPrompt = {
      ...question,
      id: randomUUID(),
      title: printableText(question.title),
      text: printableText(question.text),
      fields: question.fields.slice(0, 16).map((f) => ({ ...f, label: printableText(f.label) })),
    };
    return new Promise((resolve) => {
      const done = (answers: readonly string[] | null): void => {
        if (!this.#open.delete(prompt.id)) return;
        signal?.removeEventListener('abort', cancel);
        resolve(answers);
        this.#changed();
      };
      const cancel = (): void => done(null);
      signal?.addEventListener('abort', cancel, { once: true });
      this.#open.set(prompt.id, { prompt, resolve: done });
      this.#changed();
    });
  }

  /** Answers a question; one that is no longer open is ignored. */
  answer(id: string, answers: readonly string[] | null): void {
    this.#open.get(id)?.resolve(answers);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
