import { RemoteError } from './remote-host.ts';

export type Lane = 'interactive' | 'bulk';

interface Waiter {
  readonly lane: Lane;
  readonly admit: () => void;
  readonly onWait: () => void;
}

/** Channels that are kept free of bulk transfers. */
const RESERVED = 3;

/** How many channels a host may have open at once: first come, first served, but bulk work never takes the last ones. The limit sinks when the server refuses. */
export class ChannelGate {
  readonly #waiting: Waiter[] = [];
  readonly #most: number;
  #limit: number;
  #open = 0;
  #bulk = 0;
  /** Called when somebody has to wait. */
  onWait: () => void = () => {};

  constructor(most: number) {
    this.#most = most;
    this.#limit = most;
  }

  get limit(): number {
    return this.#limit;
  }

  get open(): number {
    return this.#open;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Waits for a channel's place; the returned function gives it back (once). `onWait`: called when there is none, and again when a place was given back and it is still not its turn. @throws RemoteError `cancelled` */
  async enter(lane: Lane, signal?: AbortSignal, onWait: () => void = () => {}): Promise<() => void> {
    if (signal?.aborted === true) throw cancelledWait();
    if (this.#waiting.some((w) => w.lane === lane || lane === 'bulk') || !this.#hasRoom(lane))
      await this.#wait(lane, signal, onWait);
    else this.#take(lane);
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      this.#open--;
      if (lane === 'bulk') this.#bulk--;
      this.#admit();
    };
  }

  /** The server refused one more channel while `open` were open: the limit is learnt. */
  refused(open: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, open));
  }

  /** A new connection may allow more. */
  reset(): void {
    this.#limit = this.#most;
    this.#admit();
  }

  #hasRoom(lane: Lane): boolean {
    if (this.#open >= this.#limit) return false;
    return lane === 'interactive' || this.#bulk < Math.max(1, Math.min(this.#most - RESERVED, this.#limit - 1));
  }

  #take(lane: Lane): void {
    this.#open++;
    if (lane === 'bulk') this.#bulk++;
  }

  #wait(lane: Lane, signal: AbortSignal | undefined, onWait: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        lane,
        onWait,
        admit: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      const leave = (): void => {
        const at = this.#waiting.indexOf(waiter);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(cancelledWait());
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#waiting.push(waiter);
      this.onWait();
      onWait();
    });
  }

  #admit(): void {
    for (;;) {
      const at = this.#waiting.findIndex((w) => this.#hasRoom(w.lane));
      if (at < 0) break;
      const [waiter] = this.#waiting.splice(at, 1);
      this.#take(waiter!.lane);
      waiter!.admit();
    }
    for (const { onWait } of [...this.#waiting]) onWait();
  }
}

function cancelledWait(): RemoteError {
  return new RemoteError('cancelled', 'Cancelled before anything was sent.');
}
