import type { CoreContract } from '../../shared/contract/index.ts';
import type { JobDetail, JobWatchItem } from '../../shared/contract/jobs.ts';
import { letterState, RUN_STATES } from '../../shared/domain/run-state.ts';
import type { RunState } from '../../shared/domain/run-state.ts';
import type { Connection } from './connection.ts';
import { FollowedView } from './followed-view.ts';

/** A job as its page shows it; the states of its runs are asked for one by one (`LiveJob.stateOf`). */
export type JobView =
  | { readonly kind: 'loading' }
  | { readonly kind: 'there'; readonly job: JobDetail }
  | { readonly kind: 'removed' }
  | { readonly kind: 'problem'; readonly problem: unknown };

/** Which runs changed: their state, or what was found in their files. `all` after a snapshot. */
export interface RunChanges {
  readonly states: readonly number[] | 'all';
  readonly results: readonly number[] | 'all';
}

type JobConnection = Pick<Connection<CoreContract>, 'watch'>;

const CODES = new Map(RUN_STATES.map((state, code) => [state, code]));

function codeOf(letter: string): number {
  return CODES.get(letterState(letter))!;
}

/**
 * One job, followed as long as somebody looks. The states of its runs lie in one byte each outside of React;
 * `subscribe` tells of the job, `onChanges` of single runs. What is known stays while the core is not heard.
 */
export class LiveJob extends FollowedView<JobView> {
  readonly id: string;
  readonly #connection: JobConnection;
  readonly #changeListeners = new Set<(changes: RunChanges) => void>();
  #states = new Uint8Array(0);

  constructor(connection: JobConnection, id: string) {
    super({ kind: 'loading' });
    this.#connection = connection;
    this.id = id;
  }

  /** Does not keep the job followed by itself; somebody must `subscribe`. */
  readonly onChanges = (listener: (changes: RunChanges) => void): (() => void) => {
    this.#changeListeners.add(listener);
    return () => {
      this.#changeListeners.delete(listener);
    };
  };

  /** The state of a run, 1…n; `unknown` outside. */
  readonly stateOf = (run: number): RunState => RUN_STATES[this.#states[run - 1] ?? -1] ?? 'unknown';

  protected follow(): () => void {
    return this.#connection.watch(
      (client, options) => client.jobs.watch({ job: this.id }, options),
      (item) => this.#apply(item),
      (problem) => this.show({ kind: 'problem', problem }),
    );
  }

  #apply(item: JobWatchItem): void {
    if (item.kind === 'removed') return this.show({ kind: 'removed' });
    const job = this.#sameColumns(item.job);
    if (item.kind === 'snapshot') {
      this.#states = Uint8Array.from(item.states, codeOf);
      this.show({ kind: 'there', job });
      return this.#tell({ states: 'all', results: 'all' });
    }
    for (const [run, letter] of item.changed) this.#states[run - 1] = codeOf(letter);
    this.show({ kind: 'there', job });
    this.#tell({ states: item.changed.map(([run]) => run), results: item.results });
  }

  /** Columns never change while a job goes on; keeping their objects spares the table from being drawn anew with every delta. */
  #sameColumns(job: JobDetail): JobDetail {
    const known = this.getSnapshot();
    if (known.kind !== 'there') return job;
    const { variables, outputs } = known.job;
    const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
    return {
      ...job,
      variables: same(job.variables, variables) ? variables : job.variables,
      outputs: same(job.outputs, outputs) ? outputs : job.outputs,
    };
  }

  #tell(changes: RunChanges): void {
    for (const listener of [...this.#changeListeners]) listener(changes);
  }
}
