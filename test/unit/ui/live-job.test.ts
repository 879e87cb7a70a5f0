import { describe, expect, it } from 'vitest';
import type { JobDetail, JobWatchItem } from '../../../shared/contract/jobs.ts';
import { LiveJob } from '../../../renderer/api/live-job.ts';
import type { RunChanges } from '../../../renderer/api/live-job.ts';

const job: JobDetail = {
  id: 'j1',
  name: 'Beam',
  type: 'doe',
  site: 'local',
  state: 'running',
  runs: { total: 4, done: 1, failed: 1, running: 1, queued: 1, cancelled: 0, unknown: 0 },
  submittedAt: '2026-01-01T00:00:00.000Z',
  finishedAt: null,
  folder: '/jobs/j1',
  command: 'true',
  slots: 1,
  coresPerSlot: 1,
  coreType: 'this-machine',
  memoryBytes: null,
  walltimeSeconds: 60,
  variables: [],
  outputs: [],
  software: null,
  source: '/beam',
  specText: '',
  meanWallSeconds: null,
  siteNote: null,
  storage: null,
};

/** A connection whose one stream the test feeds by hand. */
function fakeConnection() {
  let give: ((item: JobWatchItem) => void) | null = null;
  let fail: ((error: unknown) => void) | null = null;
  const followed: boolean[] = [];
  return {
    followed,
    give: (item: JobWatchItem) => give?.(item),
    fail: (error: unknown) => fail?.(error),
    watch: <T>(_open: unknown, onItem: (item: T) => void, onProblem: (error: unknown) => void = () => undefined) => {
      give = onItem as (item: JobWatchItem) => void;
      fail = onProblem;
      followed.push(true);
      return () => {
        followed.push(false);
      };
    },
  };
}

describe('a job followed live', () => {
  it('reads the snapshot, applies deltas, and tells which runs changed', () => {
    const connection = fakeConnection();
    const live = new LiveJob(connection, 'j1');
    const told: RunChanges[] = [];
    live.onChanges((changes) => told.push(changes));
    const leave = live.subscribe(() => undefined);
    expect(live.getSnapshot()).toEqual({ kind: 'loading' });
    connection.give({ kind: 'snapshot', revision: 1, job, states: 'dxrq' });
    expect([1, 2, 3, 4].map(live.stateOf)).toEqual(['done', 'failed', 'running', 'queued']);
    connection.give({ kind: 'delta', revision: 2, job, changed: [[3, 'd']], results: [3] });
    expect(live.stateOf(3)).toBe('done');
    expect(told).toEqual([
      { states: 'all', results: 'all' },
      { states: [3], results: [3] },
    ]);
    leave();
  });

  it('begins anew from the snapshot after a reconnect', () => {
    const connection = fakeConnection();
    const live = new LiveJob(connection, 'j1');
    live.subscribe(() => undefined);
    connection.give({ kind: 'snapshot', revision: 1, job, states: 'rrrr' });
    connection.give({ kind: 'snapshot', revision: 9, job, states: 'dddd' });
    expect([1, 4].map(live.stateOf)).toEqual(['done', 'done']);
  });

  it('calls a run that it does not know unknown', () => {
    const live = new LiveJob(fakeConnection(), 'j1');
    expect(live.stateOf(1)).toBe('unknown');
    expect(live.stateOf(0)).toBe('unknown');
  });

  it('is followed only while somebody looks', () => {
    const connection = fakeConnection();
    const live = new LiveJob(connection, 'j1');
    const first = live.subscribe(() => undefined);
    const second = live.subscribe(() => undefined);
    first();
    expect(connection.followed).toEqual([true]);
    second();
    expect(connection.followed).toEqual([true, false]);
    live.subscribe(() => undefined);
    expect(connection.followed).toEqual([true, false, true]);
  });

  it('says when the job is gone or cannot be had', () => {
    const connection = fakeConnection();
    const live = new LiveJob(connection, 'j1');
    live.subscribe(() => undefined);
    connection.give({ kind: 'removed', revision: 3 });
    expect(live.getSnapshot().kind).toBe('removed');
    const error = new Error('no such job');
    connection.fail(error);
    expect(live.getSnapshot()).toEqual({ kind: 'problem', problem: error });
  });
});
