import { describe, expect, it } from 'vitest';
import { countText, plural, valueText } from '../../../renderer/ui/words/number-words.ts';
import { estimateRemaining, relativeTime } from '../../../renderer/ui/words/time-words.ts';

describe('numbers in words', () => {
  it('groups counts and counts things', () => {
    expect(countText(10_000)).toBe('10\u202f000');
    expect(plural(1, 'run')).toBe('1 run');
    expect(plural(2, 'run')).toBe('2 runs');
    expect(plural(0, 'try', 'tries')).toBe('0 tries');
  });

  it('shows values with six digits and exponents only where they help', () => {
    expect(valueText(4.41176470588)).toBe('4.41176');
    expect(valueText(1.5e-7)).toBe('1.5e-7');
    expect(valueText(2e12)).toBe('2e12');
    expect(valueText(0)).toBe('0');
    expect(valueText(-1200)).toBe('-1200');
    expect(valueText(Number.NaN)).toBe('NaN');
  });
});

describe('times in words', () => {
  const now = Date.UTC(2026, 0, 15, 12, 0, 0);

  it('tells ages in the unit that fits', () => {
    expect(relativeTime(now - 2000, now)).toBe('just now');
    expect(relativeTime(now - 42_000, now)).toBe('42 s ago');
    expect(relativeTime(now - 3 * 60_000, now)).toBe('3 min ago');
    expect(relativeTime(now - 5 * 3_600_000, now)).toBe('5 h ago');
    expect(relativeTime(now - 3 * 86_400_000, now)).toBe('3 d ago');
    expect(relativeTime(now + 120_000, now)).toBe('in 2 min');
    expect(relativeTime(now - 60 * 86_400_000, now)).toContain('2025');
  });

  it('estimates what is left from the mean, the slots and the runs that are open', () => {
    expect(estimateRemaining({ queued: 10, running: 2, slots: 2, meanWallSeconds: 4 })).toBe(22);
    expect(estimateRemaining({ queued: 0, running: 1, slots: 8, meanWallSeconds: 4 })).toBe(2);
    expect(estimateRemaining({ queued: 3, running: 0, slots: 8, meanWallSeconds: null })).toBeNull();
    expect(estimateRemaining({ queued: 0, running: 0, slots: 8, meanWallSeconds: 4 })).toBeNull();
  });
});
