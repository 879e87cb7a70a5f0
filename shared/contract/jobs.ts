import { bytes, command, query, stream } from '../rpc/procedure.ts';
import { z } from '../zod.ts';
import {
  failure,
  fileEntry,
  jobRef,
  jobState,
  outputValue,
  problem,
  relativePath,
  requestId,
  runNumber,
  runState,
} from './common.ts';

export const runCounts = z.object({
  total: z.number(),
  done: z.number(),
  failed: z.number(),
  running: z.number(),
  queued: z.number(),
  cancelled: z.number(),
  unknown: z.number(),
});

/** The job as scripts see it (design.md §6). Times are ISO 8601 UTC. */
export const job = z.object({
  id: z.string(),
  name: z.string(),
  type: z.enum(['basic', 'doe']),
  site: z.string(),
  state: jobState,
  runs: runCounts,
  submittedAt: z.string(),
  finishedAt: z.string().nullable(),
  /** Absolute path of the job's folder, which holds `runs/`. */
  folder: z.string(),
});
export type Job = z.infer<typeof job>;

export const outputColumn = z.object({
  name: z.string(),
  unit: z.string().nullable(),
  label: z.string().nullable(),
  kind: z.enum(['number', 'text']),
});
export const variableColumn = z.object({
  name: z.string(),
  unit: z.string().nullable(),
  label: z.string().nullable(),
  kind: z.enum(['number', 'text']),
});
export type VariableColumn = z.infer<typeof variableColumn>;
export type OutputColumn = z.infer<typeof outputColumn>;

/** What a remote site says of a job as a whole. */
export const jobSiteNote = z.object({
  /** Steps that can last: each says what is being waited for. */
  phase: z.enum(['staging', 'submitting', 'in-queue', 'collecting', 'waiting-for-site', 'held', 'idle']),
  /** A sentence; null = nothing to say. For pending runs: why they wait, in plain words. */
  message: z.string().nullable(),
  /** What to do about it; null = nothing. */
  hint: z.string().nullable(),
  /** ISO 8601 UTC; when what the message says is tried again, or decided, at the latest and by itself; null = that depends on the site, or on somebody. */
  until: z.string().nullable().default(null),
  /** ISO 8601 UTC; when the scheduler expects the next pending run to start. */
  expectedStart: z.string().nullable(),
  /** ISO 8601 UTC; when the site last told anything about this job. */
  heardAt: z.string().nullable(),
  /** Ids of the arrays at the scheduler, the newest last. */
  schedulerIds: z.array(z.string()),
  /** Staging and collecting: bytes and runs moved so far, and in all; null = nothing is moved. `totalBytes`: null while it is not known. */
  progress: z
    .object({
      doneRuns: z.number(),
      totalRuns: z.number(),
      bytes: z.number(),
      totalBytes: z.number().nullable(),
      bytesPerSecond: z.number().nullable(),
    })
    .nullable(),
});
export type JobSiteNote = z.infer<typeof jobSiteNote>;

/** A job with what its page shows beside the runs. */
export const jobDetail = job.extend({
  /** Null for jobs of this workstation. */
  siteNote: jobSiteNote.nullable().default(null),
  /** Where the files of the runs live; null = in the job folder. */
  storage: z.object({ bucket: z.string(), input: z.string(), output: z.string() }).nullable().default(null),
  command: z.string(),
  slots: z.number(),
  coresPerSlot: z.number(),
  coreType: z.string(),
  memoryBytes: z.number().nullable(),
  walltimeSeconds: z.number(),
  variables: z.array(variableColumn),
  outputs: z.array(outputColumn),
  software: z.string().nullable(),
  /** Folder that the job was submitted from. */
  source: z.string(),
  /** The frozen slipway.yaml. */
  specText: z.string(),
  /** Mean wall seconds of the ended runs; null until one has ended. */
  meanWallSeconds: z.number().nullable(),
});
export type JobDetail = z.infer<typeof jobDetail>;

export const attempt = z.object({
  attempt: z.number().int(),
  state: runState,
  failure: failure.nullable(),
  exitCode: z.number().nullable(),
  wallSeconds: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  startedAt: z.string().nullable(),
  endedAt: z.string().nullable(),
  /** `123_4` or `123.4` at the scheduler; null on this workstation or before submission. */
  schedulerId: z.string().nullable().default(null),
  /** Where it ran, as the scheduler or the run wrapper says. */
  node: z.string().nullable().default(null),
  /** How often the scheduler started it anew (requeue, preemption). */
  restarts: z.number().default(0),
  /** What was loaded: the output of `module list` and the like; null = nothing was recorded. */
  loaded: z.string().nullable().default(null),
});

export const runDetail = z.object({
  run: runNumber,
  state: runState,
  failure: failure.nullable(),
  values: z.record(z.string(), z.string()),
  outputs: z.record(z.string(), outputValue),
  exitCode: z.number().nullable(),
  wallSeconds: z.number().nullable(),
  /** The command as it was run, placeholders filled. */
  command: z.string(),
  folder: z.string(),
  /** Problems found while reading this run's outputs. */
  problems: z.array(problem),
  /** Oldest first; the last one is the current. */
  attempts: z.array(attempt),
  /** Why the run waits, in plain words; null = it does not wait, or nobody said. */
  pendingReason: z.string().nullable().default(null),
  /** Path of the run's folder on its site; null on this workstation. */
  remoteFolder: z.string().nullable().default(null),
  /** Where the run's outputs go in the job's bucket; `files` and `bytes` are null before it has put them. Null = to no bucket. */
  outputsAt: z
    .object({
      bucket: z.string(),
      prefix: z.string(),
      files: z.number().nullable(),
      bytes: z.number().nullable(),
    })
    .nullable()
    .default(null),
});
export type RunDetail = z.infer<typeof runDetail>;

