import type { RemoteHost } from '../../ssh/remote-host.ts';
import { SftpClient } from './sftp-client.ts';

/** More channels on the one connection of a host: each has a window of its own, which is what limits a long way. */
const MOST_MORE = 3;

/** Sessions beside the first one, opened when something large is moved and the host has room for them; without any everything works as well. */
export class SftpLanes {
  readonly #host: RemoteHost;
  readonly #abort = new AbortController();
  readonly #more: SftpClient[] = [];
  readonly #listeners = new Set<(client: SftpClient) => void>();
  #begun = false;

  constructor(host: RemoteHost) {
    this.#host = host;
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
    this.#abort.abort();
    for (const client of this.#more) client.close();
  }

  #open(): void {
    SftpClient.open(this.#host, this.#abort.signal).then(
      (client) => {
        if (this.#abort.signal.aborted) return client.close();
        this.#more.push(client);
        for (const use of this.#listeners) use(client);
      },
      // A host that has no more of them, or is lost: the first session tells that.
      () => undefined,
    );
  }
}
