import type { TaskState } from './types.ts';

/**
 * Grid Engine's state letters in our vocabulary (sge_status(5), qstat(1)). They come in any order and combination: `hqw`, `Rr`, `dRt`, `Eqw`, `tS`.
 * Null for a task that has ended and is only remembered (`z`): that says nothing about how.
 */
export function gridEngineState(letters: string): TaskState | null {
  const text = letters.trim();
  if (!/^[A-Za-z]{1,8}$/.test(text)) return 'unknown';
  const has = (some: string): boolean => [...some].some((letter) => text.includes(letter));
  if (has('z')) return null;
  if (has('E')) return 'held';
  // On its way out: what it was does not count any more, and it is not over yet.
  if (has('d')) return 'finishing';
  if (has('qw')) return has('h') ? 'held' : 'pending';
  if (has('sSTNP')) return 'suspended';
  if (has('t')) return 'starting';
  if (has('r')) return 'running';
  if (has('x')) return 'finishing';
  return 'unknown';
}

/** What the accounting says of a task's end, in its own terms. */
export interface AccountedEnd {
  /** Code of what went wrong outside the program (sge_status(5)); 0 = nothing. */
  readonly failed: number;
  /** As a shell tells it: 128 + number for a signal. */
  readonly exitStatus: number;
  readonly elapsedSeconds: number | null;
  /** The time limit that was asked for; null = none. */
  readonly timeLimitSeconds: number | null;
  readonly maxVirtualBytes: number | null;
  /** The limit of virtual memory that was asked for, for all slots together; null = none. */
  readonly virtualLimitBytes: number | null;
  /** Univa and Altair tell who deleted a task; null = nobody, or not told. */
  readonly deletedBy: string | null;
}

/** The scheduler killed it at a limit. */
const FAILED_AT_LIMIT = 37;
/** The task was killed by a signal, or the accounting cannot tell. */
const FAILED_BY_SIGNAL = new Set([17, 100]);
/** It ran to its end; only what comes after it failed. */
const FAILED_AFTERWARDS = new Set([12, 13, 14, 15, 16, 30]);
/** It was put back into the queue: no end. */
const RESCHEDULED = new Set([24, 25]);
/** 128 + SIGUSR2: what a job script of ours ends with after the announcement that it will be killed. */
export const EXIT_ANNOUNCED = 140;
/** Looks at the memory are seconds apart: the highest one seen may lie a little below the limit. */
const NEARLY = 0.95;

/** Null for the record of a task that was put back into the queue: another one will tell its end. */
export function accountedState(end: AccountedEnd): TaskState | null {
  const { failed, exitStatus } = end;
  if (RESCHEDULED.has(failed)) return null;
  const killed = failed === FAILED_AT_LIMIT || FAILED_BY_SIGNAL.has(failed);
  // Whole seconds: a task that was killed at its limit may show one second less.
  const { timeLimitSeconds: limit, elapsedSeconds: elapsed } = end;
  if ((killed || exitStatus === EXIT_ANNOUNCED) && limit !== null && elapsed !== null && elapsed >= limit - 1)
    return 'timeout';
  if (killed && end.virtualLimitBytes !== null) {
    const used = end.maxVirtualBytes ?? 0;
    if (failed === FAILED_AT_LIMIT || used >= NEARLY * end.virtualLimitBytes) return 'out-of-memory';
  }
  if (end.deletedBy !== null) return 'cancelled';
  if (failed === 0 || killed || FAILED_AFTERWARDS.has(failed)) {
    if (exitStatus === EXIT_ANNOUNCED && failed !== FAILED_AT_LIMIT) return 'cancelled';
    return exitStatus === 0 && !killed ? 'completed' : 'failed';
  }
  // Everything else happened before the program began, or to the node.
  return 'node-fail';
}
