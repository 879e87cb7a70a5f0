import type { TaskNumbering } from '../../../../shared/domain/scheduler/types.ts';
import type { Submission } from '../../storage/submission-store.ts';

/** Which task of a submission's array is which run. */
export interface TaskNumbers {
  /** The run must be one of the submission. */
  taskOf(run: number): number;
  /** Null: no run of the submission has that task. */
  runOf(task: number): number | null;
}

/** The same for the same submission at all times, whatever became of its runs. */
export function taskNumbers(submission: Pick<Submission, 'first' | 'runs'>, numbering: TaskNumbering): TaskNumbers {
  const { first, runs } = submission;
  if (numbering === 'by-run') {
    const known = new Set(runs);
    return {
      taskOf: (run) => run - first + 1,
      runOf: (task) => (known.has(first + task - 1) ? first + task - 1 : null),
    };
  }
  const places = new Map(runs.map((run, i) => [run, i + 1]));
  return {
    taskOf: (run) => {
      const task = places.get(run);
      if (task === undefined) throw new Error(`run ${run} is not one of the submission`);
      return task;
    },
    runOf: (task) => runs[task - 1] ?? null,
  };
}
