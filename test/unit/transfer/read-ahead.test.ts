import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { readAhead } from '../../../electron/core/transfer/read-ahead.ts';

/** A source of chunks of one size, and what it has been asked for. */
function source(count: number, size: number, end?: Error) {
  const seen = { made: 0, closed: false };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      for (; seen.made < count;) {
        seen.made++;
        yield new Uint8Array(size).fill(seen.made);
      }
      if (end !== undefined) throw end;
    } finally {
      seen.closed = true;
    }
  }
  return { seen, chunks: chunks() };
}

/** Lets everything that can go on do so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await setImmediate();
}

describe('reading ahead', () => {
  it('makes chunks before they are asked for, no more than fit, and gives them in order', async () => {
    const { seen, chunks } = source(10, 100);
    const ahead = readAhead(chunks, 350);
    await settle();
    expect(seen.made).toBe(4);
    const got: number[] = [];
    for await (const chunk of ahead) {
      got.push(chunk[0]!);
      await settle();
      expect(seen.made).toBe(Math.min(10, got.length + 4));
    }
    expect(got).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(seen.closed).toBe(true);
  });

  it('gives what was made before the error, then the error', async () => {
    const { chunks } = source(2, 1, new Error('the file became shorter'));
    const ahead = readAhead(chunks, 1000);
    await settle();
    const got: number[] = [];
    await expect(
      (async () => {
        for await (const chunk of ahead) got.push(chunk[0]!);
      })(),
    ).rejects.toThrow('the file became shorter');
    expect(got).toEqual([1, 2]);
  });

  it('ends the source when its reader leaves early, also one that never asked', async () => {
    const left = source(1000, 1);
    for await (const _ of readAhead(left.chunks, 10)) break;
    expect(left.seen.closed).toBe(true);
    const unasked = source(1000, 1);
    const ahead = readAhead(unasked.chunks, 10);
    await settle();
    await ahead.return?.();
    expect(unasked.seen.closed).toBe(true);
    expect(unasked.seen.made).toBeLessThan(20);
  });
});
