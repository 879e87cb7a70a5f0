import type { JobDetail, ResultRow } from '../../../shared/contract/jobs.ts';
import { formatBytes, formatDuration } from '../../../shared/domain/units.ts';
import { plural } from '../../ui/words/number-words.ts';

/** Half as much again: enough for most, and a mistake does not cost much. */
const FACTOR = 1.5;

export interface Repair {
  readonly kind: 'out-of-memory' | 'timeout';
  readonly runs: readonly number[];
  readonly sentence: string;
  /** The verb on the button, with the new limit. */
  readonly action: string;
  readonly more: { readonly memory?: number; readonly walltime?: number };
}

/** What can be done about failed runs that ran out of memory or time: the same runs with half as much again. */
export function repairsFor(
  job: Pick<JobDetail, 'memoryBytes' | 'walltimeSeconds'>,
  failed: readonly Pick<ResultRow, 'run' | 'failure'>[],
): Repair[] {
  const of = (kind: Repair['kind']): number[] => failed.filter((r) => r.failure?.kind === kind).map((r) => r.run);
  const repairs: Repair[] = [];
  const memory = of('out-of-memory');
  if (memory.length > 0 && job.memoryBytes !== null) {
    repairs.push({
      kind: 'out-of-memory',
      runs: memory,
      sentence: `${plural(memory.length, 'run')} ran out of memory (${formatBytes(job.memoryBytes)}).`,
      action: `Re-run with ${formatBytes(job.memoryBytes * FACTOR)}`,
      more: { memory: FACTOR },
    });
  }
  const time = of('timeout');
  if (time.length > 0) {
    repairs.push({
      kind: 'timeout',
      runs: time,
      sentence: `${plural(time.length, 'run')} ran out of time (${formatDuration(job.walltimeSeconds)}).`,
      action: `Re-run with ${formatDuration(job.walltimeSeconds * FACTOR)}`,
      more: { walltime: FACTOR },
    });
  }
  return repairs;
}
