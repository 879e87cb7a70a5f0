import { AppError } from '../../shared/errors.ts';
import type { Handlers } from '../../shared/rpc/procedure.ts';
import { bytes, command, query, stream } from '../../shared/rpc/procedure.ts';
import { z } from '../../shared/zod.ts';

/** Enough procedures to try every feature of the peer. */
export const smallContract = {
  echo: {
    value: query(z.object({ value: z.unknown() }), z.object({ value: z.unknown() })),
    limited: query(z.object({ count: z.number().int().max(10), name: z.string() }), z.object({ count: z.number() })),
    add: command(z.object({ amount: z.number().default(1) }), z.object({ total: z.number() })),
    fail: query(z.object({ how: z.enum(['expected', 'caused', 'unexpected', 'details']) }), z.object({})),
    wait: query(z.object({}), z.object({})),
    uncloneable: query(z.object({ what: z.enum(['function', 'date', 'nan']) }), z.object({ value: z.unknown() })),
  },
  live: {
    count: stream(z.object({ to: z.number().int() }), z.object({ n: z.number() })),
    silent: stream(z.object({}), z.object({})),
    deaf: stream(z.object({}), z.object({})),
    breaks: stream(z.object({ after: z.number() }), z.object({ n: z.number() })),
    uncloneable: stream(z.object({}), z.object({ value: z.unknown() })),
    chunks: bytes(z.object({ chunks: z.number().int(), size: z.number().int() })),
  },
};

export interface Seen {
  /** Signals of the handlers that ran, oldest first. */
  readonly signals: AbortSignal[];
  /** How often a producer has been torn down. */
  ended: number;
  /** Items or bytes that producers have given. */
  produced: number;
}

/** The byte at `index` of the sequence that `live.chunks` gives. */
export function byteAt(index: number): number {
  return (index * 7 + (index >> 8)) & 255;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Handlers, with what they saw. */
export function createSmallHandlers(): { handlers: Handlers<typeof smallContract>; seen: Seen } {
  const seen: Seen = { signals: [], ended: 0, produced: 0 };
  let total = 0;
  async function* producing<T>(signal: AbortSignal, items: () => AsyncGenerator<T>): AsyncGenerator<T> {
    seen.signals.push(signal);
    try {
      yield* items();
    } finally {
      seen.ended += 1;
    }
  }
  const uncloneables = { function: () => 1, date: new Date(0), nan: Number.NaN };
  const failures = {
    expected: () =>
      new AppError('files/no_space', 'The disk is full.', { details: { free: 7 }, retryable: true, ref: 'abc' }),
    caused: () => new AppError('files/denied', 'The file cannot be read.', { cause: new Error('EACCES secret') }),
    unexpected: () => new TypeError('secret of the stack'),
    details: () => new AppError('jobs/ambiguous', 'Two jobs fit.', { details: { pick: () => 1 } }),
  };
  const handlers: Handlers<typeof smallContract> = {
    echo: {
      value: ({ value }) => ({ value }),
      limited: ({ count }) => ({ count }),
      add: ({ amount }) => ({ total: (total += amount) }),
      fail: ({ how }) => {
        throw failures[how]();
      },
      wait: (_input, { signal }) => {
        seen.signals.push(signal);
        return untilAborted(signal);
      },
      uncloneable: ({ what }) => ({ value: uncloneables[what] }),
    },
    live: {
      count: ({ to }, { signal }) =>
        producing(signal, async function* () {
          for (let n = 1; n <= to; n++) {
            seen.produced += 1;
            yield { n };
          }
        }),
      silent: (_input, { signal }) =>
        producing(signal, async function* () {
          await untilAborted(signal);
          yield {};
        }),
      // Ends by `return()` only; does not look at its signal.
      deaf: (_input, { signal }) => {
        seen.signals.push(signal);
        const { promise, resolve } = Promise.withResolvers<IteratorResult<Record<string, never>>>();
        const end = (): Promise<IteratorResult<Record<string, never>>> => {
          resolve({ done: true, value: undefined });
          return promise;
        };
        void promise.then(() => (seen.ended += 1));
        return { [Symbol.asyncIterator]: () => ({ next: () => promise, return: end }) };
      },
      breaks: ({ after }, { signal }) =>
        producing(signal, async function* () {
          for (let n = 1; n <= after; n++) yield { n };
          throw failures.expected();
        }),
      uncloneable: (_input, { signal }) =>
        producing(signal, async function* () {
          yield { value: 1 };
          yield { value: uncloneables.function };
        }),
      chunks: ({ chunks, size }, { signal }) =>
        producing(signal, async function* () {
          for (let i = 0; i < chunks; i++) {
            const start = seen.produced;
            seen.produced += size;
            // A Buffer that is a view, as file reads give them.
            yield Buffer.alloc(size + 16)
              .subarray(16)
              .map((_zero, k) => byteAt(start + k));
          }
        }),
    },
  };
  return { handlers, seen };
}
