import { describe, expect, it } from 'vitest';
import {
  amountWords,
  leftWords,
  rateWords,
  sourceWords,
  stateWords,
  sumWords,
} from '../../../renderer/ui/transfers/transfer-words.ts';
import type { Transfer } from '../../../shared/contract/transfers.ts';
import { TRANSFER_STATES, transferOptions } from '../../../shared/contract/transfers.ts';

const MIB = 1024 ** 2;

function transfer(facts: Partial<Transfer> = {}): Transfer {
  return {
    id: 't',
    from: [{ kind: 'local', path: '/data/beam' }],
    to: { kind: 'site', site: 'hpc', path: '/scratch' },
    into: true,
    options: transferOptions.parse({}),
    direction: 'up',
    state: 'moving',
    message: null,
    hint: null,
    files: { total: 2000, done: 12, same: 0, published: null },
    bytes: { total: 300 * MIB, done: 120 * MIB, reused: 0 },
    progress: 0.4,
    bytesPerSecond: 10 * MIB,
    filesPerSecond: 3,
    secondsLeft: 18,
    current: null,
    problemCount: 0,
    problems: [],
    conflictCount: 0,
    watch: null,
    createdAt: '2026-01-01T00:00:00Z',
    endedAt: null,
    ...facts,
  };
}

describe('a transfer in words', () => {
  it('has a word for every state', () => {
    const words = TRANSFER_STATES.map((state) => stateWords(transfer({ state, problemCount: 1, conflictCount: 3 })));
    expect(new Set(words).size).toBe(TRANSFER_STATES.length);
    expect(words).toContain('3 files to decide');
    expect(words).toContain('Done, 1 problem');
    expect(stateWords(transfer({ direction: 'down' }))).toBe('Fetching');
  });

  it('says what, how much and how fast, the unit once', () => {
    expect(sourceWords(transfer())).toBe('beam');
    expect(sourceWords(transfer({ into: false }))).toBe('contents of beam');
    expect(sourceWords(transfer({ from: [...transfer().from, ...transfer().from] }))).toBe('beam and 1 more');
    expect(amountWords(transfer())).toBe('12 of 2\u202f000 files, 120 of 300 MiB');
    expect(amountWords(transfer({ bytes: { total: 3 * 1024 * MIB, done: 5 * MIB, reused: 0 } }))).toMatch(
      /5 MiB of 3 GiB$/,
    );
    expect(amountWords(transfer({ state: 'done', files: { total: 1, done: 1, same: 4, published: null } }))).toBe(
      '1 file, 300 MiB, 4 the same already',
    );
    expect(amountWords(transfer({ state: 'done', files: { total: 0, done: 0, same: 4, published: null } }))).toBe(
      'All 4 the same already',
    );
    const files = { total: 2000, done: 2000, same: 0, published: 400 };
    for (const state of ['verifying', 'publishing'] as const)
      expect(amountWords(transfer({ state, files }))).toBe('400 of 2\u202f000 files in place');
    expect([rateWords(transfer()), rateWords(transfer({ bytesPerSecond: null }))]).toEqual(['10 MiB/s', null]);
  });

  it('tells the time left in steps that do not flicker', () => {
    expect([0.2, 18.4, 83, 1234, 5000].map(leftWords)).toEqual([
      ...['a moment left', '18 s left', '1 min 20 s left', '21 min left', '1 h 20 min left'],
    ]);
    expect(leftWords(null)).toBe(null);
  });

  it('sums up what is going on, who waits for a person first', () => {
    const done = transfer({ state: 'done', bytesPerSecond: null });
    expect(sumWords([done])).toBe(null);
    expect(sumWords([done, transfer(), transfer()])).toBe('2 transfers, 20 MiB/s');
    const rests = { bytesPerSecond: null, state: 'paused' } as const;
    expect(sumWords([transfer(rests)])).toBe('1 transfer, paused');
    expect(sumWords([transfer({ ...rests, state: 'needs-you' })])).toBe('1 transfer, needs you');
    expect(sumWords([transfer(), transfer({ ...rests, state: 'needs-you' })])).toBe(
      '2 transfers, 1 needs you, 10 MiB/s',
    );
  });
});
