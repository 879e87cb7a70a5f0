import type { RemoteHost } from '../../../ssh/remote-host.ts';
import { unlessAborted } from '../../../ssh/unless-aborted.ts';
import { SftpClient } from '../../sftp/sftp-client.ts';

const KEPT_MS = 60_000;

/** The one SFTP session by which people look at files: on the interactive lane, so that no transfer is before it, and kept for a while, so that the next folder comes at once. */
export class BrowsingSession {
  readonly #host: RemoteHost;
  #client: Promise<SftpClient> | null = null;
  #users = 0;
  #idle: NodeJS.Timeout | null = null;

  constructor(host: RemoteHost) {
    this.#host = host;
  }

  /** @throws RemoteError, SftpError, and what `work` throws */
  async use<T>(work: (client: SftpClient) => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#users++;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    try {
      const client = await unlessAborted(this.#open(), signal);
      return await unlessAborted(work(client), signal);
    } finally {
      this.#users--;
      if (this.#users === 0) this.#idle = setTimeout(() => this.close(), KEPT_MS).unref();
    }
  }

  close(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
    this.#client?.then((client) => client.close()).catch(() => {});
    this.#client = null;
  }

  async #open(): Promise<SftpClient> {
    const known = this.#client;
    if (known !== null) {
      const client = await known.catch(() => null);
      if (client !== null && !client.isOver) return client;
      if (this.#client === known) this.#client = null;
    }
    this.#client ??= SftpClient.open(this.#host, undefined, { lane: 'interactive' });
    return await this.#client;
  }
}
