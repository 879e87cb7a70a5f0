import { Buffer } from 'node:buffer';
import { printableText } from '../../ssh/sign-in-prompts.ts';
import type { ByteChannel, ChannelEnd } from '../../ssh/remote-host.ts';
import { RemoteError } from '../../ssh/remote-host.ts';
import { gatherText } from '../channel-bytes.ts';
import { RequestWindow } from './request-window.ts';
import { decodeReply, encodePacket, FieldReader, FXP, PacketCutter, VERSION } from './sftp-codec.ts';
import type { Field, SftpReply } from './sftp-codec.ts';
import { SftpError } from './sftp-error.ts';

const START_MS = 60_000;
/** A server that answers nothing for so long while something is asked is given up: a disk there may hang, or a named pipe was opened. */
const SILENCE_MS = 120_000;
const MOST_REQUESTS = 1024;
/** In flight, both ways together; bounds what is held in memory. */
const MOST_BYTES = 16 * 1024 * 1024;
/** Small packets that are asked together are written together. */
const JOIN_BELOW = 32 * 1024;
/** Without `limits@openssh.com`: what every server takes. */
const PLAIN_CHUNK = 32 * 1024;
/** With what stands around it, it fills four packets of SSH; a few bytes more would need a fifth. */
const LARGE_CHUNK = 4 * 32 * 1024 - 512;
const PLAIN_HANDLES = 64;
const MOST_HANDLES = 1024;

/** What a server allows. */
export interface SftpLimits {
  /** Bytes of one read or write. */
  readonly readBytes: number;
  readonly writeBytes: number;
  /** Files and folders open at once. */
  readonly handles: number;
}

