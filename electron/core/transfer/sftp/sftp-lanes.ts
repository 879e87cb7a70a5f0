import type { RemoteHost } from '../../ssh/remote-host.ts';
import { SftpClient } from './sftp-client.ts';

/** More channels on the one connection of a host: each has a window of its own, which is what limits a long way. */
const MOST_MORE = 3;

/** Sessions beside the first one, opened when something large is moved and the host has room for them; without any everything works as well. */
export class SftpLanes {
  readonly #host: RemoteHost;
  readonly #closed = new AbortController();
  readonly #signal: AbortSignal;
  readonly #more: SftpClient[] = [];
  readonly #listeners = new Set<(client: SftpClient) => void>();
  #begun = false;

  /** An aborted signal ends the sessions with everything that is asked of them. */
  constructor(host: RemoteHost, signal: AbortSignal) {
    this.#host = host;
    this.#signal = AbortSignal.any([signal, this.#closed.signal]);
  }

  /** Calls `use` with each further session that there is, and each that comes, until the returned function is called. */
  each(use: (client: SftpClient) => void): () => void {
    if (!this.#begun) {
      this.#begun = true;
      for (let i = 0; i < MOST_MORE; i++) this.#open();
    }
    for (const client of this.#more) use(client);
    this.#listeners.add(use);
    return () => this.#listeners.delete(use);
  }

  /** Closes those that there are, and waits for no more. */
  close(): void {
    this.#listeners.clear();
    this.#closed.abort();
    for (const client of this.#more) client.close();
  }

  #open(): void {
    SftpClient.open(this.#host, this.#signal).then(
      (client) => {
        if (this.#signal.aborted) return client.close();
        this.#more.push(client);
        for (const use of this.#listeners) use(client);
      },
      // A host that has no more of them, or is lost: the first session tells that.
      () => undefined,
    );
  }
}
