import type { AppError } from '../errors.ts';
import { cancelled } from '../errors.ts';
import { disconnected, fromWire } from './errors.ts';
import type { Reply } from './frames.ts';
import { parseFrame } from './frames.ts';
import { Incoming } from './incoming.ts';
import type { CallOptions } from './procedure.ts';
import type { Router } from './serve.ts';
import { createRouter } from './serve.ts';
import type { StreamUnit, Subscription, SubscriptionLink } from './subscription.ts';
import { createSubscription } from './subscription.ts';
import type { Wire } from './wire.ts';

/** What a client is built on. */
export interface Caller {
  call(name: string, input: unknown, options?: CallOptions): Promise<unknown>;
  subscribe(name: string, input: unknown, unit: StreamUnit, options?: CallOptions): AsyncIterable<unknown>;
}

/** How many calls and streams are open: ours to the other side (out), and the other side's to us (in). */
export interface OpenCounts {
  readonly callsOut: number;
  readonly streamsOut: number;
  readonly callsIn: number;
  readonly streamsIn: number;
}

/** One end of a wire. Both ends may serve and call. When the wire closes, all that is open ends with `disconnected` and handlers are aborted. */
export class Peer implements Caller {
  readonly #wire: Wire;
  readonly #incoming: Incoming;
  readonly #calls = new Map<number, { resolve(value: unknown): void; reject(error: AppError): void }>();
  readonly #streams = new Map<number, Subscription>();
  #lastId = 0;
  #closed = false;

  /** `onMalformed` hears of frames that are dropped because they are none; the wire stays open. */
  constructor(wire: Wire, options: { readonly router?: Router; readonly onMalformed?: (reason: string) => void } = {}) {
    const router = options.router ?? createRouter({}, {}, { log: () => undefined });
    this.#wire = wire;
    this.#incoming = new Incoming(router, (frame) => wire.send(frame));
    wire.onClose(() => this.#disconnect());
    wire.onMessage((received) => {
      const parsed = parseFrame(received);
      if (parsed.kind === 'reply') return this.#receive(parsed.frame);
      const reason = parsed.kind === 'malformed' ? parsed.reason : this.#incoming.receive(parsed.frame);
      if (reason !== null) options.onMalformed?.(reason);
    });
  }

  async call(name: string, input: unknown, { signal, deadlineMs }: CallOptions = {}): Promise<unknown> {
    if (this.#closed) throw disconnected();
    if (signal?.aborted === true) throw cancelled();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const giveUp = (error: AppError): void => {
      this.#wire.send({ kind: 'cancel', id });
      reject(error);
    };
    const onAbort = (): void => giveUp(cancelled());
    const onLate = (): void => giveUp(disconnected(`${name} gave no answer within ${Number(deadlineMs) / 1000} s.`));
    const timer = deadlineMs === undefined ? null : setTimeout(onLate, deadlineMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#calls.set(id, { resolve, reject });
    try {
      this.#wire.send({ kind: 'call', id, name, input });
      return await promise;
    } finally {
      this.#calls.delete(id);
      signal?.removeEventListener('abort', onAbort);
      if (timer !== null) clearTimeout(timer);
    }
  }

  subscribe(name: string, input: unknown, unit: StreamUnit, options: CallOptions = {}): AsyncIterable<unknown> {
    const link: SubscriptionLink = {
      open: (subscription) => {
        if (this.#closed) throw disconnected();
        this.#streams.set(++this.#lastId, subscription);
        return this.#lastId;
      },
      send: (frame) => this.#wire.send(frame),
      release: (id) => this.#streams.delete(id),
    };
    return { [Symbol.asyncIterator]: () => createSubscription(link, { name, input }, unit, options.signal) };
  }

  get open(): OpenCounts {
    const incoming = this.#incoming;
    return {
      callsOut: this.#calls.size,
      streamsOut: this.#streams.size,
      callsIn: incoming.count('call'),
      streamsIn: incoming.count('stream'),
    };
  }

  close(): void {
    this.#wire.close();
  }

  /** Replies to what is no longer open are late, not wrong: they are dropped. */
  #receive(frame: Reply): void {
    const stream = this.#streams.get(frame.id);
    if (frame.kind === 'ok') this.#calls.get(frame.id)?.resolve(frame.value);
    else if (frame.kind === 'item') stream?.deliver(frame.value);
    else if (frame.kind === 'end') stream?.end(null);
    else {
      const error = fromWire(frame.error);
      this.#calls.get(frame.id)?.reject(error);
      stream?.end(error);
    }
  }

  #disconnect(): void {
    this.#closed = true;
    for (const call of [...this.#calls.values()]) call.reject(disconnected());
    for (const stream of [...this.#streams.values()]) stream.end(disconnected());
    this.#incoming.disconnect();
  }
}
