import { cancelled } from '../errors.ts';
import type { Reply, Request } from './frames.ts';
import type { Router } from './serve.ts';

/** Chunks on the wire are at most this long, whatever the producer gives. */
const CHUNK_BYTES = 64 * 1024;

/** A call that we answer, or a stream that we produce; `credit` is what its consumer can still take. */
interface Served {
  readonly controller: AbortController;
  readonly kind: 'call' | 'stream';
  credit: number;
  wake: () => void;
}

/** What is left of the credit, once there is some. */
async function someCredit(served: Served): Promise<number> {
  while (served.credit <= 0) await new Promise<void>((resolve) => (served.wake = resolve));
  return served.credit;
}

function addCredit(served: Served, credit: number): void {
  served.credit += credit;
  served.wake();
}

/** The serving half of a peer: calls and subscriptions of the other side, each with its AbortController. */
export class Incoming {
  readonly #router: Router;
  readonly #send: (frame: Reply) => void;
  readonly #served = new Map<number, Served>();

  constructor(router: Router, send: (frame: Reply) => void) {
    this.#router = router;
    this.#send = send;
  }

  /** Returns what is wrong with the frame, or null. Frames for what is no longer open are late, not wrong. */
  receive(frame: Request): string | null {
    const served = this.#served.get(frame.id);
    if (frame.kind === 'call' || frame.kind === 'subscribe') {
      if (served !== undefined) return `id ${frame.id} is open already`;
      void (frame.kind === 'call' ? this.#answer(frame) : this.#produce(frame));
    } else if (frame.kind === 'ack') {
      if (served !== undefined) addCredit(served, frame.credit);
    } else served?.controller.abort(cancelled());
    return null;
  }

  disconnect(): void {
    for (const { controller } of [...this.#served.values()]) controller.abort(cancelled());
  }

  count(kind: Served['kind']): number {
    return [...this.#served.values()].filter((served) => served.kind === kind).length;
  }

  #begin(id: number, kind: Served['kind'], credit: number): Served {
    const served = { controller: new AbortController(), kind, credit, wake: () => undefined };
    this.#served.set(id, served);
    return served;
  }

  async #answer({ id, name, input }: Extract<Request, { kind: 'call' }>): Promise<void> {
    const { signal } = this.#begin(id, 'call', 0).controller;
    try {
      const value = await this.#router.call(name, input, signal);
      if (!signal.aborted) this.#send({ kind: 'ok', id, value });
    } catch (error) {
      if (!signal.aborted) this.#fail(id, name, error);
    } finally {
      this.#served.delete(id);
    }
  }

  async #produce({ id, name, input, credit }: Extract<Request, { kind: 'subscribe' }>): Promise<void> {
    const served = this.#begin(id, 'stream', credit);
    const { signal } = served.controller;
    let iterator: AsyncIterator<unknown> | null = null;
    // `return()` at once, so that iterators that wait in `next()` without looking at the signal end too. The credit
    // wakes the loop below, which then sees that it is over.
    const leave = (): void => {
      addCredit(served, Number.MAX_SAFE_INTEGER);
      iterator?.return?.().catch(() => undefined);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      const { unit, items, check } = this.#router.open(name, input, signal);
      iterator = items[Symbol.asyncIterator]();
      for (;;) {
        await someCredit(served);
        const next = signal.aborted ? null : await iterator.next();
        if (next === null || signal.aborted) return;
        if (next.done === true) return this.#send({ kind: 'end', id });
        check(next.value);
        if (unit === 'bytes') await this.#sendBytes(id, next.value as Uint8Array, served);
        else {
          served.credit -= 1;
          this.#send({ kind: 'item', id, value: next.value });
        }
      }
    } catch (error) {
      if (!signal.aborted) this.#fail(id, name, error);
    } finally {
      signal.removeEventListener('abort', leave);
      await iterator?.return?.().catch(() => undefined);
      this.#served.delete(id);
    }
  }

  /** Sends no more than the credit allows; every piece is a copy with a buffer of its own, because cloning a view clones all that is behind it. */
  async #sendBytes(id: number, bytes: Uint8Array, served: Served): Promise<void> {
    for (let at = 0, length = 0; at < bytes.byteLength; at += length) {
      length = Math.min(await someCredit(served), CHUNK_BYTES, bytes.byteLength - at);
      if (served.controller.signal.aborted) return;
      served.credit -= length;
      this.#send({ kind: 'item', id, value: new Uint8Array(bytes.subarray(at, at + length)) });
    }
  }

  #fail(id: number, name: string, thrown: unknown): void {
    const error = this.#router.wireError(name, thrown);
    try {
      this.#send({ kind: 'fail', id, error });
    } catch {
      this.#send({ kind: 'fail', id, error: { ...error, details: null } });
    }
  }
}
