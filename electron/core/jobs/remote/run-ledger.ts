import type { RunState } from '../../../../shared/domain/run-state.ts';
import { letterState } from '../../../../shared/domain/run-state.ts';
import type { Clock } from '../../clock.ts';
import type { RunChange, RunStore } from '../../storage/run-store.ts';
import type { RunJournal } from '../run-journal.ts';

/** The states and attempts of a job's runs in memory; every change goes to the journal. */
export class RunLedger {
  readonly #job: string;
  readonly #journal: RunJournal;
  readonly #clock: Clock;
  readonly states: RunState[];
  readonly #attempts: number[];

  constructor(job: string, runs: RunStore, journal: RunJournal, clock: Clock) {
    this.#job = job;
    this.#journal = journal;
    this.#clock = clock;
    const { letters, attempts } = runs.states(job);
    this.states = [...letters].map(letterState);
    this.#attempts = attempts;
  }

  /** The state of a run of the job. */
  stateOf(run: number): RunState {
    return this.states[run - 1]!;
  }

  attemptOf(run: number): number {
    return this.#attempts[run - 1]!;
  }

  /** Begins another attempt of a run. */
  nextAttempt(run: number): void {
    this.#attempts[run - 1]!++;
    this.record(run, 'planned');
  }

  record(run: number, to: RunState, more: Partial<RunChange> = {}): void {
    const from = this.stateOf(run);
    this.states[run - 1] = to;
    const attempt = this.attemptOf(run);
    this.#journal.record({ job: this.#job, run, attempt, from, to, at: this.#clock.now(), ...more });
  }
}
