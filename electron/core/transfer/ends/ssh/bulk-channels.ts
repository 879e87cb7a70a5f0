import type { ByteChannel, RemoteHost } from '../../../ssh/remote-host.ts';
import { RemoteError } from '../../../ssh/remote-host.ts';
import { SftpClient } from '../../sftp/sftp-client.ts';
import { LaneCount } from './lane-count.ts';

/** What the gate of a host gives to bulk work. */
const MOST_CHANNELS = 5;
const IDLE_MS = 5_000;
const JUDGE_EVERY_MS = 300;
/** Pieces of large files on one lane: the second one begins while the first one's last answers are on their way. */
export const PIECES_OF_A_LANE = 2;

interface Lane {
  readonly client: SftpClient;
  works: number;
}

/**
 * The channels of one connection that move files. The window of SSH is per channel, so over a long way several SFTP sessions carry more than one: it begins with
 * two and adds one as long as that makes everything faster. Commands with streams share the same few channels, and lanes make room for them.
 */
export class BulkChannels {
  readonly #host: RemoteHost;
  readonly #lanes: Lane[] = [];
  readonly #count: LaneCount;
  #opening = 0;
  #abort = new AbortController();
  /** Commands that run or wait for their channel. */
  #commands = 0;
  #commandsWaiting = 0;
  #works = 0;
  #idle: NodeJS.Timeout | null = null;
  #judge: NodeJS.Timeout | null = null;
  #changed = Promise.withResolvers<void>();
  #failure: unknown = null;

  constructor(host: RemoteHost) {
    this.#host = host;
    this.#count = new LaneCount(MOST_CHANNELS, () => host.status.roundTripMs);
  }

  /**
   * Does something on the lane that has least to do. With `most` it waits for a lane that does fewer things than that, so that long ones spread over lanes that
   * are still being opened. @throws RemoteError, SftpError, and what `work` throws
   */
  async use<T>(work: (client: SftpClient) => Promise<T>, signal: AbortSignal, most = Infinity): Promise<T> {
    this.#works++;
    this.#stopIdling();
    try {
      const lane = await this.#take(signal, most);
      try {
        return await work(lane.client);
      } finally {
        lane.works--;
        if (lane.client.isOver || (lane.works === 0 && this.#commandsWaiting > 0)) this.#drop(lane);
        this.#tellWaiting();
      }
    } finally {
      this.#works--;
      if (this.#works === 0) this.#idleSoon();
    }
  }

  /** Starts a script with streams. @throws RemoteError */
  async exec(script: string, signal: AbortSignal): Promise<ByteChannel> {
    const channel = await this.#apart(() => this.#host.exec(script, { signal, lane: 'bulk' }));
    void channel.closed.then(() => this.#commands--);
    return channel;
  }

  /** An SFTP session of one's own; `end` gives it back. An aborted signal ends it with everything that is asked. @throws RemoteError, SftpError */
  async session(signal: AbortSignal): Promise<{ readonly client: SftpClient; end(): void }> {
    const client = await this.#apart(() => SftpClient.open(this.#host, signal));
    let isOver = false;
    const end = (): void => {
      if (!isOver) this.#commands--;
      isOver = true;
      client.close();
    };
    return { client, end };
  }

  /** Opens something beside the lanes, which make room for it. */
  async #apart<T>(open: () => Promise<T>): Promise<T> {
    this.#commands++;
    this.#commandsWaiting++;
    for (const lane of this.#lanes.filter(({ works }) => works === 0)) this.#drop(lane);
    try {
      return await open();
    } catch (error) {
      this.#commands--;
      throw error;
    } finally {
      this.#commandsWaiting--;
    }
  }

  /** Opens the lanes that a large file begins with, before its pieces ask for them one by one. */
  warm(): void {
    if (this.#works > 0) this.#openMore(this.#count.wanted);
  }

  /** Tells that so many bytes have got there, or here. */
  moved(bytes: number): void {
    this.#count.moved(bytes);
  }

  /** How many lanes there are. */
  get lanes(): number {
    return this.#lanes.length;
  }

  close(): void {
    this.#stopIdling();
    if (this.#judge !== null) clearInterval(this.#judge);
    this.#judge = null;
    this.#abort.abort();
    this.#abort = new AbortController();
    for (const lane of [...this.#lanes]) this.#drop(lane);
    this.#count.reset();
  }

  /** Counts the work at once: others that ask in the same turn must not choose the same lane. */
  async #take(signal: AbortSignal, most: number): Promise<Lane> {
    for (;;) {
      if (signal.aborted) throw new RemoteError('cancelled', 'Cancelled before anything was sent.');
      this.#openMore();
      const free = this.#lanes.filter(({ client, works }) => !client.isOver && works < most);
      const [first, ...others] = free;
      if (first !== undefined) {
        const lane = others.reduce((a, b) => (b.works < a.works ? b : a), first);
        lane.works++;
        return lane;
      }
      if (this.#failure !== null) {
        const failure = this.#failure;
        this.#failure = null;
        throw failure;
      }
      await this.#change(signal);
    }
  }

  async #change(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const leave = (): void => resolve();
    signal.addEventListener('abort', leave, { once: true });
    await Promise.race([this.#changed.promise, promise]);
    signal.removeEventListener('abort', leave);
  }

  #openMore(atLeast = 0): void {
    const room = Math.max(1, MOST_CHANNELS - this.#commands);
    const wanted = Math.min(this.#count.wanted, room, Math.max(atLeast, this.#works));
    while (this.#lanes.length + this.#opening < wanted) this.#open();
    this.#judge ??= setInterval(() => {
      const isBusy = this.#lanes.length > 0 && this.#works >= this.#lanes.length;
      this.#count.judge(isBusy ? this.#lanes.length : 0, performance.now());
      if (this.#works > 0) this.#openMore();
    }, JUDGE_EVERY_MS).unref();
  }

  #open(): void {
    this.#opening++;
    const { signal } = this.#abort;
    SftpClient.open(this.#host, signal)
      .then(
        (client) => {
          if (signal.aborted || (this.#commandsWaiting > 0 && this.#works === 0)) client.close();
          else this.#lanes.push({ client, works: 0 });
        },
        (error: unknown) => {
          if (signal.aborted) return;
          // Without any lane somebody has to be told.
          if (this.#lanes.length === 0) this.#failure = error;
          this.#count.refused(this.#lanes.length);
        },
      )
      .finally(() => {
        this.#opening--;
        this.#tellWaiting();
      });
  }

  #tellWaiting(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #drop(lane: Lane): void {
    const at = this.#lanes.indexOf(lane);
    if (at >= 0) this.#lanes.splice(at, 1);
    lane.client.close();
  }

  #idleSoon(): void {
    this.#idle ??= setTimeout(() => this.close(), IDLE_MS).unref();
  }

  #stopIdling(): void {
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#idle = null;
  }
}
