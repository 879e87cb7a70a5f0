import type { WorldTime } from './virtual-time.ts';

/** Slurm's own words. */
export type Word =
  | 'PENDING'
  | 'RUNNING'
  | 'SUSPENDED'
  | 'COMPLETING'
  | 'COMPLETED'
  | 'FAILED'
  | 'TIMEOUT'
  | 'OUT_OF_MEMORY'
  | 'NODE_FAIL'
  | 'PREEMPTED'
  | 'CANCELLED';

/** Why a task ended as it did, which is more than Slurm tells. */
export type Cause =
  | 'script'
  | 'cancelled'
  | 'timeout'
  | 'out-of-memory'
  | 'node'
  | 'preempted'
  | 'wrapper-killed'
  | 'died-early'
  | 'taken-away';

/** One task of an array, as the controller sees it. */
export interface FakeTask {
  readonly job: FakeJob;
  readonly index: number;
  state: Word;
  reason: string;
  restarts: number;
  submitted: number;
  started: number | null;
  ended: number | null;
  exit: string;
  node: string;
  cancelledBy: number | null;
  cause: Cause | null;
  /** The controller has forgotten it. */
  purged: boolean;
  /** Does what the task does next, at its time. */
  stop: (() => void) | null;
  seq: number;
}

export interface FakeJob {
  readonly id: number;
  readonly name: string;
  readonly script: string | null;
  readonly concurrency: number;
  readonly tasks: Map<number, FakeTask>;
}

/** What the accounting holds of a task. */
export type Account = Pick<
  FakeTask,
  'job' | 'index' | 'state' | 'submitted' | 'started' | 'ended' | 'exit' | 'node' | 'cancelledBy' | 'seq'
>;

/** The nodes: they start job scripts and end them. */
export interface Nodes {
  /** Starts the job script of a task; resolves when its command is at work (null), or to its exit code when it ended before. */
  start(task: FakeTask): Promise<number | null>;
  /** Lets the command end by itself; resolves to the exit code of the job script. */
  finish(task: FakeTask): Promise<number>;
  /** Ends what runs of a task; resolves when nothing of it is left. */
  end(task: FakeTask, how: 'term' | 'kill' | 'kill-command' | 'kill-wrapper'): Promise<number>;
}

export interface ModelOptions {
  readonly time: WorldTime;
  readonly nodes: Nodes;
  readonly random: () => number;
  readonly capacity: number;
  readonly accounting: boolean;
  readonly minJobAge: number;
}

export const FINAL: ReadonlySet<Word> = new Set([
  'COMPLETED',
  'FAILED',
  'TIMEOUT',
  'OUT_OF_MEMORY',
  'NODE_FAIL',
  'PREEMPTED',
  'CANCELLED',
]);

/** slurmctld and slurmdbd: arrays, a queue, nodes, a memory that fades, and an accounting that may lag. Times are epoch seconds. */
export class FakeSlurm {
  readonly jobs: FakeJob[] = [];
  readonly accounting = new Map<string, Account>();
  /** Ids of ours that somebody else's jobs have taken. */
  readonly reused = new Set<number>();
  readonly #d: ModelOptions;
  #nextId = 1000;
  #seq = 0;
  #undelivered: Account[] = [];
  #scheduled = false;
  /** Seconds by which the accounting is late. */
  lag = 0;
  dbdIsDown = false;
  /** Called when the script of the next task that starts shall die before it does anything. */
  diesEarly: () => boolean = () => false;
  /** Called when a job that is none of ours is cancelled. */
  onStrangerCancelled: () => void = () => {};
  /** Called when a task has begun to work. */
  onWork: (task: FakeTask) => void = () => {};

  constructor(options: ModelOptions) {
    this.#d = options;
  }

  get hasAccounting(): boolean {
    return this.#d.accounting;
  }

  get now(): number {
    return this.#d.time.epoch;
  }

