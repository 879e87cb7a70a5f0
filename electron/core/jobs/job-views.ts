import type { Job, JobDetail, JobSiteNote, OutputColumn, ResultRow, RunDetail } from '../../../shared/contract/jobs.ts';
import { jobState } from '../../../shared/domain/run-state.ts';
import type { AttemptRow, RunRow } from '../storage/run-store.ts';
import type { JobRow } from '../storage/job-store.ts';
import type { JobPlan } from './job-plan.ts';
import { valuesByName } from './run-scope.ts';

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** The job as scripts and lists see it. */
export function jobView(row: JobRow): Job {
  return {
    id: row.id,
    name: row.name,
    type: row.type,
    site: row.site,
    state: jobState(row.counts, row.cancelling),
    runs: row.counts,
    submittedAt: iso(row.submittedAt)!,
    finishedAt: iso(row.finishedAt),
    folder: row.folder,
  };
}

export function outputColumns(row: JobRow): OutputColumn[] {
  return JSON.parse(row.outputs) as OutputColumn[];
}

export function jobDetailView(row: JobRow, plan: JobPlan, siteNote: JobSiteNote | null): JobDetail {
  return {
    ...jobView(row),
    command: plan.spec.command,
    slots: plan.slots,
    coresPerSlot: plan.coresPerSlot,
    coreType: plan.coreType,
    memoryBytes: plan.memoryBytes,
    walltimeSeconds: plan.walltimeSeconds,
    variables: [...plan.variables],
    outputs: outputColumns(row),
    software: plan.spec.software ?? null,
    source: row.source,
    specText: row.specText,
    meanWallSeconds: row.wallCount === 0 ? null : row.wallSum / row.wallCount,
    siteNote,
    storage: plan.spec.storage ?? null,
  };
}

/** Every output column is present; a run without a value has null. */
export function resultRow(plan: JobPlan, columns: readonly OutputColumn[], run: RunRow): ResultRow {
  const outputs = Object.fromEntries(columns.map((c) => [c.name, run.outputs?.[c.name] ?? null]));
  return {
    run: run.run,
    state: run.state,
    ...(run.failure === null ? {} : { failure: run.failure }),
    values: valuesByName(plan.variables, run.values),
    outputs,
    exitCode: run.exitCode,
    wallSeconds: run.wallSeconds,
  };
}

export function runDetailView(
  plan: JobPlan,
  columns: readonly OutputColumn[],
  run: RunRow,
  attempts: readonly AttemptRow[],
  place: {
    readonly folder: string;
    readonly command: string;
    readonly remoteFolder: string | null;
    readonly pendingReason: string | null;
    /** What was loaded for the last attempt. */
    readonly loaded: string | null;
    readonly outputsAt: RunDetail['outputsAt'];
  },
): RunDetail {
  const row = resultRow(plan, columns, run);
  return {
    run: run.run,
    state: run.state,
    failure: run.failure,
    values: row.values,
    outputs: row.outputs,
    exitCode: run.exitCode,
    wallSeconds: run.wallSeconds,
    command: place.command,
    folder: place.folder,
    problems: [...run.problems],
    pendingReason: place.pendingReason,
    remoteFolder: place.remoteFolder,
    outputsAt: place.outputsAt,
    attempts: attempts.map((a, i) => ({
      attempt: a.attempt,
      state: a.state,
      failure: a.failure,
      exitCode: a.exitCode,
      wallSeconds: a.wallSeconds,
      peakMemoryBytes: a.peakMemoryBytes,
      startedAt: iso(a.startedAt),
      endedAt: iso(a.endedAt),
      schedulerId: a.schedulerId,
      node: a.node,
      restarts: a.restarts,
      loaded: i === attempts.length - 1 ? place.loaded : null,
    })),
  };
}
