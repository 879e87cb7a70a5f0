import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { networkWords } from './connection-words.ts';
import type { ByteChannel } from './remote-host.ts';
import { RemoteError } from './remote-host.ts';
import { toByteChannel } from './ssh2-channel.ts';
import type { SshConnection } from './ssh-transport.ts';
import { ChannelRefused } from './ssh-transport.ts';
import { widenChannel } from './tune-ssh2.ts';

/** What the open failures of RFC 4254 §5.1 mean for us: with these the server has no room, with others it will not. */
const NO_ROOM = new Set([2, 4]);

/** A signed-in connection of ssh2. */
export class Ssh2Connection implements SshConnection {
  readonly #client: Client;
  readonly #hops: readonly SshConnection[];
  readonly #host: string;
  readonly closed: Promise<string>;
  #reason: string | null = null;
  #isClosed = false;

  /** `hops`: connections that this one goes through; they are closed with it. */
  constructor(client: Client, host: string, hops: readonly SshConnection[]) {
    this.#client = client;
    this.#host = host;
    this.#hops = hops;
    client.on('error', (error) => (this.#reason ??= networkWords(error)));
    this.closed = new Promise((resolve) => {
      client.once('close', () => {
        this.#isClosed = true;
        for (const hop of this.#hops) hop.close();
        resolve(this.#reason ?? 'the host closed the connection');
      });
    });
  }

  exec(command: string): Promise<ByteChannel> {
    return this.#channel((done) => this.#client.exec(command, done), 'no-shell', `${this.#host} runs no commands.`);
  }

  sftp(): Promise<ByteChannel> {
    return this.#channel((done) => this.#client.subsys('sftp', done), 'no-shell', `${this.#host} offers no SFTP.`);
  }

  async forwardTcp(host: string, port: number): Promise<Duplex> {
    return await this.#open((done) => this.#client.forwardOut('127.0.0.1', 0, host, port, done));
  }

  async forwardUnix(path: string): Promise<Duplex> {
    return await this.#open((done) => this.#client.openssh_forwardOutStreamLocal(path, done));
  }

  ping(timeoutMs: number): Promise<boolean> {
    if (this.#isClosed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), timeoutMs);
      const answered = (error?: unknown): void => {
        clearTimeout(timer);
        // `true` = the server does not know the request: an answer all the same.
        resolve(!(error instanceof Error));
      };
      const { _callbacks: callbacks, _protocol: protocol } = this.#client as unknown as {
        _callbacks: ((error?: unknown) => void)[];
        _protocol: { ping(): void };
      };
      callbacks.push(answered);
      protocol.ping();
    });
  }

  close(): void {
    const { _sock: socket } = this.#client as unknown as { _sock: Duplex };
    this.#client.end();
    // A dead network never answers the goodbye, and ssh2's own `destroy` does nothing after it.
    socket.destroy();
    for (const hop of this.#hops) hop.close();
  }

  async #channel(
    open: (done: (error: Error | undefined, channel: ClientChannel) => void) => unknown,
    kind: 'no-shell',
    words: string,
  ): Promise<ByteChannel> {
    try {
      const channel = await this.#open(open);
      widenChannel(this.#client, channel);
      return toByteChannel(channel);
    } catch (error) {
      if (error instanceof Error && error.message.startsWith('Unable to ')) throw new RemoteError(kind, words);
      throw error;
    }
  }

  #open(open: (done: (error: Error | undefined, channel: ClientChannel) => void) => unknown): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const lost = (): void => {
        const words = `The connection to ${this.#host} broke: ${this.#reason ?? 'it was closed'}.`;
        reject(new RemoteError('lost', words, { sent: false }));
      };
      if (this.#isClosed) return lost();
      try {
        open((error, channel) => {
          if (error === undefined || error === null) return resolve(channel);
          if (this.#isClosed || error.message.startsWith('No response')) return lost();
          const { reason } = error as { reason?: unknown };
          if (typeof reason === 'number' && NO_ROOM.has(reason)) return reject(new ChannelRefused(error.message));
          reject(error);
        });
      } catch {
        // ssh2 throws when the socket is no longer writable.
        lost();
      }
    });
  }
}
