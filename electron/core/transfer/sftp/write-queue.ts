import type { SftpClient, SftpHandle } from './sftp-client.ts';

/** More than fits into the window of a channel. */
const MOST_UNANSWERED = 4 * 1024 * 1024;

/** Writes one after the other at the places of an open file, many requests at once. */
export class WriteQueue {
  readonly #client: SftpClient;
  readonly #handle: SftpHandle;
  readonly #mostBytes: number;
  readonly #onWritten: (bytes: number) => void;
  readonly #unanswered = new Set<Promise<void>>();
  #unansweredBytes = 0;
  #failure: unknown = null;

  constructor(
    client: SftpClient,
    handle: SftpHandle,
    options: { readonly mostBytes?: number; readonly onWritten?: (bytes: number) => void } = {},
  ) {
    this.#client = client;
    this.#handle = handle;
    this.#mostBytes = options.mostBytes ?? MOST_UNANSWERED;
    this.#onWritten = options.onWritten ?? (() => {});
  }

  /** Resolves when there is room for more, not when the bytes have arrived. @throws SftpError, RemoteError of these or earlier bytes */
  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const most = this.#client.limits.writeBytes;
    for (let at = 0; at < bytes.length; at += most) {
      while (this.#unansweredBytes >= this.#mostBytes && this.#failure === null) await Promise.race(this.#unanswered);
      if (this.#failure !== null) throw this.#failure;
      this.#send(offset + at, bytes.subarray(at, at + most));
    }
  }

  /** Resolves when the host has answered everything. @throws SftpError, RemoteError */
  async written(): Promise<void> {
    await Promise.all(this.#unanswered);
    if (this.#failure !== null) throw this.#failure;
  }

  #send(offset: number, part: Uint8Array): void {
    const sent = this.#client
      .write(this.#handle, offset, part)
      .then(
        () => this.#onWritten(part.length),
        (error: unknown) => {
          this.#failure ??= error;
        },
      )
      .finally(() => {
        this.#unanswered.delete(sent);
        this.#unansweredBytes -= part.length;
      });
    this.#unanswered.add(sent);
    this.#unansweredBytes += part.length;
  }
}
