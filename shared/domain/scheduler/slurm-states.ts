import type { TaskState } from './types.ts';

/** Slurm's words for job states, long and short (https://slurm.schedmd.com/job_state_codes.html), in our vocabulary. */
const STATES: Readonly<Record<string, TaskState>> = {
  PENDING: 'pending',
  PD: 'pending',
  REQUEUED: 'pending',
  RQ: 'pending',
  REQUEUE_FED: 'pending',
  RF: 'pending',
  REQUEUE_HOLD: 'held',
  RH: 'held',
  RESV_DEL_HOLD: 'held',
  RD: 'held',
  SPECIAL_EXIT: 'held',
  SE: 'held',
  CONFIGURING: 'starting',
  CF: 'starting',
  POWER_UP_NODE: 'starting',
  RESIZING: 'starting',
  RS: 'starting',
  RUNNING: 'running',
  R: 'running',
  SIGNALING: 'running',
  SI: 'running',
  STAGE_OUT: 'running',
  SO: 'running',
  COMPLETING: 'finishing',
  CG: 'finishing',
  SUSPENDED: 'suspended',
  S: 'suspended',
  STOPPED: 'suspended',
  ST: 'suspended',
  COMPLETED: 'completed',
  CD: 'completed',
  FAILED: 'failed',
  F: 'failed',
  LAUNCH_FAILED: 'node-fail',
  RECONFIG_FAIL: 'node-fail',
  TIMEOUT: 'timeout',
  TO: 'timeout',
  DEADLINE: 'timeout',
  DL: 'timeout',
  OUT_OF_MEMORY: 'out-of-memory',
  OOM: 'out-of-memory',
  NODE_FAIL: 'node-fail',
  NF: 'node-fail',
  BOOT_FAIL: 'node-fail',
  BF: 'node-fail',
  PREEMPTED: 'preempted',
  PR: 'preempted',
  CANCELLED: 'cancelled',
  CA: 'cancelled',
  REVOKED: 'revoked',
  RV: 'revoked',
};

/** Pending tasks that wait for somebody, not for their turn. */
const HELD = new Set([
  'JobHeldUser',
  'JobHeldAdmin',
  'JobHoldMaxRequeue',
  'Dependency never satisfied',
  'DependencyNeverSatisfied',
]);
/** Slurm gave up after a failed start: `launch_failed_requeued_held`, `user_env_retrieval_failed_requeued_held`. */
const HELD_ENDING = /requeued[ _]held$/;

/** The state of a word such as `CANCELLED by 1000` or `OUT_OF_ME+`; what we do not know is `unknown`. */
export function slurmState(text: string, reason: string | null = null): TaskState {
  const word = text.trim().split(/\s/, 1)[0]!.toUpperCase();
  const state = STATES[word] ?? (word.endsWith('+') ? cutState(word.slice(0, -1)) : undefined) ?? 'unknown';
  return state === 'pending' && reason !== null && (HELD.has(reason) || HELD_ENDING.test(reason)) ? 'held' : state;
}

/** The state whose word, or what stands behind it, was cut off; only when no other state begins like it. */
function cutState(beginning: string): TaskState | undefined {
  // `CANCELLED by 1000` is cut after a whole word.
  if (STATES[beginning] !== undefined) return STATES[beginning];
  const known = Object.keys(STATES).filter((word) => word.length > beginning.length && word.startsWith(beginning));
  return known.length === 1 ? STATES[known[0]!] : undefined;
}

/** `CANCELLED by 1000` → 1000. */
export function cancelledBy(text: string): number | null {
  const m = /^CANCELLED by (\d+)/.exec(text.trim());
  return m === null ? null : Number(m[1]);
}
