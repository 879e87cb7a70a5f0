import type { ConnectionStatus } from '../../../shared/contract/connections.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logging/logger.ts';
import { BackOff, GOOD_AFTER_MS } from './back-off.ts';
import { clockWords, mayRetry, stateAfter } from './connection-words.ts';
import type { HostKeys, HostSpec } from './host-spec.ts';
import { RemoteError } from './remote-host.ts';
import type { SignInPrompts } from './sign-in-prompts.ts';
import type { ConnectSsh, SshConnection } from './ssh-transport.ts';

const KEEPALIVE_MS = 15_000;
const KEEPALIVE_MISSES = 3;
const WAKE_PING_MS = 3_000;
/** A call waits for the next attempt when it is as near as this; else it fails at once. */
const SOON_MS = 2_000;
const NOTIFY_EVERY_MS = 5_000;

export interface HostLinkDeps {
  readonly site: string;
  readonly resolve: () => Promise<HostSpec>;
  readonly hostKeys: HostKeys;
  readonly prompts: SignInPrompts;
  readonly clock: Clock;
  readonly log: Logger;
  readonly connect: ConnectSsh;
}

interface Attempt {
  readonly ask: 'person' | 'nobody';
  readonly promise: Promise<SshConnection>;
  readonly abort: AbortController;
  readonly startedAt: number;
  waiters: number;
  /** Another one was begun in its place. */
  superseded: boolean;
}

/** The one connection to a host: made when it is needed, watched, and made again after a loss; stopped by whatever only a person can answer. */
export class HostLink {
  readonly #d: HostLinkDeps;
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();
  readonly #passphrases = new Map<string, string>();
  readonly #backOff = new BackOff();
  #state: ConnectionStatus['state'] = 'idle';
  #message: string | null = null;
  #hint: string | null = null;
  #heardAt: number | null = null;
  #retryAt: number | null = null;
  #reducedConfig = false;
  #roundTripMs: number | null = null;
  #notifiedAt = 0;
  #connection: SshConnection | null = null;
  #connectedAt = 0;
  #attempt: Attempt | null = null;
  /** Why nothing is tried without a person. */
  #stopped: RemoteError | null = null;
  #failure: Error | null = null;
  #retryTimer: NodeJS.Timeout | undefined;
  #keepalive: NodeJS.Timeout | undefined;
  #disposed = false;
  /** Called with every new connection. */
  onConnected: (connection: SshConnection) => void = () => {};

  constructor(deps: HostLinkDeps) {
    this.#d = deps;
  }

