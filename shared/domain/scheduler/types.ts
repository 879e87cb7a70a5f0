/**
 * What Slipway asks of a batch scheduler. An adapter only builds POSIX sh commands and reads text; running them is the site's business, so that adapters are
 * tested on recorded output. All times are epoch seconds of the scheduler's clock.
 */

/** One vocabulary for all schedulers (Slurm's words are in `slurm-states.ts`). */
export const TASK_STATES = [
  /** Waits for its turn. */
  'pending',
  /** Waits until somebody releases it. */
  'held',
  /** Has nodes that are being prepared. */
  'starting',
  'running',
  'suspended',
  /** Its program has ended; the scheduler tidies up. Not final. */
  'finishing',
  'completed',
  'failed',
  'timeout',
  'out-of-memory',
  /** A node or the site failed, not the program. */
  'node-fail',
  'preempted',
  'cancelled',
  /** Moved to another cluster of a federation. */
  'revoked',
  /** A word that we do not know; `rawState` is shown. */
  'unknown',
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** True for states after which the scheduler does nothing more with a task. */
export function isFinalTaskState(state: TaskState): boolean {
  return (
    state === 'completed' ||
    state === 'failed' ||
    state === 'timeout' ||
    state === 'out-of-memory' ||
    state === 'node-fail' ||
    state === 'preempted' ||
    state === 'cancelled' ||
    state === 'revoked'
  );
}

/** What the queue or the accounting says of one or more tasks of an array that share everything. */
export interface TaskRecord {
  /** Id of the array (or job) as submission printed it, without cluster. */
  readonly id: string;
  /** Task indices, ascending; empty for a job that is no array. Pending tasks of an array stand in one record. */
  readonly tasks: readonly number[];
  /** Job name. With ids reused after a reset, only the name proves that a record is ours. */
  readonly name: string;
  readonly state: TaskState;
  /** The scheduler's own word. */
  readonly rawState: string;
  /** The scheduler's own word for why it waits or ended; null = none. */
  readonly reason: string | null;
  readonly submittedAt: number | null;
  /** Start, or the expected start of a pending task. */
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly elapsedSeconds: number | null;
  /** Nodes, as the scheduler writes them; null = none yet. */
  readonly nodes: string | null;
  readonly exitCode: number | null;
  /** Number of the signal that ended it; null = none or not told. */
  readonly signal: number | null;
  readonly maxRssBytes: number | null;
  /** For a cancelled task: numeric user id of who did it; null = not told. */
  readonly cancelledBy: number | null;
}

/** What a command printed. */
export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
}

/**
 * A look at the queue or the accounting. `disabled`: this site has no accounting (no error, and no use in asking again). `failed`: the look itself failed;
 * nothing may be concluded from it.
 */
