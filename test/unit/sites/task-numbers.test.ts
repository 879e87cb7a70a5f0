import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunkRuns } from '../../../electron/core/jobs/remote/plan-submissions.ts';
import { FollowedSubmission } from '../../../electron/core/sites/remote/followed-submission.ts';
import { taskNumbers } from '../../../electron/core/sites/remote/task-numbers.ts';
import type { Submission } from '../../../electron/core/storage/submission-store.ts';

const runsOf = fc
  .uniqueArray(fc.integer({ min: 1, max: 50_000 }), { minLength: 1, maxLength: 60 })
  .map((runs) => runs.toSorted((a, b) => a - b));

describe('task numbers', () => {
  it.each(['dense', 'by-run'] as const)('lead from every run to a task and back: %s', (numbering) => {
    fc.assert(
      fc.property(runsOf, (runs) => {
        const numbers = taskNumbers({ runs, first: runs[0]! }, numbering);
        const tasks = runs.map((run) => numbers.taskOf(run));
        expect(tasks.map((task) => numbers.runOf(task))).toEqual(runs);
        expect(tasks[0]).toBe(1);
        if (numbering === 'dense') expect(tasks).toEqual(runs.map((_, i) => i + 1));
        else expect(tasks.at(-1)).toBe(runs.at(-1)! - runs[0]! + 1);
      }),
    );
  });

  it('know no run for a task of none', () => {
    const submission = { runs: [3, 7, 19], first: 3 };
    expect([0, 4, 100].map((task) => taskNumbers(submission, 'dense').runOf(task))).toEqual([null, null, null]);
    expect([2, 18].map((task) => taskNumbers(submission, 'by-run').runOf(task))).toEqual([null, null]);
    expect(() => taskNumbers(submission, 'dense').taskOf(4)).toThrow('run 4');
  });

  it('let runs that lie far apart go in one array where they are dense', () => {
    const limits = { maxArraySize: 5, maxSubmit: null, unlimited: false };
    expect(chunkRuns([3, 7, 19, 4000], { ...limits, numbering: 'dense' })).toEqual([[3, 7, 19, 4000]]);
    expect(chunkRuns([3, 7, 19, 4000, 4001], { ...limits, numbering: 'dense' })).toEqual([[3, 7, 19, 4000], [4001]]);
    expect(chunkRuns([3, 7, 19, 4000], { ...limits, numbering: 'by-run' })).toEqual([[3], [7], [19], [4000]]);
  });

  it('lead from what the queue says to the run', () => {
    const submission: Submission = {
      token: 'sw-a-1-x',
      job: 'a',
      site: 'hpc',
      number: 1,
      state: 'submitted',
      try: 1,
      runs: [3, 7, 19],
      attempts: [1, 1, 2],
      first: 3,
      memoryBytes: null,
      walltimeSeconds: 60,
      ids: ['5'],
      since: null,
      triedAt: null,
      createdAt: 0,
      cancels: [],
    };
    const followed = new FollowedSubmission(submission, [3, 7, 19], undefined, 'dense');
    const record = {
      id: '5',
      tasks: [2, 3, 9],
      name: 'sw-a-1-x',
      state: 'pending',
      rawState: 'qw',
      reason: null,
    } as const;
    const nothing = {
      submittedAt: null,
      startedAt: null,
      endedAt: null,
      elapsedSeconds: null,
      nodes: null,
      exitCode: null,
    };
    followed.applyQueue(
      { kind: 'read', records: [{ ...record, ...nothing, signal: null, maxRssBytes: null, cancelledBy: null }] },
      0,
    );
    expect([3, 7, 19].map((run) => followed.liveRecord(run)?.rawState ?? null)).toEqual([null, 'qw', 'qw']);
    expect(followed.taskOf(19)).toBe(3);
  });
});
