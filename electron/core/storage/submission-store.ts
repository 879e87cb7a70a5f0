import type { Database } from 'better-sqlite3';

/**
 * `new`: its runs are chosen, nothing is on the site. `staged`: its folder stands on the site. `submitting`: written down before the scheduler is asked, and
 * until its answer is known. `submitted`: the scheduler has it. `ended`: all its runs have ended, or will never start.
 */
export const SUBMISSION_STATES = ['new', 'staged', 'submitting', 'submitted', 'ended'] as const;
export type SubmissionState = (typeof SUBMISSION_STATES)[number];

/** One array at a scheduler, or one batch of the slot runner of a host. */
export interface Submission {
  /** Unique for ever; the job's name at the scheduler. */
  readonly token: string;
  readonly job: string;
  readonly site: string;
  /** 1, 2, … within the job. */
  readonly number: number;
  readonly state: SubmissionState;
  /** How often the scheduler has been asked to take it; each try has a folder of its own on the site. */
  readonly try: number;
  /** Run numbers, ascending. */
  readonly runs: readonly number[];
  /** Attempt numbers, in the order of `runs`. */
  readonly attempts: readonly number[];
  /** Task index of a run = run − first + 1. */
  readonly first: number;
  readonly memoryBytes: number | null;
  readonly walltimeSeconds: number;
  /** Ids at the scheduler: one, or more when a repeat was accepted too. */
  readonly ids: readonly string[];
  /** Epoch seconds of the site's clock, before which the scheduler did not know it; null = never asked. */
  readonly since: number | null;
  /** UTC milliseconds of ours when the current try began. */
  readonly triedAt: number | null;
  readonly createdAt: number;
  /** Runs that a person wants to end: written down before the site is told, and told again by the next core. */
  readonly cancels: readonly number[];
}

interface Raw {
  token: string;
  job_id: string;
  site: string;
  number: number;
  state: SubmissionState;
  try: number;
  runs: string;
  attempts: string;
  first: number;
  memory_bytes: number | null;
  walltime_seconds: number;
  ids: string;
  since: number | null;
  tried_at: number | null;
  created_at: number;
  cancels: string;
}

function toSubmission(raw: Raw): Submission {
  return {
    token: raw.token,
    job: raw.job_id,
    site: raw.site,
    number: raw.number,
    state: raw.state,
    try: raw.try,
    runs: JSON.parse(raw.runs) as number[],
    attempts: JSON.parse(raw.attempts) as number[],
    first: raw.first,
    memoryBytes: raw.memory_bytes,
    walltimeSeconds: raw.walltime_seconds,
    ids: JSON.parse(raw.ids) as string[],
    since: raw.since,
    triedAt: raw.tried_at,
    createdAt: raw.created_at,
    cancels: JSON.parse(raw.cancels) as number[],
  };
}

/** Submissions, each written down before anything is done about it on the site. */
export class SubmissionStore {
  readonly #insert;
  readonly #save;
  readonly #ofJob;
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT INTO submission (token, job_id, site, number, state, try, runs, attempts, first, memory_bytes, walltime_seconds, ids, since, tried_at, created_at, cancels)
       VALUES (@token, @job, @site, @number, @state, @try, @runs, @attempts, @first, @memoryBytes, @walltimeSeconds, @ids, @since, @triedAt, @createdAt, @cancels)`,
    );
    this.#save = db.prepare(
      'UPDATE submission SET state = @state, try = @try, ids = @ids, since = @since, tried_at = @triedAt, cancels = @cancels WHERE token = @token',
    );
    this.#ofJob = db.prepare<[string], Raw>('SELECT * FROM submission WHERE job_id = ? ORDER BY number');
  }

  /** Adds submissions in one transaction. */
  insert(submissions: readonly Submission[]): void {
    this.#db.transaction(() => {
      for (const s of submissions) {
        this.#insert.run({
          ...s,
          runs: JSON.stringify(s.runs),
          attempts: JSON.stringify(s.attempts),
          ids: JSON.stringify(s.ids),
          cancels: JSON.stringify(s.cancels),
          memoryBytes: s.memoryBytes === null ? null : Math.round(s.memoryBytes),
        });
      }
    })();
  }

  /** Saves what changes in the life of a submission: state, try, ids, times and cancels. */
  save(submission: Submission): void {
    const { token, state, ids, since, triedAt, cancels } = submission;
    this.#save.run({
      ...{ token, state, try: submission.try, since, triedAt },
      ids: JSON.stringify(ids),
      cancels: JSON.stringify(cancels),
    });
  }

  /** All of a job, oldest first. */
  ofJob(job: string): Submission[] {
    return this.#ofJob.all(job).map(toSubmission);
  }
}
