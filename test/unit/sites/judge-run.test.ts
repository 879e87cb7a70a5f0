import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EndRecord } from '../../../electron/core/sites/site.ts';
import type { RunEvidence } from '../../../electron/core/sites/remote/judge-run.ts';
import { judgeRun, PATIENCE } from '../../../electron/core/sites/remote/judge-run.ts';
import type { RunFiles } from '../../../electron/core/sites/remote/look-script.ts';
import type { TaskRecord, TaskState } from '../../../shared/domain/scheduler/types.ts';
import { isFinalTaskState, TASK_STATES } from '../../../shared/domain/scheduler/types.ts';

const NOTHING: RunEvidence = {
  ...{ start: null, end: null, unprepared: null, cancelledBeforeStart: false, live: [], past: [], files: null },
  ...{ absentMs: null, absentLooks: 0, pastAsked: false, cancelWanted: false, cancelTold: false },
};
const START = { id: '1001', restarts: 0, node: 'n1' };
const LONG = 10 * PATIENCE.vanished;

function record(state: TaskState, more: Partial<TaskRecord> = {}): TaskRecord {
  return {
    ...{ id: '1001', tasks: [1], name: 'sw-a-1', state, rawState: state.toUpperCase(), reason: null },
    ...{ submittedAt: 100, startedAt: 110, endedAt: isFinalTaskState(state) ? 120 : null, elapsedSeconds: 10 },
    ...{ nodes: 'n1', exitCode: 0, signal: 0, maxRssBytes: null, cancelledBy: null, ...more },
  };
}

function end(more: Partial<EndRecord> = {}): EndRecord {
  return {
    ...{ attempt: 1, exitCode: 0, signal: null, reason: 'exit' as const, endedAt: 120, wallSeconds: 10 },
    ...{ peakMemoryBytes: null, afterExitCode: null, ...more },
  };
}

function files(more: Partial<RunFiles> = {}): RunFiles {
  return { run: 1, owner: null, started: false, end: null, alive: null, cancelled: false, ...more };
}

const KILLED = end({ exitCode: 137, signal: 'SIGKILL' });
const TERMINATED = end({ exitCode: null, reason: 'terminated' });
/** It has left the queue for good, and everything has been asked. */
const GONE = { live: [], absentMs: LONG, absentLooks: 9, pastAsked: true } as const;

const judge = (evidence: Partial<RunEvidence>) => judgeRun({ ...NOTHING, ...evidence });

describe('what a run is while the queue shows it', () => {
  it.each([
    ['pending', 'queued'],
    ['held', 'queued'],
    ['starting', 'starting'],
    ['running', 'starting'],
    ['suspended', 'starting'],
  ] as const)('%s before its task has told anything: %s', (state, kind) => {
    expect(judge({ live: [record(state)] }).kind).toBe(kind);
  });

  it('runs once its task has told so, also while it is suspended or being tidied up', () => {
    for (const state of ['running', 'suspended', 'finishing', 'unknown'] as const)
      expect(judge({ live: [record(state)], start: START }).kind).toBe('running');
  });

  it('waits again after a requeue', () => {
    const waits = { live: [record('pending')], start: START };
    expect(judge(waits).kind).toBe('queued');
    expect(judge({ ...waits, end: TERMINATED }).kind).toBe('queued');
  });
});

describe('what a run is when its wrapper has told the end', () => {
  it('is that end, whatever the queue still shows', () => {
    for (const state of TASK_STATES)
      expect(judge({ end: end(), start: START, live: [record(state)] })).toEqual({
        ...{ kind: 'ended', end: end(), failure: null },
      });
  });

  it('asks the scheduler who sent a signal', () => {
    const told = (state: TaskState) => judge({ ...GONE, end: KILLED, start: START, past: [record(state)] });
    expect(told('out-of-memory')).toMatchObject({ kind: 'ended', failure: { kind: 'out-of-memory' } });
    expect(told('timeout')).toMatchObject({ kind: 'ended', failure: { kind: 'timeout' } });
    expect(told('node-fail')).toMatchObject({ kind: 'ended', failure: { kind: 'node' } });
    expect(told('preempted')).toMatchObject({ kind: 'ended', failure: { kind: 'preempted' } });
    expect(told('failed')).toMatchObject({ kind: 'ended', failure: null });
  });

  it('waits with a signal until the queue, which may be older than it, has let go', () => {
    for (const state of ['pending', 'starting', 'running', 'finishing'] as const)
      expect(judge({ end: KILLED, start: START, live: [record(state)] }).kind).toBe('wait');
  });

  it('waits while the accounting still has it, however long the queue is silent', () => {
    for (const state of ['pending', 'running'] as const)
      expect(judge({ ...GONE, end: TERMINATED, start: START, past: [record(state)] }).kind).toBe('wait');
  });

  it('is its own word when nobody knows more', () => {
    expect(judge({ ...GONE, end: TERMINATED, start: START })).toMatchObject({ kind: 'ended', failure: null });
    expect(judge({ ...GONE, absentMs: 20_000, end: TERMINATED, start: START }).kind).toBe('wait');
    expect(judge({ ...GONE, pastAsked: false, end: TERMINATED, start: START }).kind).toBe('wait');
  });

  it('a cancel that nobody has told the site yet does not make an end from outside a cancelled run', () => {
    const requeued = { end: TERMINATED, start: START, live: [record('pending')], cancelWanted: true };
    expect(judge(requeued).kind).toBe('queued');
  });
});

