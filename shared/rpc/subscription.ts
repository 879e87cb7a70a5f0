import type { AppError } from '../errors.ts';
import { cancelled } from '../errors.ts';
import type { Request } from './frames.ts';

/** What one unit of credit is: an item of a `stream`, or a byte of a `bytes`. */
export type StreamUnit = 'items' | 'bytes';

/** One item waits on our side while the consumer works on the one before: a slow consumer slows the producer. */
const ITEM_WINDOW = 1;
/** Bytes that may be under way or waiting on the consumer's side. */
export const BYTE_WINDOW = 256 * 1024;

/** The consumer's half of a stream, as the peer sees it. */
export interface Subscription extends AsyncIterator<unknown> {
  deliver(value: unknown): void;
  /** No more will come. Items that wait are still given out, then the error. */
  end(error: AppError | null): void;
}

export interface SubscriptionLink {
  /** Registers under a new id. Throws `disconnected`. */
  open(subscription: Subscription): number;
  send(frame: Request): void;
  release(id: number): void;
}

/** Subscribes at the first `next()`, gives credit back as items are taken, unsubscribes on `return()` or abort. */
export function createSubscription(
  link: SubscriptionLink,
  request: { readonly name: string; readonly input: unknown },
  unit: StreamUnit,
  signal: AbortSignal | undefined,
): Subscription {
  const window = unit === 'bytes' ? BYTE_WINDOW : ITEM_WINDOW;
  const queue: unknown[] = [];
  const waiting: PromiseWithResolvers<IteratorResult<unknown>>[] = [];
  let id: number | null = null;
  let unacked = 0;
  let ended = false;
  let failure: AppError | null = null;

  /** Acks in quarters of the window: few frames, and the producer never runs dry. */
  function take(value: unknown): IteratorResult<unknown> {
    unacked += unit === 'bytes' && value instanceof Uint8Array ? value.byteLength : 1;
    if (!ended && id !== null && unacked >= window / 4) {
      link.send({ kind: 'ack', id, credit: unacked });
      unacked = 0;
    }
    return { done: false, value };
  }
  function end(error: AppError | null): void {
    if (ended) return;
    ended = true;
    signal?.removeEventListener('abort', onAbort);
    if (id !== null) link.release(id);
    const first = error === null ? undefined : waiting.shift();
    if (first === undefined) failure = error;
    else first.reject(error);
    for (const waiter of waiting.splice(0)) waiter.resolve({ done: true, value: undefined });
  }
  function leave(error: AppError | null): void {
    queue.length = 0;
    if (!ended && id !== null) link.send({ kind: 'unsubscribe', id });
    end(error);
  }
  function onAbort(): void {
    leave(cancelled());
  }
  function subscribe(): void {
    if (signal?.aborted === true) throw cancelled();
    id = link.open(subscription);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      link.send({ kind: 'subscribe', id, ...request, credit: window });
    } catch (error) {
      end(null);
      throw error;
    }
  }
  const subscription: Subscription = {
    next: async () => {
      if (id === null && !ended) subscribe();
      if (queue.length > 0) return take(queue.shift());
      if (failure !== null) {
        const error = failure;
        failure = null;
        throw error;
      }
      if (ended) return { done: true, value: undefined };
      const waiter = Promise.withResolvers<IteratorResult<unknown>>();
      waiting.push(waiter);
      return waiter.promise;
    },
    return: async () => {
      leave(null);
      return { done: true, value: undefined };
    },
    deliver: (value) => {
      const waiter = waiting.shift();
      if (waiter === undefined) queue.push(value);
      else waiter.resolve(take(value));
    },
    end,
  };
  return subscription;
}
