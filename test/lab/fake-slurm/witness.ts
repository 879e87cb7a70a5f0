import { basename, dirname } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { RunRow } from '../../../electron/core/storage/run-store.ts';
import { RunStore } from '../../../electron/core/storage/run-store.ts';
import { isEnded } from '../../../shared/domain/run-state.ts';
import type { Scenario } from './scenario.ts';
import type { FakeSlurm } from './slurm-model.ts';
import type { Execution, TaskProcesses } from './task-processes.ts';
import type { AttemptTruth } from './truth.ts';
import { judgeEndState } from './truth.ts';

interface WitnessDeps {
  readonly db: Database;
  readonly job: string;
  readonly slurm: FakeSlurm;
  readonly processes: TaskProcesses;
  readonly scenario: Scenario;
  /** The scheduler has refused a submission for good. */
  readonly wasRefused: () => boolean;
  readonly accountingLied: () => boolean;
  readonly note: (what: string) => void;
  readonly violate: (what: string) => void;
}

interface Raw {
  token: string;
  runs: string;
  attempts: string;
  first: number;
}

/** Sees what Slipway tells of the runs and what they really do, and says where the two do not agree. */
export class Witness {
  readonly #d: WitnessDeps;
  readonly #store: RunStore;
  readonly #submissions;
  readonly #cancelled = new Set<string>();
  /** Attempts (`run.attempt`) that have been told as ended. */
  readonly #told = new Set<string>();

  constructor(deps: WitnessDeps) {
    this.#d = deps;
    this.#store = new RunStore(deps.db);
    this.#submissions = deps.db.prepare<[], Raw>('SELECT token, runs, attempts, first FROM submission');
  }

  /** Number of attempts that have been told as ended. */
  get told(): number {
    return this.#told.size;
  }

  /** A person wants these runs to end; null = all. */
  cancelled(runs: readonly number[] | null): void {
    for (const row of this.#rows())
      if (!isEnded(row.state) && (runs === null || runs.includes(row.run)))
        this.#cancelled.add(`${row.run}.${row.attempt}`);
  }

  /** Something was written into the database. Nothing is told as ended while it is at work. */
  written(): void {
    for (const row of this.#rows()) {
      const key = `${row.run}.${row.attempt}`;
      if (!isEnded(row.state) || this.#told.has(key)) continue;
      this.#told.add(key);
      this.#d.note(`run ${key} is told as ${row.state} ${row.failure?.kind ?? ''} ${row.failure?.message ?? ''}`);
      if (this.#executionsOf(row.run, row.attempt).some((e) => e.ended === null))
        this.#d.violate(`run ${key} is told as ${row.state} while it is at work`);
    }
  }

  /** A run's command has begun. It must be the only one, the first that comes to its end, and not told as ended. */
  atWork(execution: Execution): void {
    const { folder, run, task } = execution;
    this.#d.note(`run ${run} at work as ${task.job.id}_${task.index} r${task.restarts} ${tokenOf(folder)}`);
    const attempt = this.#attemptOf(folder);
    const others = this.#executionsOf(run, attempt).filter((e) => e !== execution);
    if (others.some((e) => e.ended === null)) this.#d.violate(`run ${run}.${attempt} is at work twice at once`);
    if (others.some((e) => typeof e.ended === 'number'))
      this.#d.violate(`run ${run}.${attempt} is run again after it had come to its end`);
    if (this.#told.has(`${run}.${attempt}`)) this.#d.violate(`run ${run}.${attempt} begins after it was told as ended`);
  }

  /** Every run is told as ended; `mayBeUnknown`: or as unknown, where nobody can know any more. */
  isSettled(mayBeUnknown: boolean): boolean {
    return this.#rows().every(
      (row) => isEnded(row.state) || (mayBeUnknown && row.state === 'unknown' && this.#truthOf(row).witnessLost),
    );
  }

  checkEnds(): void {
    for (const row of this.#rows()) {
      const wrong = judgeEndState(row, this.#truthOf(row));
      if (wrong !== null) this.#d.violate(`run ${row.run}.${row.attempt}: ${wrong}`);
    }
  }

  states(): string[] {
    return this.#rows().map((row) => row.state);
  }

  #rows(): RunRow[] {
    return this.#store.range(this.#d.job, 1, this.#d.scenario.runs);
  }

  /** The attempt that a run's folder on the site belongs to. */
  #attemptOf(folder: string): number {
    const submission = this.#submissions.all().find((s) => s.token === tokenOf(folder))!;
    return attemptIn(submission, Number(basename(folder)))!;
  }

  #executionsOf(run: number, attempt: number): Execution[] {
    return this.#d.processes.executions.filter((e) => e.run === run && this.#attemptOf(e.folder) === attempt);
  }

  #truthOf({ run, attempt }: RunRow): AttemptTruth {
    const { slurm, scenario } = this.#d;
    const submissions = this.#submissions.all().filter((s) => attemptIn(s, run) === attempt);
    const tasks = slurm
      .tasks()
      .filter((t) => submissions.some((s) => s.token === t.job.name && t.index === run - s.first + 1));
    return {
      executions: this.#executionsOf(run, attempt),
      tasks,
      cancelWanted: this.#cancelled.has(`${run}.${attempt}`),
      refused: this.#d.wasRefused(),
      accountingLied: this.#d.accountingLied(),
      noAccounting: !scenario.accounting,
      witnessLost: !scenario.accounting || tasks.some((t) => slurm.reused.has(t.job.id)),
    };
  }
}

/** A run's folder is `…/TOKEN/runs/0001`. */
function tokenOf(folder: string): string {
  return basename(dirname(dirname(folder)));
}

function attemptIn({ runs, attempts }: Raw, run: number): number | undefined {
  const at = (JSON.parse(runs) as number[]).indexOf(run);
  return at < 0 ? undefined : (JSON.parse(attempts) as number[])[at];
}
