import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Timers } from '../../../electron/core/clock.ts';
import { TokenBucket } from '../../../electron/core/transfer/engine/token-bucket.ts';

/** A clock that stands still until everything that can go on has gone on, and then goes to the next moment that somebody waits for. */
class VirtualTimers implements Timers {
  #now = 0;
  readonly #waiting = new Set<{ readonly at: number; readonly act: () => void }>();

  elapsed(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const entry = { at: this.#now + ms, act };
    this.#waiting.add(entry);
    return () => this.#waiting.delete(entry);
  }

  async runUntil(done: Promise<unknown>): Promise<void> {
    let isDone = false;
    void done.then(() => (isDone = true));
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isDone) return;
      const next = [...this.#waiting].sort((a, b) => a.at - b.at)[0];
      if (next === undefined) throw new Error('nobody waits for anything');
      this.#waiting.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
  }
}

it('lets no more through than its limit, and no less', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1024, max: 50_000_000 }),
      fc.array(fc.integer({ min: 1, max: 4_000_000 }), { minLength: 2, maxLength: 30 }),
      async (perSecond, sizes) => {
        const timers = new VirtualTimers();
        const bucket = new TokenBucket(timers);
        bucket.setLimit(perSecond);
        await timers.runUntil(Promise.all(sizes.map((size) => bucket.take(size))));
        const seconds = timers.elapsed() / 1000;
        const all = sizes.reduce((sum, size) => sum + size, 0);
        // What passes last may leave a debt; a quarter of a second's worth may pass at once.
        expect(all - sizes.at(-1)!).toBeLessThanOrEqual(perSecond * (seconds + 0.25) + 1);
        expect(seconds).toBeLessThanOrEqual(all / perSecond + 0.25 + sizes.length * 0.002);
      },
    ),
    { numRuns: 50 },
  );
});

it('a limit that is lifted lets everybody go at once, and so does being told to stop', async () => {
  const timers = new VirtualTimers();
  const bucket = new TokenBucket(timers);
  bucket.setLimit(1024);
  const stop = new AbortController();
  const first = bucket.take(1_000_000);
  const second = bucket.take(1_000_000);
  bucket.setLimit(null);
  await Promise.all([first, second, bucket.take(1_000_000)]);
  bucket.setLimit(1024);
  const waiting = bucket.take(1_000_000, stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await waiting;
  expect(timers.elapsed()).toBe(0);
});
