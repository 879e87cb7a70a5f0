import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RequestGate } from '../../../electron/core/s3/request-gate.ts';

it('never lets more go at once than it is wide, and lets everything go in the end', async () => {
  type Step = {
    readonly turns: number;
    readonly fails: boolean;
    readonly slower: boolean;
    readonly cancelled: boolean;
  };
  const step: fc.Arbitrary<Step> = fc.record({
    turns: fc.nat(3),
    fails: fc.boolean(),
    slower: fc.boolean(),
    cancelled: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), async (steps, first) => {
      const gate = new RequestGate({ least: 1, most: 6, first });
      let busy = 0;
      let ran = 0;
      const outcomes = steps.map(async ({ turns, fails, slower, cancelled }) => {
        const stop = new AbortController();
        const done = gate.run(async () => {
          ran++;
          expect(++busy).toBeLessThanOrEqual(6);
          try {
            for (let i = 0; i < turns; i++) await Promise.resolve();
            if (slower) gate.slower();
            if (fails) throw new Error('failed');
          } finally {
            busy--;
          }
        }, stop.signal);
        if (cancelled) stop.abort();
        await done.catch(() => undefined);
      });
      await Promise.all(outcomes);
      expect(busy).toBe(0);
      expect(ran).toBeGreaterThanOrEqual(steps.filter(({ cancelled }) => !cancelled).length);
      // Nothing is kept for whoever left: it is free again.
      await gate.run(() => Promise.resolve(), new AbortController().signal);
    }),
  );
});

it('is halved when the store asks for less, and grows by one when all has gone well', async () => {
  const gate = new RequestGate({ least: 1, most: 32, first: 8 });
  gate.slower();
  expect(gate.width).toBe(4);
  const { signal } = new AbortController();
  for (let i = 0; i < 4; i++) await gate.run(() => Promise.resolve(), signal);
  expect(gate.width).toBe(5);
  for (let i = 0; i < 9; i++) gate.slower();
  expect(gate.width).toBe(1);
});