export type Reading =
  | { readonly kind: 'read'; readonly records: readonly TaskRecord[] }
  | { readonly kind: 'disabled'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Why a submission was not accepted, each kind with its own behaviour. */
export const SUBMIT_FAILURE_KINDS = [
  /** A limit on the number of jobs: keep the rest here and try later. */
  'limit',
  /** It may have been accepted: look by name before anything else. */
  'ambiguous',
  /** It was refused in words that we do not know: look by name, and when it is not there a person has to change it. */
  'unclear',
  /** The scheduler could not be asked: try again. */
  'transient',
  /** The request is wrong: a person has to change it. */
  'permanent',
  /** No room where the scheduler or the job writes. */
  'storage',
] as const;
export type SubmitFailureKind = (typeof SUBMIT_FAILURE_KINDS)[number];

export interface SubmitFailure {
  readonly kind: SubmitFailureKind;
  /** A sentence for people that holds the scheduler's own words. */
  readonly message: string;
  /** What to do about it; null = nothing, it is handled. */
  readonly hint: string | null;
}

/** Resources of one task and how many go at once. */
export interface TaskResources {
  readonly cores: number;
  /** Bytes for the whole task; null = the site's default. */
  readonly memoryBytes: number | null;
  /** Seconds after which the scheduler may kill it. */
  readonly walltimeSeconds: number;
  readonly partition: string | null;
  /** Slurm `--constraint`, Grid Engine `-l`. */
  readonly constraint: string | null;
  /** Slurm account, Grid Engine project. */
  readonly account: string | null;
  readonly qos: string | null;
  /** Cores of one node of the core type: more cores than this need several nodes. */
  readonly nodeCores: number;
  /** How many tasks may run at once. */
  readonly concurrency: number;
}

/** An array to submit. */
export interface ArrayRequest {
  /** Unique for ever: `sw` and letters, digits, hyphens. */
  readonly token: string;
  /** Ascending, each at least 1. */
  readonly tasks: readonly number[];
  readonly resources: TaskResources;
  /** Absolute path of the job script on the site. */
  readonly script: string;
  /** Folder (absolute) for what the scheduler itself writes, one file per task. */
  readonly logs: string;
}

/** Shell words with which a job script learns what it is, evaluated on the compute node. */
export interface TaskVariables {
  /** Id of the array as submission printed it. */
  readonly id: string;
  readonly index: string;
  /** How often this task has been requeued; `0` where that is not told. */
  readonly restarts: string;
  /** Name of the signal (`USR2`) by which the scheduler announces to all processes of a task that it will kill them; null = it sends TERM to them first, or nothing. */
  readonly notice: string | null;
  /** Exit codes by which a job script gives the scheduler an order; a run's own exit code must not be taken for one. */
  readonly reservedExitCodes: readonly number[];
}

/**
 * How task indices follow from runs. `by-run`: 1 for the first run of the submission, and as far from it as the run's number is, so that arrays have gaps.
 * `dense`: 1, 2, 3 … in the order of the runs, for schedulers whose arrays have no gaps.
 */
export type TaskNumbering = 'by-run' | 'dense';

export interface SchedulerAdapter {
  /** `slots`: no scheduler, our own small runner on the host. */
  readonly kind: 'slurm' | 'gridengine' | 'slots';
  /** For people: `Slurm`. */
  readonly title: string;
  /** Directive lines for the top of the job script, such as `#SBATCH …`; may be empty when `submit` says it all. */
  directives(request: ArrayRequest): string;
  readonly variables: TaskVariables;
  readonly numbering: TaskNumbering;
  /** Seconds by which the accounting may lag behind the end of a task. */
  readonly accountingLagSeconds: number;
  /** An sh command that submits the array once and prints its id alone on stdout's last line. Runs in a clean environment. */
  submit(request: ArrayRequest): string;
  /** The id; null when there is none in the text. */
  parseSubmit(output: CommandOutput): string | null;
  classifySubmit(output: CommandOutput): SubmitFailure;
  /** Asks the scheduler whether it would take the array, without submitting; null = it cannot be asked. Prints what `parseTest` reads. */
  test(request: ArrayRequest): string | null;
  /** `startsAt`: epoch seconds at which it would start; null = not told. */
  parseTest(
    output: CommandOutput,
  ): { readonly ok: true; readonly startsAt: number | null } | { readonly ok: false; readonly failure: SubmitFailure };
  /** One look at all jobs of ours that have not left the queue. */
  queue(): string;
  parseQueue(output: CommandOutput): Reading;
  /** Looks at tasks by array id, also those that ended a short while ago, without accounting. One unknown id must not hide the others. */
  queueByIds(ids: readonly string[]): string;
  /** Looks at tasks in the accounting. `since`: epoch seconds before which nothing of ours was submitted. */
  history(ids: readonly string[], since: number): string;
  parseHistory(output: CommandOutput): Reading;
  /** Looks for a job by its unique name: in the queue … */
  queueByName(token: string): string;
  /** … and in the accounting. Read with `parseQueue` and `parseHistory`. */
  historyByName(token: string, since: number): string;
  /** Ends tasks of an array, or all of it (`null`). Harmless when they have ended, and to somebody else's job of the same id: `token` is the job's name. */
  cancel(id: string, tasks: readonly number[] | null, token: string): string;
  /** A task of an array as the scheduler's own commands take it, such as `123_4`. */
  taskId(id: string, task: number): string;
  /** Whether a cancel's output means that it was heard: it may be told again. */
  parseCancel(output: CommandOutput): { readonly ok: boolean; readonly message: string | null };
  /** A sentence for people: why a task waits. `reason` is the scheduler's word. */
  reasonInWords(reason: string): string;
}

/** Limits of a site that matter to submission; null = not known. */
export interface SchedulerLimits {
  /** Largest task index + 1. */
  readonly maxArraySize: number | null;
  /** Jobs (tasks count) that one user may have in the queue. */
  readonly maxSubmit: number | null;
  /** Seconds for which the queue remembers ended jobs. */
  readonly minJobAgeSeconds: number | null;
  readonly accounting: boolean;
}
