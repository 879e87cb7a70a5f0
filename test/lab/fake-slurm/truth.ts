import type { RunRow } from '../../../electron/core/storage/run-store.ts';
import type { FakeTask } from './slurm-model.ts';
import type { Execution } from './task-processes.ts';

/** What the world knows of one attempt of a run. */
export interface AttemptTruth {
  readonly executions: readonly Execution[];
  /** The tasks of all its arrays, also of those that were accepted twice. */
  readonly tasks: readonly FakeTask[];
  readonly cancelWanted: boolean;
  /** The scheduler refused it for good. */
  readonly refused: boolean;
  /** Nobody can know any more how its tasks ended: no accounting, or ids that others have taken. */
  readonly witnessLost: boolean;
  readonly noAccounting: boolean;
  /** The accounting has been silent, or was cut off, at least once. */
  readonly accountingLied: boolean;
}

/** What is wrong about a run's stored end; null = it tells the truth. */
export function judgeEndState(row: RunRow, truth: AttemptTruth): string | null {
  const told = row.state === 'failed' ? `failed(${row.failure?.kind ?? ''})` : row.state;
  const allowed = allowedEnds(truth);
  if (!allowed.includes(told))
    return `it is told as ${told}, and the truth allows ${allowed.join(', ')}: ${inWords(truth)}`;
  if (row.state === 'done' && row.outputs?.['value'] !== row.run)
    return `it is done with the value ${JSON.stringify(row.outputs?.['value'])}`;
  return null;
}

function allowedEnds({
  executions,
  tasks,
  cancelWanted,
  refused,
  witnessLost,
  noAccounting,
  accountingLied,
}: AttemptTruth): string[] {
  const byItself = executions.find((e) => typeof e.ended === 'number');
  // A person who cancels a run that fails at the same moment may be told either.
  const cancelled = cancelWanted ? ['cancelled'] : [];
  if (byItself !== undefined) return byItself.ended === 0 ? ['done'] : ['failed(exit-code)', ...cancelled];
  // Nothing but the wrapper's word, or not even that.
  const lost = witnessLost ? ['unknown', 'failed(signal)', 'failed(lost)'] : [];
  const owner = executions.at(-1)?.task;
  const deciding = owner === undefined ? tasks : [owner];
  const causes = new Set(deciding.map((t) => t.cause));
  const allowed = [...cancelled, ...lost];
  if (refused && executions.length === 0) allowed.push('failed(submit)');
  if (executions.length === 0 && tasks.length === 0) return allowed;
  for (const cause of causes) {
    switch (cause) {
      case 'cancelled':
        allowed.push('cancelled');
        break;
      case 'timeout':
        allowed.push('failed(timeout)');
        break;
      case 'out-of-memory':
        allowed.push('failed(out-of-memory)');
        break;
      case 'node':
        allowed.push('failed(node)');
        break;
      case 'preempted':
      case 'taken-away':
        allowed.push('failed(preempted)');
        // Only the accounting tells who took it away.
        if (noAccounting || accountingLied) allowed.push('cancelled');
        break;
      case 'wrapper-killed':
        allowed.push('failed(lost)');
        break;
      case 'died-early':
        // After an earlier start the run had begun, and left no record.
        allowed.push(...(executions.length === 0 ? ['failed(submit)'] : ['failed(lost)', 'failed(signal)']));
        break;
      default:
        break;
    }
  }
  return allowed;
}

function inWords({ executions, tasks, cancelWanted, witnessLost }: AttemptTruth): string {
  const ran = executions.map((e) => `${e.task.job.id}_${e.task.index} ${String(e.ended)}`).join(', ');
  const had = tasks.map((t) => `${t.job.id}_${t.index} ${t.state} by ${t.cause ?? '?'} r${t.restarts}`).join(', ');
  return `executions [${ran}], tasks [${had}]${cancelWanted ? ', cancel wanted' : ''}${witnessLost ? ', no witness' : ''}`;
}
