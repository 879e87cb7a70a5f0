import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AppError, ErrorCode } from '../../shared/errors.ts';
import { isAppError } from '../../shared/errors.ts';
import { createClient } from '../../shared/rpc/client.ts';
import { Peer } from '../../shared/rpc/peer.ts';
import type { Client } from '../../shared/rpc/procedure.ts';
import { createRouter } from '../../shared/rpc/serve.ts';
import { BYTE_WINDOW } from '../../shared/rpc/subscription.ts';
import type { Seen } from './small-contract.ts';
import { byteAt, createSmallHandlers, smallContract } from './small-contract.ts';
import type { WirePair } from './wire-pairs.ts';
import { WIRES } from './wire-pairs.ts';

const NOTHING_OPEN = { callsOut: 0, streamsOut: 0, callsIn: 0, streamsIn: 0 };

/** The error that a promise ends with. */
async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  try {
    await promise;
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode> {
  return (await failureOf(promise)).code;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each(WIRES)('over $name', ({ open }) => {
  let pair: WirePair;
  let server: Peer;
  let peer: Peer;
  let client: Client<typeof smallContract>;
  let seen: Seen;
  let logged: { readonly ref: string; readonly procedure: string; readonly error: unknown }[];
  let malformed: string[];

  beforeEach(async () => {
    pair = await open();
    const small = createSmallHandlers();
    seen = small.seen;
    logged = [];
    malformed = [];
    const router = createRouter(smallContract, small.handlers, {
      log: (entry) => logged.push(entry),
      checkOutputs: true,
    });
    server = new Peer(pair.server, { router, onMalformed: (reason) => malformed.push(reason) });
    peer = new Peer(pair.client);
    client = createClient(peer, smallContract);
  });

  afterEach(async () => {
    try {
      await vi.waitFor(() =>
        expect({ here: peer.open, there: server.open }).toEqual({ here: NOTHING_OPEN, there: NOTHING_OPEN }),
      );
    } finally {
      await pair.dispose();
    }
  });

  it('answers queries and commands, with defaults of the schema filled in', async () => {
    const value = { text: 'ü€😀', list: [1, null, { deep: [true] }], empty: {} };
    expect(await client.echo.value({ value })).toEqual({ value });
    expect(await client.echo.add({})).toEqual({ total: 1 });
    expect(await client.echo.add({ amount: 4 })).toEqual({ total: 5 });
  });

  it('answers calls that overlap each with its own answer', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, (_, value) => client.echo.value({ value })));
    expect(answers).toEqual(Array.from({ length: 200 }, (_, value) => ({ value })));
  });

  it('carries bytes anywhere in a value', async () => {
    const value = {
      name: 'a',
      parts: [new Uint8Array([0, 255, 10]), new Uint8Array(0)],
      nested: { raw: new Uint8Array(70_000).fill(9) },
    };
    expect(await client.echo.value({ value })).toEqual({ value });
  });

  it('carries any JSON value unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }), async (value) => {
        const sent = JSON.parse(JSON.stringify({ value })) as { value: unknown };
        expect(await client.echo.value(sent)).toEqual(sent);
      }),
      { numRuns: 50 },
    );
  });

  it('refuses input that does not fit the schema, with one sentence per field', async () => {
    const input = { count: 11.5, name: 7 } as unknown as { count: number; name: string };
    const error = await failureOf(client.echo.limited(input));
    expect(error.code).toBe('bad_input');
    expect(error.details).toEqual(
      expect.arrayContaining([expect.stringMatching(/^count: /), expect.stringMatching(/^name: .*string/)]),
    );
    expect(error.message).toContain('echo.limited');
    expect(logged).toEqual([]);
  });

  it('brings every field of an expected error', async () => {
    const error = await failureOf(client.echo.fail({ how: 'expected' }));
    const { code, message, details, retryable, ref } = error;
    expect({ code, message, details, retryable, ref }).toEqual({
      code: 'files/no_space',
      message: 'The disk is full.',
      details: { free: 7 },
      retryable: true,
      ref: 'abc',
    });
  });

  it('keeps the cause of an error in the log, under a ref', async () => {
    const error = await failureOf(client.echo.fail({ how: 'caused' }));
    expect(error).toMatchObject({
      code: 'files/denied',
      message: 'The file cannot be read.',
      details: null,
      retryable: false,
    });
    expect(logged).toMatchObject([
      { ref: error.ref, procedure: 'echo.fail', error: { cause: { message: 'EACCES secret' } } },
    ]);
  });

  it('turns an unexpected throw into `internal` without its text', async () => {
    const error = await failureOf(client.echo.fail({ how: 'unexpected' }));
    expect(error.code).toBe('internal');
    expect(error.message).not.toContain('secret');
    expect(error.ref).toMatch(/^[a-z0-9]{8}$/);
    expect(logged).toMatchObject([
      { ref: error.ref, procedure: 'echo.fail', error: { message: 'secret of the stack' } },
    ]);
  });

  it('brings an error whose details cannot be carried, without them', async () => {
    const error = await failureOf(client.echo.fail({ how: 'details' }));
    expect(error).toMatchObject({ code: 'jobs/ambiguous', message: 'Two jobs fit.', details: null });
  });

  it.each(['function', 'date', 'nan'] as const)('refuses to send a %s and stays usable', async (what) => {
    const error = await failureOf(client.echo.uncloneable({ what }));
    expect(error).toMatchObject({ code: 'unserializable' });
    expect(error.message).toContain('value.value');
    expect(await codeOf(client.echo.value({ value: Symbol('no') }))).toBe('unserializable');
    const loop: unknown[] = [];
    loop.push(loop);
    expect(await codeOf(client.echo.value({ value: loop }))).toBe('unserializable');
    expect(await codeOf(collect(client.live.uncloneable({})))).toBe('unserializable');
    expect(await client.echo.value({ value: 1 })).toEqual({ value: 1 });
  });

  it('refuses procedures that do not exist or are of another kind', async () => {
    for (const name of ['echo.nothing', '__proto__.constructor', 'echo', 'live.count']) {
      expect(await codeOf(peer.call(name, {}))).toBe('not_supported');
    }
    for (const name of ['live.nothing', 'echo.value']) {
      expect(await codeOf(collect(peer.subscribe(name, {}, 'items')))).toBe('not_supported');
    }
    expect(await codeOf(server.call('echo.value', { value: 1 }))).toBe('not_supported');
  });

  it('lets both sides serve', async () => {
    const host = { host: { twice: smallContract.echo.value } };
    const both = new Peer(pair.client, {
      router: createRouter(
        host,
        { host: { twice: ({ value }) => ({ value: [value, value] }) } },
        { log: () => undefined },
      ),
    });
    expect(await createClient(server, host).host.twice({ value: 3 })).toEqual({ value: [3, 3] });
    expect(await createClient(both, smallContract).echo.value({ value: 4 })).toEqual({ value: 4 });
  });

  it('cancels by signal: the call ends at once and the handler is aborted', async () => {
    const controller = new AbortController();
    const call = client.echo.wait({}, { signal: controller.signal });
    await vi.waitFor(() => expect(seen.signals).toHaveLength(1));
    const started = performance.now();
    controller.abort();
    expect(await codeOf(call)).toBe('cancelled');
    await vi.waitFor(() => expect(seen.signals[0]?.aborted).toBe(true), { interval: 5 });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(isAppError(seen.signals[0]?.reason)).toBe(true);
    expect(logged).toEqual([]);
  });

  it('does not send a call whose signal is aborted already', async () => {
    const signal = AbortSignal.abort();
    expect(await codeOf(client.echo.add({}, { signal }))).toBe('cancelled');
    expect(await codeOf(collect(client.live.count({ to: 3 }, { signal })))).toBe('cancelled');
    expect(await client.echo.add({})).toEqual({ total: 1 });
  });

  it('ends a call at its deadline and aborts the handler', async () => {
    const error = await failureOf(client.echo.wait({}, { deadlineMs: 20 }));
    expect(error).toMatchObject({ code: 'disconnected', retryable: true });
    expect(error.message).toContain('echo.wait gave no answer within 0.02 s');
    await vi.waitFor(() => expect(seen.signals[0]?.aborted).toBe(true));
  });

  it('streams items in order to the end', async () => {
    expect(await collect(client.live.count({ to: 300 }))).toEqual(
      Array.from({ length: 300 }, (_, i) => ({ n: i + 1 })),
    );
    await vi.waitFor(() => expect(seen.ended).toBe(1));
    expect(await collect(client.live.count({ to: 0 }))).toEqual([]);
  });

  it('produces one item ahead of the consumer, not more', async () => {
    const items = client.live.count({ to: 1000 })[Symbol.asyncIterator]();
    expect(await items.next()).toEqual({ done: false, value: { n: 1 } });
    expect(await items.next()).toEqual({ done: false, value: { n: 2 } });
    // An answered call shows that everything sent before it has been handled.
    for (let i = 0; i < 5; i++) await client.echo.value({ value: i });
    expect(seen.produced).toBe(3);
    await items.return?.();
  });

  it('gives items that came before an error, then the error', async () => {
    const got: unknown[] = [];
    const error = await failureOf(
      (async () => {
        for await (const item of client.live.breaks({ after: 3 })) got.push(item);
      })(),
    );
    expect(got).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    expect(error).toMatchObject({ code: 'files/no_space', details: { free: 7 } });
  });

  it('tears the producer down when the consumer leaves its loop', async () => {
    for await (const { n } of client.live.count({ to: 1000 })) if (n === 3) break;
    await vi.waitFor(() => expect(seen.ended).toBe(1));
    expect(seen.signals[0]?.aborted).toBe(true);
    expect(seen.produced).toBeLessThan(6);
  });

  it('tears a silent producer down by return() and by signal', async () => {
    const items = client.live.silent({})[Symbol.asyncIterator]();
    const pending = items.next();
    await vi.waitFor(() => expect(seen.signals).toHaveLength(1));
    await items.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });

    const controller = new AbortController();
    const rest = collect(client.live.silent({}, { signal: controller.signal }));
    await vi.waitFor(() => expect(seen.signals).toHaveLength(2));
    controller.abort();
    expect(await codeOf(rest)).toBe('cancelled');
    await vi.waitFor(() => expect(seen.ended).toBe(2));
  });

  it('tears down a producer that waits without looking at its signal', async () => {
    const items = client.live.deaf({})[Symbol.asyncIterator]();
    const pending = items.next();
    await vi.waitFor(() => expect(seen.signals).toHaveLength(1));
    await items.return?.();
    await pending;
    await vi.waitFor(() => expect(seen.ended).toBe(1));
  });

  it('carries a byte sequence whole, whatever the size of its chunks', async () => {
    const got = Buffer.concat(await collect(client.live.chunks({ chunks: 7, size: 100_003 })));
    expect(got.byteLength).toBe(700_021);
    expect(got.every((byte, i) => byte === byteAt(i))).toBe(true);
    expect(await collect(client.live.chunks({ chunks: 3, size: 0 }))).toEqual([]);
  });

  it.each([1000, 1_000_000])(
    'stops a fast producer of %i-byte chunks at the window of a slow consumer',
    async (size) => {
      const items = client.live.chunks({ chunks: 10_000, size })[Symbol.asyncIterator]();
      let taken = 0;
      for (let i = 0; i < 3; i++) {
        const { value } = (await items.next()) as { value: Uint8Array };
        taken += value.byteLength;
        await vi.waitFor(() => expect(seen.produced).toBeGreaterThan(taken));
        let before = -1;
        while (before !== seen.produced) {
          before = seen.produced;
          for (let k = 0; k < 5; k++) await client.echo.value({ value: k });
        }
        expect(seen.produced).toBeLessThanOrEqual(taken + BYTE_WINDOW + size);
      }
      await items.return?.();
      await vi.waitFor(() => expect(seen.ended).toBe(1));
    },
  );

  it.each(['client', 'server'] as const)('ends everything with `disconnected` when the %s closes', async (side) => {
    const call = codeOf(client.echo.wait({}));
    const items = codeOf(collect(client.live.silent({})));
    await vi.waitFor(() => expect(seen.signals).toHaveLength(2));
    (side === 'client' ? peer : server).close();
    expect(await Promise.all([call, items])).toEqual(['disconnected', 'disconnected']);
    await vi.waitFor(() => expect(seen.signals.map((s) => s.aborted)).toEqual([true, true]));
    expect(await codeOf(client.echo.value({ value: 1 }))).toBe('disconnected');
    expect(await codeOf(collect(client.live.silent({})))).toBe('disconnected');
  });

  it('drops what is no frame, and other calls do not notice', async () => {
    const waiting = new AbortController();
    const call = codeOf(client.echo.wait({}, { signal: waiting.signal }));
    const stream = client.live.count({ to: 3 })[Symbol.asyncIterator]();
    await stream.next();
    const kinds = ['call', 'cancel', 'subscribe', 'unsubscribe', 'ack', 'ok', 'fail', 'item', 'end', 'hello', ''];
    // Ids far from those in use: a frame that is right and cancels an open call does what it says.
    const id = fc.oneof(fc.integer({ min: 1_000_000 }), fc.double({ min: 0.1, max: 0.9, noNaN: true }), fc.string());
    const nearFrame = fc.record(
      {
        kind: fc.constantFrom(...kinds),
        id,
        name: fc.constantFrom('echo.value', 'live.count', 'toString', ''),
        input: fc.jsonValue(),
        credit: fc.integer(),
        value: fc.jsonValue(),
        error: fc.jsonValue(),
        more: fc.jsonValue(),
      },
      { requiredKeys: ['kind'] },
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), nearFrame), async (frame) => {
        pair.client.send(frame);
        pair.server.send(frame);
        expect(await client.echo.value({ value: 1 })).toEqual({ value: 1 });
      }),
      { numRuns: 150 },
    );
    expect(malformed.length).toBeGreaterThan(0);
    expect(await stream.next()).toEqual({ done: false, value: { n: 2 } });
    await stream.return?.();
    waiting.abort();
    expect(await call).toBe('cancelled');
    // Streams that the frames above have opened belong to nobody here; they end with the wire.
    pair.client.close();
  });

  it('ignores a second call under an id that is open', async () => {
    const controller = new AbortController();
    const call = codeOf(client.echo.wait({}, { signal: controller.signal }));
    await vi.waitFor(() => expect(seen.signals).toHaveLength(1));
    pair.client.send({ kind: 'call', id: 1, name: 'echo.add', input: {} });
    await vi.waitFor(() => expect(malformed).toEqual(['id 1 is open already']));
    controller.abort();
    expect(await call).toBe('cancelled');
    expect(await client.echo.add({})).toEqual({ total: 1 });
  });
});
