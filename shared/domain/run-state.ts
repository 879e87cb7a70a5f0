/** States of a run (one case of a job). `unknown` = we do not know, and say so. */
export const RUN_STATES = [
  'planned',
  'staged',
  'queued',
  'starting',
  'running',
  'finishing',
  'done',
  'failed',
  'cancelled',
  'unknown',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Why a run failed. */
export const FAILURE_KINDS = [
  'input',
  'submit',
  'timeout',
  'out-of-memory',
  'signal',
  'exit-code',
  'criteria',
  'output',
  'node',
  'preempted',
  'lost',
] as const;
export type FailureKind = (typeof FAILURE_KINDS)[number];

export interface Failure {
  readonly kind: FailureKind;
  /** One sentence: what happened, with the figure or line that shows it. */
  readonly message: string;
}

/** One letter per state, so that the states of ten thousand runs travel as one string of ten thousand letters. */
const LETTERS: Record<RunState, string> = {
  planned: 'p',
  staged: 's',
  queued: 'q',
  starting: 'b',
  running: 'r',
  finishing: 'f',
  done: 'd',
  failed: 'x',
  cancelled: 'c',
  unknown: 'u',
};
const STATES = new Map(Object.entries(LETTERS).map(([state, letter]) => [letter, state as RunState]));

export function stateLetter(state: RunState): string {
  return LETTERS[state];
}

/** The state of a letter; an unknown letter means `unknown`. */
export function letterState(letter: string): RunState {
  return STATES.get(letter) ?? 'unknown';
}

/** True when nothing more will happen to the run by itself. */
export function isEnded(state: RunState): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

/** The states that may follow a state within one attempt. A re-run begins a new attempt at `planned`. */
const NEXT: Record<RunState, readonly RunState[]> = {
  planned: ['staged', 'queued', 'failed', 'cancelled', 'unknown'],
  staged: ['queued', 'starting', 'planned', 'failed', 'cancelled', 'unknown'],
  queued: ['starting', 'planned', 'staged', 'failed', 'cancelled', 'unknown'],
  starting: ['running', 'finishing', 'queued', 'planned', 'failed', 'cancelled', 'unknown'],
  running: ['finishing', 'planned', 'failed', 'cancelled', 'unknown', 'queued'],
  finishing: ['done', 'failed', 'cancelled', 'unknown'],
  unknown: ['planned', 'staged', 'queued', 'starting', 'running', 'finishing', 'done', 'failed', 'cancelled'],
  done: [],
  failed: [],
  cancelled: [],
};

export function mayFollow(from: RunState, to: RunState): boolean {
  return NEXT[from].includes(to);
}

/** Numbers of runs by what a person asks: `queued` counts planned, staged and queued; `running` counts starting, running and finishing. */
export interface RunCounts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  readonly running: number;
  readonly queued: number;
  readonly cancelled: number;
  readonly unknown: number;
}

export type CountName = Exclude<keyof RunCounts, 'total'>;

const COUNT_OF: Record<RunState, CountName> = {
  planned: 'queued',
  staged: 'queued',
  queued: 'queued',
  starting: 'running',
  running: 'running',
  finishing: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown',
};

export function countOf(state: RunState): CountName {
  return COUNT_OF[state];
}

export const JOB_STATES = ['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled', 'unknown'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** The state of a job, derived from its runs. `failed` = ended with at least one failed run; the other runs' results are still there. */
export function jobState(counts: RunCounts, cancelling: boolean): JobState {
  const open = counts.queued + counts.running + counts.unknown;
  if (open > 0) {
    if (cancelling && counts.queued + counts.running > 0) return 'cancelling';
    if (counts.running > 0) return 'running';
    if (counts.queued === 0) return 'unknown';
    return counts.queued === counts.total ? 'queued' : 'running';
  }
  if (counts.failed > 0) return 'failed';
  if (counts.cancelled > 0) return 'cancelled';
  return 'done';
}
