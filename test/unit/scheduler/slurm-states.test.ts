import { describe, expect, it } from 'vitest';
import { cancelledBy, slurmState } from '../../../shared/domain/scheduler/slurm-states.ts';
import type { TaskState } from '../../../shared/domain/scheduler/types.ts';
import { isFinalTaskState } from '../../../shared/domain/scheduler/types.ts';

/** https://slurm.schedmd.com/job_state_codes.html: long and short word, and what it is for us. */
const TABLE: readonly (readonly [string, string, TaskState])[] = [
  ['PENDING', 'PD', 'pending'],
  ['REQUEUED', 'RQ', 'pending'],
  ['REQUEUE_FED', 'RF', 'pending'],
  ['REQUEUE_HOLD', 'RH', 'held'],
  ['RESV_DEL_HOLD', 'RD', 'held'],
  ['SPECIAL_EXIT', 'SE', 'held'],
  ['CONFIGURING', 'CF', 'starting'],
  ['POWER_UP_NODE', '', 'starting'],
  ['RESIZING', 'RS', 'starting'],
  ['RUNNING', 'R', 'running'],
  ['SIGNALING', 'SI', 'running'],
  ['STAGE_OUT', 'SO', 'running'],
  ['COMPLETING', 'CG', 'finishing'],
  ['SUSPENDED', 'S', 'suspended'],
  ['STOPPED', 'ST', 'suspended'],
  ['COMPLETED', 'CD', 'completed'],
  ['FAILED', 'F', 'failed'],
  ['LAUNCH_FAILED', '', 'node-fail'],
  ['RECONFIG_FAIL', '', 'node-fail'],
  ['TIMEOUT', 'TO', 'timeout'],
  ['DEADLINE', 'DL', 'timeout'],
  ['OUT_OF_MEMORY', 'OOM', 'out-of-memory'],
  ['NODE_FAIL', 'NF', 'node-fail'],
  ['BOOT_FAIL', 'BF', 'node-fail'],
  ['PREEMPTED', 'PR', 'preempted'],
  ['CANCELLED', 'CA', 'cancelled'],
  ['REVOKED', 'RV', 'revoked'],
];
const FINAL = ['CD', 'F', 'TO', 'DL', 'OOM', 'NF', 'BF', 'PR', 'CA', 'RV', 'LAUNCH_FAILED', 'RECONFIG_FAIL'];

describe("Slurm's words for states", () => {
  it.each(TABLE)('%s (%s) is %s', (long, short, state) => {
    expect(slurmState(long)).toBe(state);
    expect(slurmState(long.toLowerCase())).toBe(state);
    if (short !== '') expect(slurmState(short)).toBe(state);
  });

  it('holds exactly those for final after which Slurm does nothing more', () => {
    const final = TABLE.filter(([, , state]) => isFinalTaskState(state)).map(([long, short]) => short || long);
    expect(final.toSorted()).toEqual(FINAL.toSorted());
  });

  it('reads who cancelled, and words with something behind them', () => {
    expect(slurmState('CANCELLED by 1000')).toBe('cancelled');
    expect(cancelledBy('CANCELLED by 1000')).toBe(1000);
    expect(cancelledBy('CANCELLED by 0')).toBe(0);
    expect(cancelledBy('CANCELLED')).toBeNull();
    expect(cancelledBy('FAILED')).toBeNull();
  });

  it('completes words that were cut off only where no other begins so', () => {
    expect(slurmState('CANCELLED+')).toBe('cancelled');
    expect(slurmState('OUT_OF_ME+')).toBe('out-of-memory');
    expect(slurmState('NODE_FA+')).toBe('node-fail');
    expect(slurmState('COMPLET+')).toBe('unknown');
    expect(slurmState('P+')).toBe('unknown');
  });

  it('says that it does not know, and never throws', () => {
    for (const word of ['', ' ', 'EXPEDITING', 'constructor', '__proto__', '+', 'COMPLETED?']) {
      expect(slurmState(word)).toBe('unknown');
    }
  });

  it.each([
    ['JobHeldUser', 'held'],
    ['JobHeldAdmin', 'held'],
    ['JobHoldMaxRequeue', 'held'],
    ['launch_failed_requeued_held', 'held'],
    ['launch failed requeued held', 'held'],
    ['user_env_retrieval_failed_requeued_held', 'held'],
    ['DependencyNeverSatisfied', 'held'],
    ['Priority', 'pending'],
    ['BeginTime', 'pending'],
    ['(null)', 'pending'],
  ] as const)('a pending task with the reason %s is %s', (reason, state) => {
    expect(slurmState('PENDING', reason)).toBe(state);
  });

  it('a reason holds no task that is not pending', () => {
    expect(slurmState('RUNNING', 'JobHeldUser')).toBe('running');
  });
});