  tasks(): FakeTask[] {
    return this.jobs.flatMap((job) => [...job.tasks.values()]);
  }

  submit(request: { name: string; tasks: readonly number[]; concurrency: number; script: string | null }): FakeJob {
    const job: FakeJob = { ...request, id: this.#nextId++, tasks: new Map() };
    for (const index of request.tasks) {
      const task: FakeTask = {
        ...{
          job,
          index,
          state: 'PENDING',
          reason: 'None',
          restarts: 0,
          submitted: this.now,
          started: null,
          ended: null,
        },
        ...{ exit: '0:0', node: '', cancelledBy: null, cause: null, purged: false, stop: null, seq: 0 },
      };
      job.tasks.set(index, task);
      this.#account(task);
    }
    this.jobs.push(job);
    if (job.script !== null) this.schedule(1 + this.#d.random() * 20);
    return job;
  }

  /** Looks for tasks that can start, in so many seconds. */
  schedule(seconds = 1): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#d.time.in(seconds, async () => {
      this.#scheduled = false;
      await this.#startWhatFits();
    });
  }

  /** `by`: numeric user id. */
  cancel(task: FakeTask, by: number): void {
    if (FINAL.has(task.state) || task.state === 'COMPLETING') return;
    if (task.job.script === null) return this.onStrangerCancelled();
    task.cancelledBy = by;
    if (task.state === 'PENDING') {
      task.cause = 'cancelled';
      this.#end(task, 'CANCELLED', '0:0');
    } else this.#endLater(task, 'CANCELLED', 'cancelled', '0:15', 'term');
  }

  /** A pending task is cancelled by root before it began: how a preemption without requeue looks. */
  takeAway(task: FakeTask): void {
    task.cancelledBy = 0;
    task.cause = 'taken-away';
    this.#end(task, 'CANCELLED', '0:0');
  }

  hold(task: FakeTask, reason: string): void {
    task.reason = reason;
  }

  release(): void {
    for (const task of this.tasks()) if (task.state === 'PENDING') task.reason = 'None';
    this.schedule();
  }

  suspend(task: FakeTask, seconds: number): void {
    task.state = 'SUSPENDED';
    this.#account(task);
    task.stop?.();
    task.stop = this.#d.time.in(seconds, () => {
      task.state = 'RUNNING';
      this.#account(task);
      this.#plan(task);
    });
  }

  /** Ends a running task from outside; with `requeue` it waits anew under the same id. */
  async strike(
    task: FakeTask,
    how: {
      word: Word;
      cause: Cause;
      exit: string;
      by: 'term' | 'kill' | 'kill-command' | 'kill-wrapper';
      requeue: boolean;
    },
  ): Promise<void> {
    task.stop?.();
    task.stop = null;
    const code = await this.#d.nodes.end(task, how.by);
    if (how.requeue) {
      Object.assign(task, { state: 'PENDING', reason: 'BeginTime', started: null, ended: null, node: '', exit: '0:0' });
      task.restarts++;
      task.submitted = this.now;
      this.#account(task);
      this.#d.time.in(5 + this.#d.random() * 120, () => {
        if (task.state === 'PENDING' && task.reason === 'BeginTime') task.reason = 'None';
        this.schedule();
      });
      return;
    }
    task.cause = how.cause;
    this.#end(task, how.word, how.exit === '' ? `${code}:0` : how.exit);
  }

  /** The counter of ids begins anew, and somebody else's jobs take the ids of ours that the controller has forgotten. Returns how many. */
  reuseIds(): number {
    const forgotten = this.jobs.filter((job) => job.script !== null && [...job.tasks.values()].every((t) => t.purged));
    for (const job of forgotten) {
      this.reused.add(job.id);
      const stranger: FakeJob = { id: job.id, name: 'nightly', script: null, concurrency: 1, tasks: new Map() };
      const [index] = job.tasks.keys();
      const task: FakeTask = {
        ...{ job: stranger, index: index!, state: 'RUNNING', reason: 'None', restarts: 0, submitted: this.now },
        ...{ started: this.now, ended: null, exit: '0:0', node: 'n9', cancelledBy: null, cause: null, purged: false },
        ...{ stop: null, seq: 0 },
      };
      stranger.tasks.set(index!, task);
      this.jobs.push(stranger);
      this.#account(task);
      this.#d.time.in(30 + this.#d.random() * 200, () => this.#end(task, 'FAILED', '1:0'));
    }
    return forgotten.length;
  }

  /** The accounting answers again, and gets what it has missed. */
  repairAccounting(): void {
    this.dbdIsDown = false;
    this.lag = 0;
    for (const account of this.#undelivered.splice(0)) this.#deliver(account);
  }

  async #startWhatFits(): Promise<void> {
    for (const job of this.jobs) {
      if (job.script === null) continue;
      for (const task of job.tasks.values()) {
        if (task.state !== 'PENDING' || task.reason !== 'None') continue;
        const busy = (t: FakeTask): boolean => t.state !== 'PENDING' && !FINAL.has(t.state);
        if (this.tasks().filter((t) => t.job.script !== null && busy(t)).length >= this.#d.capacity) return;
        if ([...job.tasks.values()].filter(busy).length >= job.concurrency) break;
        await this.#start(task);
      }
    }
  }

  async #start(task: FakeTask): Promise<void> {
    Object.assign(task, { state: 'RUNNING', started: this.now, node: `n${1 + (task.index % 3)}`, cause: null });
    this.#account(task);
    if (this.diesEarly()) {
      task.cause = 'died-early';
      this.#end(task, 'FAILED', '1:0');
      return;
    }
    const code = await this.#d.nodes.start(task);
    if (code === null) {
      this.#plan(task);
      this.onWork(task);
    } else this.#endByItself(task, code);
  }

  /** Its command ends by itself after a while. */
  #plan(task: FakeTask): void {
    task.stop = this.#d.time.in(3 + this.#d.random() * 90, async () => {
      task.stop = null;
      this.#endByItself(task, await this.#d.nodes.finish(task));
    });
  }

  #endByItself(task: FakeTask, code: number): void {
    task.cause = 'script';
    this.#endLater(task, code === 0 ? 'COMPLETED' : 'FAILED', 'script', `${code}:0`, null);
  }

  /** Through COMPLETING, as ends often go. */
  #endLater(task: FakeTask, word: Word, cause: Cause, exit: string, by: 'term' | null): void {
    task.stop?.();
    task.state = 'COMPLETING';
    task.stop = this.#d.time.in(this.#d.random() < 0.5 ? 0 : this.#d.random() * 30, async () => {
      task.stop = null;
      if (by !== null) await this.#d.nodes.end(task, by);
      task.cause = cause;
      this.#end(task, word, exit);
    });
  }

  #end(task: FakeTask, word: Word, exit: string): void {
    Object.assign(task, { state: word, exit, ended: this.now, stop: null });
    task.started ??= this.now;
    this.#account(task);
    this.#d.time.in(this.#d.minJobAge, () => {
      if (FINAL.has(task.state)) task.purged = true;
    });
    this.schedule();
  }

  #account(task: FakeTask): void {
    const { job, index, state, submitted, started, ended, exit, node, cancelledBy } = task;
    const account = { job, index, state, submitted, started, ended, exit, node, cancelledBy, seq: ++this.#seq };
    if (this.lag === 0 && !this.dbdIsDown) this.#deliver(account);
    else if (this.dbdIsDown) this.#undelivered.push(account);
    else
      this.#d.time.in(this.lag, () => (this.dbdIsDown ? void this.#undelivered.push(account) : this.#deliver(account)));
  }

  #deliver(account: Account): void {
    const key = `${account.job.id}_${account.index}`;
    const known = this.accounting.get(key);
    if (known === undefined || known.seq < account.seq) this.accounting.set(key, account);
  }
}