  get status(): ConnectionStatus {
    const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
    return {
      state: this.#state,
      message: this.#message,
      hint: this.#hint,
      heardAt: iso(this.#heardAt),
      retryAt: iso(this.#retryAt),
      reducedConfig: this.#reducedConfig,
      roundTripMs: this.#roundTripMs,
    };
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The host has answered something; `roundTripMs` when that tells how long the way there and back is. */
  heard(roundTripMs: number | null): void {
    this.#heardAt = this.#d.clock.now();
    if (roundTripMs !== null) this.#roundTripMs = Math.round(roundTripMs * 10) / 10;
    if (this.#heardAt - this.#notifiedAt >= NOTIFY_EVERY_MS) this.#notify();
  }

  /** The connection, made if there is none. @throws RemoteError */
  async connection(ask: 'person' | 'nobody', signal?: AbortSignal): Promise<SshConnection> {
    for (;;) {
      if (this.#disposed) throw new RemoteError('cancelled', 'The site is being closed.');
      refuseAborted(signal);
      if (this.#connection !== null) return this.#connection;
      if (this.#attempt === null) {
        if (ask === 'nobody') {
          if (this.#stopped !== null) throw this.#stopped;
          if (this.#retryAt !== null) {
            const wait = this.#retryAt - this.#d.clock.now();
            if (wait > SOON_MS) throw this.#failure ?? new RemoteError('unreachable', this.#message ?? 'not connected');
            await pause(Math.max(wait, 10), signal);
            continue;
          }
        }
        this.#begin(ask);
      }
      const attempt = this.#attempt!;
      try {
        return await this.#await(attempt, signal);
      } catch (error) {
        refuseAborted(signal);
        if (this.#disposed) throw error;
        if (attempt.superseded) continue;
        // It failed for want of a person, and here is one.
        if (ask === 'nobody' || attempt.ask === 'person') throw error;
      }
    }
  }

  /** Looks whether the connection lives; replaces it when not, and does not wait for the next attempt otherwise. */
  wake(): void {
    if (this.#disposed) return;
    const connection = this.#connection;
    if (connection !== null) {
      void connection.ping(WAKE_PING_MS).then((alive) => {
        if (alive || this.#connection !== connection) return;
        this.#backOff.reset();
        this.#lost(connection, 'no answer after a pause');
        this.#begin('nobody');
      });
      return;
    }
    const attempt = this.#attempt;
    if (attempt !== null) {
      // It may hang in a network that is gone.
      if (attempt.ask === 'nobody' && this.#d.clock.now() - attempt.startedAt > WAKE_PING_MS) {
        this.#backOff.reset();
        attempt.superseded = true;
        this.#begin('nobody');
        attempt.abort.abort();
      }
      return;
    }
    if (this.#retryAt !== null) {
      this.#backOff.reset();
      this.#begin('nobody');
    }
  }

  /** Ends the connection and forgets passphrases. */
  disconnect(): void {
    this.#clearRetry();
    const connection = this.#connection;
    this.#connection = null;
    clearInterval(this.#keepalive);
    this.#attempt?.abort.abort();
    this.#attempt = null;
    this.#stopped = null;
    this.#failure = null;
    this.#passphrases.clear();
    connection?.close();
    this.#set('idle', null, null);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.disconnect();
    this.#listeners.clear();
  }

  #begin(ask: 'person' | 'nobody'): void {
    this.#clearRetry();
    this.#stopped = null;
    const abort = new AbortController();
    const promise = this.#connect(ask, abort.signal);
    const attempt: Attempt = { ask, promise, abort, startedAt: this.#d.clock.now(), waiters: 0, superseded: false };
    this.#attempt = attempt;
    this.#set('connecting', this.#heardAt === null ? null : this.#message, null);
    promise.then(
      (connection) => {
        if (this.#attempt !== attempt) return connection.close();
        this.#attempt = null;
        this.#connected(connection);
      },
      (error: unknown) => {
        if (this.#attempt !== attempt) return;
        this.#attempt = null;
        this.#failed(error);
      },
    );
  }

  async #connect(ask: 'person' | 'nobody', signal: AbortSignal): Promise<SshConnection> {
    const spec = await this.#d.resolve();
    this.#reducedConfig = spec.reducedConfig;
    const { site, prompts, hostKeys } = this.#d;
    return await this.#d.connect(spec, { site, ask, prompts, hostKeys, passphrases: this.#passphrases }, signal);
  }

  async #await(attempt: Attempt, signal?: AbortSignal): Promise<SshConnection> {
    attempt.waiters++;
    let leave = (): void => {};
    try {
      if (signal === undefined) return await attempt.promise;
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(cancelled());
        signal.addEventListener('abort', leave, { once: true });
      });
      return await Promise.race([attempt.promise, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      // The last one who wanted it has gone: no question stays open for nobody.
      if (--attempt.waiters === 0 && signal?.aborted === true && attempt.ask === 'person') attempt.abort.abort();
    }
  }

  #connected(connection: SshConnection): void {
    this.#connection = connection;
    this.#connectedAt = this.#d.clock.now();
    this.#heardAt = this.#connectedAt;
    this.#failure = null;
    this.#set('connected', null, null);
    this.#d.log.info({ site: this.#d.site }, 'connected');
    void connection.closed.then((reason) => this.#lost(connection, reason));
    this.#keepAlive(connection);
    this.onConnected(connection);
  }

  #keepAlive(connection: SshConnection): void {
    let misses = 0;
    let asking = false;
    const ask = (): void => {
      if (asking) return;
      asking = true;
      const started = performance.now();
      void connection.ping(KEEPALIVE_MS).then((alive) => {
        asking = false;
        if (this.#connection !== connection) return;
        if (alive) {
          misses = 0;
          this.heard(performance.now() - started);
        } else if (++misses >= KEEPALIVE_MISSES) {
          this.#lost(connection, `no answer for ${(KEEPALIVE_MISSES * KEEPALIVE_MS) / 1000} s`);
        }
      });
    };
    clearInterval(this.#keepalive);
    this.#keepalive = setInterval(ask, KEEPALIVE_MS);
    this.#keepalive.unref();
    ask();
  }

  #lost(connection: SshConnection, reason: string): void {
    if (this.#connection !== connection) return;
    this.#connection = null;
    clearInterval(this.#keepalive);
    connection.close();
    this.#d.log.warn({ site: this.#d.site, reason }, 'connection lost');
    if (this.#d.clock.now() - this.#connectedAt >= GOOD_AFTER_MS) this.#backOff.reset();
    this.#failure = new RemoteError('unreachable', this.#unheard(reason));
    this.#retryLater();
    this.#set('unreachable', this.#unheard(reason), null);
  }

  #failed(error: unknown): void {
    const remote = error instanceof RemoteError ? error : null;
    const message = error instanceof Error ? error.message : String(error);
    this.#d.log.warn({ site: this.#d.site, kind: remote?.kind ?? 'settings', reason: message }, 'no connection');
    if (remote === null) {
      // The settings are wrong: nothing to wait for, and the next call reads them again.
      this.#set('unreachable', message, null);
      return;
    }
    if (mayRetry(remote.kind)) {
      const words = this.#heardAt === null ? message : this.#unheard(message);
      this.#failure = this.#heardAt === null ? remote : new RemoteError(remote.kind, words, { hint: remote.hint });
      this.#retryLater();
      this.#set('unreachable', words, remote.hint);
      return;
    }
    const stopped =
      remote.kind === 'cancelled' ? new RemoteError('sign-in-needed', message, { hint: 'Sign in to go on.' }) : remote;
    this.#stopped = stopped;
    this.#set(stateAfter(stopped.kind), stopped.message, stopped.hint);
  }

  #unheard(reason: string): string {
    if (this.#heardAt === null) return reason;
    return `Not heard from since ${clockWords(this.#heardAt, this.#d.clock.now())}: ${reason.replace(/\.?$/, '.')}`;
  }

  #retryLater(): void {
    this.#clearRetry();
    if (this.#disposed) return;
    const wait = this.#backOff.next();
    this.#retryAt = this.#d.clock.now() + wait;
    this.#retryTimer = setTimeout(() => {
      if (this.#connection === null && this.#attempt === null) this.#begin('nobody');
    }, wait);
    this.#retryTimer.unref();
  }

  #clearRetry(): void {
    clearTimeout(this.#retryTimer);
    this.#retryAt = null;
  }

  #set(state: ConnectionStatus['state'], message: string | null, hint: string | null): void {
    this.#state = state;
    this.#message = message;
    this.#hint = hint;
    this.#notify();
  }

  #notify(): void {
    this.#notifiedAt = this.#d.clock.now();
    const status = this.status;
    for (const listener of this.#listeners) listener(status);
  }
}

function refuseAborted(signal?: AbortSignal): void {
  if (signal?.aborted === true) throw cancelled();
}

function cancelled(): RemoteError {
  return new RemoteError('cancelled', 'Cancelled before anything was sent.');
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      clearTimeout(timer);
      reject(cancelled());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', leave);
      resolve();
    }, ms);
    signal?.addEventListener('abort', leave, { once: true });
  });
}
