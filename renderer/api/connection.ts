import type { AppError } from '../../shared/errors.ts';
import { isAppError } from '../../shared/errors.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { disconnected } from '../../shared/rpc/errors.ts';
import type { Caller } from '../../shared/rpc/peer.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import type { Client, Contract } from '../../shared/rpc/procedure.ts';
import type { Wire } from '../../shared/rpc/wire.ts';

export interface ConnectionState {
  /** `connecting` only before the first success or failure; afterwards it is `open` or `lost`. */
  readonly state: 'connecting' | 'open' | 'lost';
  /** Milliseconds since 1970, when it became so. */
  readonly since: number;
  /** Why it is lost. */
  readonly problem: AppError | null;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/**
 * The page's lasting tie to the core. Connects, and connects again with growing pauses; `client` stays the same object
 * throughout. Calls wait while the first connection is made and fail with `disconnected` while it is lost. Observable by
 * `useSyncExternalStore(connection.subscribe, connection.getSnapshot)`.
 */
export class Connection<C extends Contract> {
  readonly client: Client<C>;
  readonly #connect: (signal: AbortSignal) => Promise<Wire>;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<() => void>();
  #snapshot: ConnectionState = { state: 'connecting', since: Date.now(), problem: null };
  #peer: Peer | null = null;
  #wake: (() => void) | null = null;

  /** `connect` makes one wire; a rejection with `unauthorized` or `not_supported` is not tried again until `retry()`. */
  constructor(contract: C, connect: (signal: AbortSignal) => Promise<Wire>) {
    this.#connect = connect;
    this.client = createClient(this.#caller(), contract);
    void this.#run();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly getSnapshot = (): ConnectionState => this.#snapshot;

  /** Tries now instead of at the end of the pause. */
  retry(): void {
    this.#wake?.();
  }

  /** Ends for good: what is open fails, nothing is tried again. */
  close(): void {
    this.#closing.abort();
    this.#peer?.close();
    this.#wake?.();
  }

  /**
   * Follows a live view over reconnects: each time the stream is opened anew, so its first item is a snapshot again.
   * `openStream` must pass `signal` on. `onProblem` gets the error that ended it, other than a lost connection.
   * Returns the function that stops it.
   */
  watch<T>(
    openStream: (client: Client<C>, options: { readonly signal: AbortSignal }) => AsyncIterable<T>,
    onItem: (item: T) => void,
    onProblem: (error: unknown) => void = () => undefined,
  ): () => void {
    const stop = new AbortController();
    void this.#follow(openStream, onItem, onProblem, stop.signal);
    return () => stop.abort();
  }

  async #follow<T>(
    openStream: (client: Client<C>, options: { readonly signal: AbortSignal }) => AsyncIterable<T>,
    onItem: (item: T) => void,
    onProblem: (error: unknown) => void,
    signal: AbortSignal,
  ): Promise<void> {
    while (await this.#whenOpen(signal)) {
      const peer = this.#peer;
      try {
        for await (const item of openStream(this.client, { signal })) {
          if (signal.aborted) return;
          onItem(item);
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isAppError(error) || error.code !== 'disconnected') return onProblem(error);
        // The core itself may have said so, of a site: then the wire is up and only time helps.
        if (peer === this.#peer && peer !== null) await pause(FIRST_PAUSE_MS * 4, signal);
      }
    }
  }

  /** False when `signal` or the connection has ended. */
  async #whenOpen(signal: AbortSignal): Promise<boolean> {
    const ended = (): boolean => signal.aborted || this.#closing.signal.aborted;
    while (!ended() && this.#peer === null) await this.#change(signal);
    return !ended();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        leave();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const leave = this.subscribe(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #set(state: ConnectionState['state'], problem: AppError | null): void {
    const since = state === this.#snapshot.state ? this.#snapshot.since : Date.now();
    this.#snapshot = { state, since, problem };
    for (const listener of [...this.#listeners]) listener();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted;) {
      let problem = disconnected('The connection to Slipway was lost.');
      try {
        const wire = await this.#connect(signal);
        const closed = new Promise<void>((resolve) => wire.onClose(resolve));
        this.#peer = new Peer(wire);
        if (signal.aborted) this.#peer.close();
        else this.#set('open', null);
        failures = 0;
        await closed;
      } catch (error) {
        if (isAppError(error)) problem = error;
      }
      this.#peer = null;
      this.#set('lost', problem);
      if (!signal.aborted) await this.#pauseAfter(problem, failures++);
    }
  }

  /** With some chance in it, so that several tabs do not come at once. */
  async #pauseAfter(problem: AppError, failures: number): Promise<void> {
    const hopeless = problem.code === 'unauthorized' || problem.code === 'not_supported';
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    const wake = new AbortController();
    this.#wake = () => wake.abort();
    await pause(hopeless ? Number.POSITIVE_INFINITY : longest * (0.5 + Math.random() / 2), wake.signal);
    this.#wake = null;
  }

  async #ready(): Promise<Peer> {
    while (this.#snapshot.state === 'connecting') await this.#change(this.#closing.signal);
    if (this.#peer === null) throw this.#snapshot.problem ?? disconnected();
    return this.#peer;
  }

  #caller(): Caller {
    return {
      call: async (name, input, options) => (await this.#ready()).call(name, input, options),
      subscribe: (name, input, unit, options) => ({
        [Symbol.asyncIterator]: () =>
          lateIterator(async () => (await this.#ready()).subscribe(name, input, unit, options)[Symbol.asyncIterator]()),
      }),
    };
  }
}

/** An iterator that is made at the first `next()`. Not a generator: its `return()` would wait for the `next()` under way. */
function lateIterator<T>(make: () => Promise<AsyncIterator<T>>): AsyncIterator<T> {
  let made: Promise<AsyncIterator<T>> | null = null;
  return {
    next: async () => (await (made ??= make())).next(),
    return: async () => {
      await made?.then((inner) => inner.return?.());
      return { done: true, value: undefined };
    },
  };
}

/** Ends after the time (never, when it is infinite) or when `signal` is aborted. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = Number.isFinite(milliseconds) ? setTimeout(done, milliseconds) : undefined;
    signal.addEventListener('abort', done, { once: true });
  });
}
