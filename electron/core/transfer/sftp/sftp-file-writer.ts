import { SftpError } from './sftp-error.ts';
import type { SftpClient, SftpHandle } from './sftp-client.ts';
import { WriteQueue } from './write-queue.ts';

/** Writes one file from its start to its end, many requests at once. The file is no file of anybody's before `finish` has resolved. */
export class SftpFileWriter {
  readonly #client: SftpClient;
  readonly #handle: SftpHandle;
  readonly #queue: WriteQueue;
  #size = 0;

  constructor(client: SftpClient, handle: SftpHandle) {
    this.#client = client;
    this.#handle = handle;
    this.#queue = new WriteQueue(client, handle);
  }

  /** Resolves when there is room for more, not when the bytes have arrived. @throws SftpError, RemoteError of these or earlier bytes */
  async write(bytes: Uint8Array): Promise<void> {
    const at = this.#size;
    this.#size += bytes.length;
    await this.#queue.write(at, bytes);
  }

  /**
   * Sets mode and time, proves that the host holds as many bytes as were sent, and closes the file, all in one round trip with the last bytes.
   * @throws SftpError, RemoteError
   */
  async finish(
    { mode, modifiedAt }: { readonly mode: number; readonly modifiedAt: number },
    durable = false,
  ): Promise<void> {
    const steps = [
      this.#client.fsetstat(this.#handle, { mode, modifiedAt }),
      ...(durable && this.#client.offers('fsync@openssh.com') ? [this.#client.fsync(this.#handle)] : []),
      this.#client.fstat(this.#handle),
      this.#client.closeHandle(this.#handle),
    ] as const;
    const settled = await Promise.allSettled(steps);
    await this.#queue.written();
    for (const step of settled) if (step.status === 'rejected') throw step.reason;
    const stat = settled.at(-2)!;
    const size = stat.status === 'fulfilled' && stat.value !== undefined ? stat.value.size : undefined;
    if (size !== undefined && size !== this.#size)
      throw new SftpError('failed', `The host holds ${size} of the ${this.#size} bytes that were sent.`);
  }

  /** Lets go of the file after a failure; what is written of it stays. */
  abandon(): void {
    this.#client.closeHandle(this.#handle).catch(() => {});
  }
}
