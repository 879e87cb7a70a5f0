import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lane } from '../../../electron/core/ssh/channel-gate.ts';
import { ChannelGate } from '../../../electron/core/ssh/channel-gate.ts';

/** Lets everything that can go on do so. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await Promise.resolve();
}

describe('the gate of channels', () => {
  test('never lets more in than there may be, keeps three places from bulk work, and forgets nobody', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const), lane: fc.constantFrom<Lane>('interactive', 'bulk') }),
      fc.record({ kind: fc.constant('leave' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(20) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const gate = new ChannelGate(8);
        const inside: { lane: Lane; leave: () => void }[] = [];
        const outside = new Set<AbortController>();
        const enter = (lane: Lane): void => {
          const abort = new AbortController();
          outside.add(abort);
          void gate.enter(lane, abort.signal).then(
            (leave) => {
              outside.delete(abort);
              inside.push({ lane, leave });
            },
            () => outside.delete(abort),
          );
        };
        const check = (): void => {
          expect(inside.length).toBeLessThanOrEqual(8);
          expect(inside.filter((i) => i.lane === 'bulk').length).toBeLessThanOrEqual(5);
          expect(gate.open).toBe(inside.length);
          expect(gate.waiting).toBe(outside.size);
          if (inside.length < 5) expect(outside.size).toBe(0);
        };
        for (const s of steps) {
          if (s.kind === 'enter') enter(s.lane);
          else if (s.kind === 'leave') inside.splice(s.which % Math.max(1, inside.length), 1)[0]?.leave();
          else [...outside][s.which % Math.max(1, outside.size)]?.abort();
          await settle();
          check();
        }
        while (inside.length > 0) {
          inside.shift()?.leave();
          await settle();
          check();
        }
        expect([outside.size, gate.open, gate.waiting]).toEqual([0, 0, 0]);
      }),
    );
  });

  test('learns a smaller limit, and forgets it with a new connection', async () => {
    const gate = new ChannelGate(8);
    const first = await gate.enter('interactive');
    gate.refused(1);
    expect(gate.limit).toBe(1);
    let inside = false;
    const second = gate.enter('bulk').then((leave) => {
      inside = true;
      return leave;
    });
    await settle();
    expect(inside).toBe(false);
    first();
    first();
    (await second)();
    expect(gate.open).toBe(0);
    gate.refused(0);
    expect(gate.limit).toBe(1);
    gate.reset();
    expect(gate.limit).toBe(8);
  });

  test('tells who waits so, again each time when somebody else had the place that became free', async () => {
    const gate = new ChannelGate(1);
    const leave = await gate.enter('interactive');
    const told: string[] = [];
    const first = gate.enter('interactive', undefined, () => told.push('first'));
    const second = gate.enter('interactive', undefined, () => told.push('second'));
    expect(told).toEqual(['first', 'second']);
    leave();
    expect(told).toEqual(['first', 'second', 'second']);
    (await first)();
    (await second)();
    expect(told).toHaveLength(3);
  });

  test('serves each lane in the order in which it came', async () => {
    const gate = new ChannelGate(1);
    const leave = await gate.enter('interactive');
    const order: number[] = [];
    const all = [1, 2, 3].map((n) => gate.enter('interactive').then((go) => (order.push(n), go())));
    leave();
    await Promise.all(all);
    expect(order).toEqual([1, 2, 3]);
  });
});
