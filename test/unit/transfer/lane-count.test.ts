import { describe, expect, test } from 'vitest';
import { LaneCount } from '../../../electron/core/transfer/ends/ssh/lane-count.ts';

/** Lets lanes carry what `rate` says of their number, in steps of 300 ms, and tells how many there are in the end. */
function lanesAfter(count: LaneCount, rate: (lanes: number) => number, steps = 40): number {
  let lanes = count.wanted;
  for (let step = 0; step < steps; step++) {
    count.moved(rate(lanes) * 300);
    count.judge(lanes, step * 300);
    lanes = count.wanted;
  }
  return lanes;
}

describe('the number of lanes', () => {
  test('grows as long as one more makes everything faster by a tenth', () => {
    expect(lanesAfter(new LaneCount(5), (lanes) => lanes * 40)).toBe(5);
    expect(lanesAfter(new LaneCount(5), (lanes) => Math.min(lanes, 3) * 40)).toBe(4);
    expect(lanesAfter(new LaneCount(5), () => 200)).toBe(3);
  });

  test('does not change while there is not enough to do, and never passes what the host gives', () => {
    const idle = new LaneCount(5);
    for (let step = 0; step < 20; step++) idle.judge(0, step * 300);
    expect(idle.wanted).toBe(2);
    const refused = new LaneCount(5);
    refused.refused(1);
    expect(lanesAfter(refused, (lanes) => lanes * 40)).toBe(1);
    refused.reset();
    expect(lanesAfter(refused, (lanes) => lanes * 40)).toBe(5);
  });
});