interface Pending {
  readonly weight: number;
  /** False while it waits for room. */
  sent: boolean;
  readonly resolve: (reply: SftpReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One SFTP session on a channel: sends requests as far as the window goes, matches replies to them, and ends with one error for all when anything is wrong.
 * Nothing is repeated.
 */
export class SftpSession {
  readonly #channel: ByteChannel;
  readonly #host: string;
  readonly #pending = new Map<number, Pending>();
  readonly #window = new RequestWindow(MOST_REQUESTS, MOST_BYTES);
  readonly #cutter = new PacketCutter();
  #nextId = 1;
  #failure: Error | null = null;
  #onVersion: ((reply: SftpReply & { kind: 'version' }) => void) | null = null;
  #joined: Buffer[] = [];
  #joinedBytes = 0;
  #watch: NodeJS.Timeout | null = null;
  #sentAnything = false;
  /** What the server offers beyond version 3: name → its version. */
  extensions: ReadonlyMap<string, string> = new Map();
  limits: SftpLimits = { readBytes: PLAIN_CHUNK, writeBytes: PLAIN_CHUNK, handles: PLAIN_HANDLES };
  readonly #release: () => void;
  readonly #said: () => string;

  private constructor(channel: ByteChannel, host: string, signal?: AbortSignal) {
    this.#channel = channel;
    this.#host = host;
    this.#said = gatherText(channel.stderr);
    const leave = (): void => this.#fail(cancelled(this.#sentAnything));
    signal?.addEventListener('abort', leave, { once: true });
    this.#release = () => signal?.removeEventListener('abort', leave);
    channel.stdin.on('error', () => {});
    channel.stdout.on('error', () => {});
    channel.stdout.on('data', (bytes: Buffer) => this.#read(bytes));
    void channel.closed.then((end) => this.#fail(this.#ended(end)));
  }

  /**
   * Begins a session on a channel of the `sftp` subsystem; an aborted signal ends it. `limits`: what the server is known to allow; null = it is asked.
   * @throws RemoteError, SftpError `protocol`
   */
  static async start(
    channel: ByteChannel,
    host: string,
    { signal, limits = null }: { readonly signal?: AbortSignal | undefined; readonly limits?: SftpLimits | null } = {},
  ): Promise<SftpSession> {
    const session = new SftpSession(channel, host, signal);
    try {
      if (signal?.aborted === true) throw cancelled(false);
      await session.#begin();
      if (limits !== null) session.limits = limits;
      else if (session.extensions.has('limits@openssh.com')) await session.#askLimits();
      return session;
    } catch (error) {
      session.#fail(error as Error);
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<SftpReply & { kind: 'version' }>();
    this.#onVersion = resolve;
    // Anything that ends the session before is told to whoever waits.
    this.#pending.set(0, { weight: 0, sent: false, resolve: () => {}, reject });
    const late = setTimeout(
      () =>
        this.#fail(
          new RemoteError('timeout', `The SFTP server of ${this.#host} did not answer within ${START_MS / 1000} s.`),
        ),
      START_MS,
    );
    this.#channel.stdin.write(encodePacket(FXP.INIT, null, [{ u32: VERSION }]));
    try {
      const { version, extensions } = await promise;
      if (version !== VERSION)
        throw new SftpError('protocol', `The SFTP server of ${this.#host} speaks version ${version} only, not 3.`);
      this.extensions = extensions;
    } finally {
      clearTimeout(late);
      this.#onVersion = null;
      this.#pending.delete(0);
    }
  }

  async #askLimits(): Promise<void> {
    const reply = await this.ask(FXP.EXTENDED, [Buffer.from('limits@openssh.com')]);
    if (reply.kind !== 'extended') return;
    const fields = new FieldReader(reply.body);
    // The largest packet comes first; 0 = the server does not tell.
    fields.u64();
    const [read, write, handles] = [fields.u64(), fields.u64(), fields.u64()];
    const chunk = (most: number): number => (most === 0 ? PLAIN_CHUNK : Math.max(1, Math.min(LARGE_CHUNK, most)));
    this.limits = {
      readBytes: chunk(read),
      writeBytes: chunk(write),
      handles: handles === 0 ? PLAIN_HANDLES : Math.max(2, Math.min(MOST_HANDLES, handles)),
    };
  }

  /** Why the session has ended; null = it goes on. */
  get failure(): Error | null {
    return this.#failure;
  }

  /**
   * Sends a request in its turn; `weight` is the number of bytes that it or its answer holds. Requests go out in the order of the calls.
   * @throws RemoteError, SftpError `protocol`
   */
  ask(type: number, fields: readonly Field[], weight = 0): Promise<SftpReply> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const pending: Pending = { weight, sent: false, resolve, reject };
      const id = this.#newId();
      // Known from now on, so that it is told when the session ends while it waits.
      this.#pending.set(id, pending);
      this.#window.enter(weight, () => {
        pending.sent = true;
        this.#send(encodePacket(type, id, fields));
      });
      this.#watchOver();
    });
  }

  /** Ends the session. */
  close(): void {
    this.#fail(new RemoteError('cancelled', 'The SFTP session was closed.', { sent: true }));
  }

  #newId(): number {
    do {
      this.#nextId = (this.#nextId + 1) >>> 0;
    } while (this.#nextId === 0 || this.#pending.has(this.#nextId));
    return this.#nextId;
  }

  #send(packet: Buffer): void {
    this.#sentAnything = true;
    if (packet.length >= JOIN_BELOW) {
      this.#flush();
      this.#channel.stdin.write(packet);
      return;
    }
    if (this.#joinedBytes === 0) queueMicrotask(() => this.#flush());
    this.#joined.push(packet);
    this.#joinedBytes += packet.length;
    if (this.#joinedBytes >= JOIN_BELOW) this.#flush();
  }

  #flush(): void {
    if (this.#joinedBytes === 0 || this.#failure !== null) return;
    const packets = this.#joined;
    this.#joined = [];
    this.#joinedBytes = 0;
    this.#channel.stdin.write(packets.length === 1 ? packets[0]! : Buffer.concat(packets));
  }

  #read(bytes: Buffer): void {
    if (this.#failure !== null) return;
    this.#watch?.refresh();
    try {
      for (const packet of this.#cutter.push(bytes)) this.#answer(decodeReply(packet));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #answer(reply: SftpReply): void {
    if (reply.kind === 'version') {
      if (this.#onVersion === null) throw new SftpError('protocol', 'The SFTP server began a second time.');
      this.#onVersion(reply);
      return;
    }
    const pending = this.#pending.get(reply.id);
    if (pending === undefined || !pending.sent)
      throw new SftpError('protocol', 'The SFTP server answered what was not asked.');
    this.#pending.delete(reply.id);
    pending.resolve(reply);
    this.#window.leave(pending.weight);
    if (this.#pending.size === 0) this.#stopWatching();
  }

  #watchOver(): void {
    if (this.#watch !== null || this.#failure !== null) return;
    this.#watch = setTimeout(() => {
      const seconds = SILENCE_MS / 1000;
      this.#fail(
        new RemoteError('timeout', `The SFTP server of ${this.#host} answered nothing for ${seconds} s.`, {
          sent: true,
        }),
      );
    }, SILENCE_MS);
    this.#watch.unref();
  }

  #stopWatching(): void {
    if (this.#watch !== null) clearTimeout(this.#watch);
    this.#watch = null;
  }

  #ended(end: ChannelEnd): Error {
    if (end.code === null && end.signal === null)
      return new RemoteError('lost', `The connection to ${this.#host} broke while files were moved.`, {
        sent: this.#sentAnything,
      });
    const said = printableText(this.#said()).trim().split('\n').at(-1)?.slice(0, 200) ?? '';
    const words = said === '' ? '' : `; it said: ${said}`;
    if (!this.#sentAnything)
      return new RemoteError('no-shell', `${this.#host} offers no SFTP${words}.`, {
        hint: 'Ask its administrator to switch the SFTP subsystem on.',
      });
    return new RemoteError('lost', `The SFTP server of ${this.#host} ended${words}.`, { sent: true });
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#stopWatching();
    this.#release();
    this.#window.close();
    this.#joined = [];
    this.#joinedBytes = 0;
    this.#channel.destroy();
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of waiting) reject(error);
  }
}

function cancelled(sent: boolean): RemoteError {
  return new RemoteError('cancelled', 'Cancelled.', { sent });
}
