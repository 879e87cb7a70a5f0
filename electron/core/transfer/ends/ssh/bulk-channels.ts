import type { ByteChannel, RemoteHost } from '../../../ssh/remote-host.ts';
import { RemoteError } from '../../../ssh/remote-host.ts';
import { SftpClient } from '../../sftp/sftp-client.ts';
import type { SftpLimits } from '../../sftp/sftp-session.ts';
import { LaneCount } from './lane-count.ts';

const MOST_LANES = 5;
const IDLE_MS = 5_000;
const JUDGE_EVERY_MS = 300;
/** Pieces of large files on one lane: the second one begins while the first one's last answers are on their way. */
export const PIECES_OF_A_LANE = 2;

interface Lane {
  readonly client: SftpClient;
  works: number;
  /** It takes no more work, and ends when it has none. */
  isLeaving: boolean;
}

/** All channels that bulk work may have are in use. */
export class NoSpareChannel extends Error {}

/**
 * The channels of one connection that move files. The window of SSH is per channel, so over a long way several SFTP sessions carry more than one: it begins with a
 * few and adds one as long as that makes everything faster. Commands with streams share the channels that a host gives. Lanes stay open beside them, since
 * opening one takes several round trips; one ends only when a command would have to wait for its channel.
 */
export class BulkChannels {
  readonly #host: RemoteHost;
  readonly #lanes: Lane[] = [];
  readonly #count: LaneCount;
  /** End what runs only as long as nothing else wants its channel. */
  readonly #spares = new Set<() => void>();
  /** Lanes that are being opened. */
  readonly #opening = new Set<AbortController>();
  /** Commands that wait for their channel. */
  #commandsWaiting = 0;
  /** Of those, ones for which no lane has been let go yet. */
  #roomsOwed = 0;
  /** The host gave no channel for a further lane, and none has ended since. */
  #isFull = false;
  #works = 0;
  #idle: NodeJS.Timeout | null = null;
  #judge: NodeJS.Timeout | null = null;
  #changed = Promise.withResolvers<void>();
  #failure: unknown = null;
  /** They are the same for each session of a host, and asking costs a round trip. */
  #limits: SftpLimits | null = null;

