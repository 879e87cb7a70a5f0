import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RunCounts, RunState } from '../../../shared/domain/run-state.ts';
import {
  countOf,
  isEnded,
  jobState,
  letterState,
  mayFollow,
  RUN_STATES,
  stateLetter,
} from '../../../shared/domain/run-state.ts';

function countsOf(states: readonly RunState[]): RunCounts {
  const counts = { total: states.length, done: 0, failed: 0, running: 0, queued: 0, cancelled: 0, unknown: 0 };
  for (const state of states) counts[countOf(state)]++;
  return counts;
}

describe('states of runs and jobs', () => {
  it('every state has a letter of its own and comes back from it', () => {
    expect(new Set(RUN_STATES.map(stateLetter)).size).toBe(RUN_STATES.length);
    for (const state of RUN_STATES) expect(letterState(stateLetter(state))).toBe(state);
    expect(letterState('?')).toBe('unknown');
  });

  it('an ended run stays as it is; everything else can still end', () => {
    for (const state of RUN_STATES) {
      const next = RUN_STATES.filter((to) => mayFollow(state, to));
      if (isEnded(state)) expect(next).toEqual([]);
      else expect(next.some(isEnded)).toBe(true);
    }
  });

  it('a job is what its runs are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...RUN_STATES), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        (states, cancelling) => {
          const state = jobState(countsOf(states), cancelling);
          if (states.every((s) => s === 'done')) expect(state).toBe('done');
          else if (states.every(isEnded)) expect(state).toBe(states.includes('failed') ? 'failed' : 'cancelled');
          else expect(['queued', 'running', 'cancelling', 'unknown']).toContain(state);
          if (state === 'done') expect(states.every((s) => s === 'done')).toBe(true);
        },
      ),
    );
  });
});
