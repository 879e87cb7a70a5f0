import { describe, expect, it } from 'vitest';
import type { Timers } from '../../../electron/core/clock.ts';
import { EndError } from '../../../electron/core/transfer/ends/far-end.ts';
import { RetryWaits } from '../../../electron/core/transfer/engine/retry-waits.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';

/** Timers that are over at once and remember what they were asked for. */
function recordingTimers(): { timers: Timers; waits: number[] } {
  const waits: number[] = [];
  const after = (ms: number, act: () => void): (() => void) => {
    waits.push(ms);
    queueMicrotask(act);
    return () => undefined;
  };
  return { timers: { elapsed: () => 0, after }, waits };
}

const passing = { kind: 'transient', message: 'Slow down.', hint: null } as const;
const { signal } = new AbortController();

describe('trying again', () => {
  it('gives a failure that may pass five tries, with growing waits', async () => {
    const { timers, waits } = recordingTimers();
    let tries = 0;
    const work = (): Promise<never> => {
      tries++;
      return Promise.reject(new EndError(passing));
    };
    await expect(new RetryWaits(timers).persist(work, signal)).rejects.toThrow('Slow down.');
    expect(tries).toBe(5);
    expect(waits).toHaveLength(4);
    for (const [i, expected] of [500, 1000, 2000, 4000].entries()) {
      expect(waits[i]).toBeGreaterThanOrEqual(expected * 0.8);
      expect(waits[i]).toBeLessThanOrEqual(expected * 1.2);
    }
  });

  it('tells a lost connection at once, so that the whole transfer says that it waits', async () => {
    const { timers, waits } = recordingTimers();
    const lost = new EndError(passing, { cause: new RemoteError('lost', 'The connection was cut.') });
    await expect(new RetryWaits(timers).persist(() => Promise.reject(lost), signal)).rejects.toBe(lost);
    expect(waits).toEqual([]);
  });
});