export const resultRow = z.object({
  run: runNumber,
  state: runState,
  failure: failure.optional(),
  values: z.record(z.string(), z.string()),
  outputs: z.record(z.string(), outputValue),
  exitCode: z.number().nullable(),
  wallSeconds: z.number().nullable(),
});
export type ResultRow = z.infer<typeof resultRow>;

const jobsListItem = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('snapshot'), revision: z.number(), jobs: z.array(job) }),
  z.object({ kind: z.literal('delta'), revision: z.number(), jobs: z.array(job), removed: z.array(z.string()) }),
]);

const jobWatchItem = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('snapshot'),
    revision: z.number(),
    job: jobDetail,
    /** One letter per run, run 1 first (shared/domain/run-state.ts). */
    states: z.string(),
  }),
  z.object({
    kind: z.literal('delta'),
    revision: z.number(),
    job: jobDetail,
    /** Pairs [run, letter] of the runs that changed since the last item. */
    changed: z.array(z.tuple([z.number(), z.string()])),
    /** Runs whose outputs changed (their results rows are stale). */
    results: z.array(z.number()),
  }),
  z.object({ kind: z.literal('removed'), revision: z.number() }),
]);
export type JobWatchItem = z.infer<typeof jobWatchItem>;

/** Changes to the spec from the command line (`--set hardware.slots=4`): dotted key → text, read as YAML. */
export const overrides = z.record(z.string(), z.string());

export const checkInput = z.object({
  folder: z.string(),
  site: z.string().default('local'),
  overrides: overrides.default({}),
});

export const jobs = {
  list: query(z.object({ limit: z.number().int().min(1).max(10_000).default(1000) }), z.object({ jobs: z.array(job) })),
  watchList: stream(z.object({}), jobsListItem),
  get: query(z.object({ job: jobRef }), jobDetail),
  watch: stream(z.object({ job: jobRef }), jobWatchItem),
  /** Every problem of a job folder at once; nothing is run. */
  check: query(checkInput, z.object({ ok: z.boolean(), problems: z.array(problem), runs: z.number() })),
  /** Checks, freezes the job folder and starts it. Fails with `jobs/check_failed` (details: `{problems}`) when the check finds errors. */
  submit: command(checkInput.extend({ requestId }), job),
  /** Ends runs; without `runs` the whole job. Ended runs stay as they are. */
  cancel: command(z.object({ requestId, job: jobRef, runs: z.array(runNumber).optional() }), job),
  /** Starts a new attempt of ended runs. */
  rerun: command(
    z.object({
      requestId,
      job: jobRef,
      runs: z.union([z.array(runNumber).min(1), z.literal('failed'), z.literal('all')]),
      /** Factors on the job's memory and time limit for these attempts, such as 1.5 after running out of either. */
      more: z
        .object({ memory: z.number().min(1).max(100).optional(), walltime: z.number().min(1).max(100).optional() })
        .optional(),
    }),
    job,
  ),
  /** Deletes an ended job with its folder. */
  remove: command(z.object({ job: jobRef }), z.object({})),
  run: query(z.object({ job: jobRef, run: runNumber }), runDetail),
  files: query(
    z.object({ job: jobRef, run: runNumber.nullable() }),
    z.object({ entries: z.array(fileEntry), truncated: z.boolean() }),
  ),
  /**
   * Bytes of a file of a run. `from` ≥ 0 is an offset; < 0 counts from the end. With `follow` the sequence goes on while
   * the run may still write, and ends when it has ended. A file that is not there yet is waited for when following.
   */
  tail: bytes(
    z.object({
      job: jobRef,
      run: runNumber,
      file: relativePath.default('stdout'),
      from: z.number().int().default(0),
      limit: z.number().int().min(1).optional(),
      follow: z.boolean().default(false),
    }),
  ),
  results: query(
    z.object({
      job: jobRef,
      offset: z.number().int().min(0).default(0),
      limit: z.number().int().min(1).max(100_000).default(200),
      /** `run`, `state`, `wallSeconds`, `exitCode`, `value:NAME` or `output:NAME`. */
      sort: z.object({ column: z.string(), descending: z.boolean() }).optional(),
      states: z.array(runState).optional(),
    }),
    z.object({
      total: z.number(),
      variables: z.array(variableColumn),
      outputs: z.array(outputColumn),
      rows: z.array(resultRow),
    }),
  ),
  /** One column for all runs, run 1 first: to colour the run map. Text and missing values are null. */
  column: query(z.object({ job: jobRef, column: z.string() }), z.object({ values: z.array(z.number().nullable()) })),
  exportResults: bytes(z.object({ job: jobRef, format: z.enum(['csv', 'json', 'parquet']) })),
  /** Copies run folders, and what runs have put into a bucket, to a folder of this workstation. */
  fetch: command(
    z.object({
      job: jobRef,
      to: z.string(),
      only: z.array(z.string()).default([]),
      runs: z.array(runNumber).optional(),
    }),
    z.object({ to: z.string(), files: z.number(), bytes: z.number() }),
  ),
  /** Opens the job's or run's folder in the file manager. Needs `openFolder`. */
  openFolder: command(z.object({ job: jobRef, run: runNumber.nullable() }), z.object({})),
};
