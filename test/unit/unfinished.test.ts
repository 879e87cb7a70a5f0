import { describe, expect, it } from 'vitest';
import { isBusy, NOTHING_UNFINISHED, unfinishedWords } from '../../shared/domain/unfinished.ts';

describe('what is not finished when Slipway ends', () => {
  it('is counted, with what becomes of each', () => {
    expect(unfinishedWords({ jobs: 1, transfers: 0, watches: 0 })?.what).toBe('One job is not finished');
    expect(unfinishedWords({ jobs: 0, transfers: 2, watches: 1 })).toEqual({
      what: '2 transfers are not finished',
      whatThen:
        'Transfers keep what has arrived, and go on from there when you open it again. Folders are kept in step only while Slipway is open.',
    });
    expect(unfinishedWords({ jobs: 3, transfers: 1, watches: 0 })?.what).toBe(
      '3 jobs and one transfer are not finished',
    );
  });

  it('is no reason to ask when only folders are kept in step, but one for a core to stay', () => {
    expect(unfinishedWords({ ...NOTHING_UNFINISHED, watches: 2 })).toBeNull();
    expect(isBusy({ ...NOTHING_UNFINISHED, watches: 2 })).toBe(true);
    expect(isBusy(NOTHING_UNFINISHED)).toBe(false);
  });
});