  constructor(host: RemoteHost) {
    this.#host = host;
    this.#count = new LaneCount(MOST_LANES, () => host.status.roundTripMs);
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
        this.#makeRoom();
        if (lane.client.isOver || (lane.works === 0 && lane.isLeaving)) this.#drop(lane);
        this.#tellWaiting();
      }
    } finally {
      this.#works--;
      if (this.#works === 0) this.#idleSoon();
    }
  }

  /** Starts a script with streams. @throws RemoteError */
  async exec(script: string, signal: AbortSignal): Promise<ByteChannel> {
    const channel = await this.#apart((onWait) => this.#host.exec(script, { signal, lane: 'bulk', onWait }));
    void channel.closed.then(() => this.#hasRoom());
    return channel;
  }

  /**
   * Starts a script that is worth it only where a channel is left over. It is ended, without a word, as soon as anything else would have to wait for its channel.
   * @throws NoSpareChannel, RemoteError
   */
  async spare(script: string, signal: AbortSignal): Promise<ByteChannel> {
    const unwanted = new AbortController();
    const end = (): void => unwanted.abort();
    this.#spares.add(end);
    try {
      const options = { signal: AbortSignal.any([signal, unwanted.signal]), lane: 'bulk', onWait: end } as const;
      const channel = await this.#host.exec(script, options);
      void channel.closed.then(() => {
        this.#spares.delete(end);
        this.#hasRoom();
      });
      return channel;
    } catch (error) {
      this.#spares.delete(end);
      throw unwanted.signal.aborted ? new NoSpareChannel() : error;
    }
  }

  /** An SFTP session of one's own; `end` gives it back. An aborted signal ends it with everything that is asked. @throws RemoteError, SftpError */
  async session(signal: AbortSignal): Promise<{ readonly client: SftpClient; end(): void }> {
    const client = await this.#apart((onWait) => SftpClient.open(this.#host, signal, { onWait }));
    const end = (): void => {
      client.close();
      this.#hasRoom();
    };
    return { client, end };
  }

  /** Opens the lanes that large files begin with, before anybody asks for them; those that nobody uses end after a while. */
  warm(): void {
    this.#openMore(this.#count.wanted);
    if (this.#works === 0) this.#idleSoon();
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
    for (const opening of this.#opening) opening.abort();
    this.#opening.clear();
    for (const lane of [...this.#lanes]) this.#drop(lane);
    this.#count.reset();
    this.#isFull = false;
  }

  /** Opens something beside the lanes. When it has to wait, a lane makes room for it. */
  async #apart<T>(open: (onWait: () => void) => Promise<T>): Promise<T> {
    let isWaiting = false;
    const onWait = (): void => {
      if (!isWaiting) this.#commandsWaiting++;
      isWaiting = true;
      this.#roomsOwed = Math.min(this.#roomsOwed + 1, this.#commandsWaiting);
      this.#makeRoom();
    };
    try {
      return await open(onWait);
    } finally {
      if (isWaiting) this.#roomsOwed = Math.min(this.#roomsOwed, --this.#commandsWaiting);
    }
  }

  /** Lets lanes end for commands that wait, those first that have least to do; one that has nothing to do ends at once. */
  #makeRoom(): void {
    for (; this.#roomsOwed > 0; this.#roomsOwed--) {
      if (this.#endSpare()) continue;
      const lane = leastBusy(this.#lanes.filter(({ isLeaving }) => !isLeaving));
      if (lane === null) return;
      lane.isLeaving = true;
      if (lane.works === 0) this.#drop(lane);
    }
  }

  #endSpare(): boolean {
    const [end] = this.#spares;
    if (end === undefined) return false;
    this.#spares.delete(end);
    end();
    return true;
  }

  /** Counts the work at once: others that ask in the same turn must not choose the same lane. */
  async #take(signal: AbortSignal, most: number): Promise<Lane> {
    for (;;) {
      if (signal.aborted) throw new RemoteError('cancelled', 'Cancelled before anything was sent.');
      this.#openMore();
      const lane = leastBusy(
        this.#lanes.filter(({ client, works, isLeaving }) => !client.isOver && !isLeaving && works < most),
      );
      if (lane !== null) {
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

  /** Lanes that take work, now or soon. */
  get #staying(): number {
    return this.#lanes.filter(({ isLeaving }) => !isLeaving).length + this.#opening.size;
  }

  #openMore(atLeast = 0): void {
    const wanted = Math.min(this.#count.wanted, Math.max(atLeast, this.#works));
    // The first one waits for its turn; a further one is tried only where there may be room.
    while (this.#staying < (this.#isFull || this.#commandsWaiting > 0 ? Math.min(1, wanted) : wanted)) this.#open();
    this.#judge ??= setInterval(() => {
      const isBusy = this.#lanes.length > 0 && this.#works >= this.#lanes.length;
      this.#count.judge(isBusy ? this.#lanes.length : 0, performance.now());
      if (this.#works > 0) this.#openMore();
    }, JUDGE_EVERY_MS).unref();
  }

  #open(): void {
    const opening = new AbortController();
    this.#opening.add(opening);
    const onWait = (): void => {
      if (this.#staying === 1) return void this.#endSpare();
      this.#isFull = true;
      this.#opening.delete(opening);
      opening.abort();
    };
    SftpClient.open(this.#host, opening.signal, { onWait, limits: this.#limits })
      .then(
        (client) => {
          if (opening.signal.aborted) return client.close();
          this.#limits = client.limits;
          this.#lanes.push({ client, works: 0, isLeaving: false });
          // Who asked for it may have gone meanwhile.
          if (this.#works === 0) this.#makeRoom();
        },
        (error: unknown) => {
          if (opening.signal.aborted) return;
          // Without any lane somebody has to be told.
          if (this.#lanes.length === 0) this.#failure = error;
          this.#count.refused(this.#lanes.length);
        },
      )
      .finally(() => {
        this.#opening.delete(opening);
        this.#tellWaiting();
      });
  }

  /** A channel has ended: there may be room for a lane again. */
  #hasRoom(): void {
    this.#isFull = false;
    this.#tellWaiting();
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

function leastBusy(lanes: readonly Lane[]): Lane | null {
  return lanes.reduce<Lane | null>((least, lane) => (least === null || lane.works < least.works ? lane : least), null);
}
