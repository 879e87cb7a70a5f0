import { randomBytes } from 'node:crypto';
import type { TaskNumbering } from '../../../../shared/domain/scheduler/types.ts';
import type { Submission } from '../../storage/submission-store.ts';

/** Largest number of runs of one submission: its folder appears by one rename, and a person waits for it. */
const RUNS_AT_MOST = 20_000;
/** Slurm's own default is 1001; an index must stay below it. */
const USUAL_ARRAY_SIZE = 1001;

export interface ChunkLimits {
  /** Largest task index + 1; null = not known. */
  readonly maxArraySize: number | null;
  /** Tasks that one user may have at the scheduler; null = not known. */
  readonly maxSubmit: number | null;
  /** The site's own runner knows no limits. */
  readonly unlimited: boolean;
  readonly numbering: TaskNumbering;
}

/** Cuts runs (ascending) into chunks that a scheduler takes as one array each: not too many, and their indices within its limit. */
export function chunkRuns(runs: readonly number[], limits: ChunkLimits): number[][] {
  const largestIndex = limits.unlimited ? Infinity : (limits.maxArraySize ?? USUAL_ARRAY_SIZE) - 1;
  const most = Math.max(1, Math.min(RUNS_AT_MOST, limits.unlimited ? Infinity : (limits.maxSubmit ?? Infinity)));
  const chunks: number[][] = [];
  let chunk: number[] = [];
  for (const run of runs) {
    const index = limits.numbering === 'dense' ? chunk.length + 1 : run - (chunk[0] ?? run) + 1;
    if (chunk.length > 0 && (chunk.length >= most || index > Math.max(1, largestIndex))) {
      chunks.push(chunk);
      chunk = [];
    }
    chunk.push(run);
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/** New submissions for runs (ascending) of a job. */
export function planSubmissions(options: {
  readonly job: string;
  readonly site: string;
  readonly runs: readonly number[];
  readonly attemptOf: (run: number) => number;
  readonly limits: ChunkLimits;
  readonly memoryBytes: number | null;
  readonly walltimeSeconds: number;
  /** Number of the last submission that the job has. */
  readonly lastNumber: number;
  readonly now: number;
}): Submission[] {
  return chunkRuns(options.runs, options.limits).map((runs, i) => {
    const number = options.lastNumber + i + 1;
    return {
      token: `sw-${options.job.replace(/[^A-Za-z0-9]/g, '')}-${number}-${randomBytes(4).toString('hex')}`,
      job: options.job,
      site: options.site,
      number,
      state: 'new',
      try: 1,
      runs,
      attempts: runs.map(options.attemptOf),
      first: runs[0]!,
      memoryBytes: options.memoryBytes,
      walltimeSeconds: options.walltimeSeconds,
      ids: [],
      since: null,
      triedAt: null,
      createdAt: options.now,
      cancels: [],
    };
  });
}