describe('what a run is when it has left the queue without a word', () => {
  it('is nothing yet before its folder was looked at', () => {
    expect(judge({ ...GONE, past: [record('timeout')] }).kind).toBe('wait');
  });

  it.each([
    ['timeout', 'timeout'],
    ['out-of-memory', 'out-of-memory'],
    ['node-fail', 'node'],
    ['preempted', 'preempted'],
    ['revoked', 'node'],
    ['completed', 'lost'],
  ] as const)('%s: failed (%s)', (state, kind) => {
    const past = [record(state)];
    expect(judge({ ...GONE, start: START, past, files: files({ started: true }) })).toMatchObject({
      kind: 'failed',
      failure: { kind },
    });
  });

  it('a job script that failed: the run was lost, or never began', () => {
    const past = [record('failed', { exitCode: 1 })];
    expect(judge({ ...GONE, past, files: files() })).toMatchObject({ failure: { kind: 'submit' } });
    expect(judge({ ...GONE, past, start: START, files: files() })).toMatchObject({ failure: { kind: 'lost' } });
  });

  it('cancelled by root after no time, before it began: preempted; by anybody else: cancelled', () => {
    const cancelled = (by: number | null) => [record('cancelled', { cancelledBy: by, elapsedSeconds: 0 })];
    expect(judge({ ...GONE, past: cancelled(0), files: files() })).toMatchObject({ failure: { kind: 'preempted' } });
    expect(judge({ ...GONE, past: cancelled(1000), files: files() }).kind).toBe('cancelled');
    // The queue does not tell who it was.
    expect(judge({ ...GONE, past: cancelled(null), files: files() }).kind).toBe('cancelled');
    expect(judge({ ...GONE, absentMs: 20_000, past: cancelled(null), files: files() }).kind).toBe('wait');
  });

  it('a repeat that found it claimed proves nothing', () => {
    const past = [record('failed', { id: '1002', exitCode: 76 })];
    expect(judge({ ...GONE, absentMs: 20_000, start: START, past, files: files({ owner: '1001' }) }).kind).toBe('wait');
    expect(judge({ ...GONE, start: START, past, files: files({ owner: '1001' }) }).kind).toBe('unknown');
  });

  it('is unknown, and neither failed nor done, when nobody knows anything', () => {
    expect(judge({ ...GONE, files: files() })).toMatchObject({ kind: 'unknown' });
    expect(judge({ ...GONE, files: files({ started: true, owner: '1001' }) })).toMatchObject({ kind: 'unknown' });
  });

  it('is cancelled when the site was told, and not when it was only wanted', () => {
    const looked = { ...GONE, absentMs: 20_000, files: files(), cancelWanted: true };
    expect(judge({ ...looked, cancelTold: true }).kind).toBe('cancelled');
    expect(judge(looked).kind).toBe('wait');
    expect(judge({ ...looked, cancelTold: true, pastAsked: false }).kind).toBe('wait');
  });
});

describe('over all evidence', () => {
  const state = fc.constantFrom(...TASK_STATES);
  const anyRecord = fc
    .tuple(state, fc.constantFrom('1001', '1002'), fc.constantFrom(null, 0, 1000), fc.constantFrom(0, 10))
    .map(([s, id, cancelledBy, elapsedSeconds]) => record(s, { id, cancelledBy, elapsedSeconds }));
  const anyEnd = fc.constantFrom(null, end(), end({ exitCode: 3 }), KILLED, TERMINATED);
  const evidence: fc.Arbitrary<RunEvidence> = fc.record({
    start: fc.constantFrom(null, START),
    end: anyEnd,
    unprepared: fc.constant(null),
    cancelledBeforeStart: fc.constant(false),
    live: fc.array(anyRecord, { maxLength: 2 }),
    past: fc.array(anyRecord, { maxLength: 2 }),
    files: fc.option(
      fc.record({
        ...{ run: fc.constant(1), owner: fc.constantFrom(null, '1001'), started: fc.boolean(), end: anyEnd },
        ...{ alive: fc.constantFrom(null, true, false), cancelled: fc.boolean() },
      }),
    ),
    absentMs: fc.option(fc.nat({ max: LONG })),
    absentLooks: fc.nat({ max: 9 }),
    pastAsked: fc.boolean(),
    cancelWanted: fc.boolean(),
    cancelTold: fc.boolean(),
  });
  const isFinal = (kind: string): boolean => ['ended', 'failed', 'cancelled'].includes(kind);

  it('nothing is final while the queue shows it waiting or running, but what its wrapper has told to have ended by itself', () => {
    fc.assert(
      fc.property(evidence, (e) => {
        const lives = e.live.some((r) => !isFinalTaskState(r.state)) && e.live.every((r) => !isFinalTaskState(r.state));
        const byItself = (e.end ?? e.files?.end)?.reason === 'exit' && (e.end ?? e.files?.end)?.signal === null;
        if (lives && !byItself) expect(isFinal(judgeRun({ ...e, absentMs: null }).kind)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('without the word of the wrapper or of the scheduler nothing is done or failed', () => {
    fc.assert(
      fc.property(evidence, (e) => {
        const silent = {
          ...e,
          end: null,
          past: [],
          live: [],
          files: e.files && { ...e.files, end: null, alive: null },
        };
        expect(['ended', 'failed']).not.toContain(judgeRun(silent).kind);
      }),
      { numRuns: 2000 },
    );
  });

  it('waiting longer never takes back what is final', () => {
    fc.assert(
      fc.property(evidence, fc.nat({ max: LONG }), (e, more) => {
        const before = judgeRun(e);
        if (e.absentMs === null || !isFinal(before.kind)) return;
        expect(judgeRun({ ...e, absentMs: e.absentMs + more, absentLooks: e.absentLooks + 1 }).kind).toBe(before.kind);
      }),
      { numRuns: 2000 },
    );
  });
});
