import type { CountName, JobState, RunState } from '../../../shared/domain/run-state.ts';

/** What a state looks like: one colour family of styles/tokens.css and one shape. */
export type Tone = 'planned' | 'queued' | 'running' | 'done' | 'failed' | 'cancelled' | 'unknown' | 'attention';

const RUN_TONES: Record<RunState, Tone> = {
  planned: 'planned',
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

const JOB_TONES: Record<JobState, Tone> = {
  queued: 'queued',
  running: 'running',
  cancelling: 'attention',
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  unknown: 'unknown',
};

export function runTone(state: RunState): Tone {
  return RUN_TONES[state];
}

export function jobTone(state: JobState): Tone {
  return JOB_TONES[state];
}

/** A state as a word that begins a sentence or stands alone. */
export function stateWord(state: RunState | JobState): string {
  return state.charAt(0).toUpperCase() + state.slice(1);
}

/** The counts of a job in the order in which bars and chips show them. */
export const COUNT_ORDER: readonly CountName[] = ['done', 'failed', 'running', 'queued', 'cancelled', 'unknown'];

/** The run states that a count sums up (see `countOf`). */
export const STATES_OF_COUNT: Record<CountName, readonly RunState[]> = {
  done: ['done'],
  failed: ['failed'],
  running: ['starting', 'running', 'finishing'],
  queued: ['planned', 'staged', 'queued'],
  cancelled: ['cancelled'],
  unknown: ['unknown'],
};
