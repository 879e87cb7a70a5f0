import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '../../../electron/core/storage/open-database.ts';
import { STATE_MIGRATIONS } from '../../../electron/core/storage/migrations/index.ts';
import { RunStore } from '../../../electron/core/storage/run-store.ts';
import type { RunWorkerClient } from '../../../electron/core/jobs/run-worker/run-worker-client.ts';
import { isEnded } from '../../../shared/domain/run-state.ts';
import { RemoteError } from '../../../electron/core/ssh/remote-host.ts';
import { CoreLife } from './core-life.ts';
import type { FakeBin } from './fake-bin.ts';
import { FaultBoard } from './fault-board.ts';
import { breakOf, FaultyPrograms, isSubmit, slotOf, strikeTask } from './faults.ts';
import { insertJob, JOB } from './fake-job.ts';
import type { Fault, FaultKind, Scenario } from './scenario.ts';
import { FAULTY_SECONDS } from './scenario.ts';
import { FakeSlurm, FINAL } from './slurm-model.ts';
import type { FakeTask } from './slurm-model.ts';
import { StaleFiles } from './stale-files.ts';
import { TaskProcesses } from './task-processes.ts';
import { seeded } from './seeded.ts';
import { VirtualTime } from './virtual-time.ts';
import { Witness } from './witness.ts';

/** After the last fault, all runs must have found their end within this time. */
const CALM_SECONDS = 4 * 3600;
/** A run of which nobody knows anything any more stays unknown; this long it is watched whether it does. */
const UNKNOWN_SECONDS = 1200;

export interface Report {
  readonly faults: ReadonlyMap<FaultKind, number>;
  readonly executions: number;
  readonly attempts: number;
  readonly violations: readonly string[];
  /** State of each run, run 1 first. */
  readonly states: readonly string[];
  /** Seconds of the virtual clock. */
  readonly seconds: number;
  /** What happened, for a person who looks for the cause of a violation. */
  readonly log: readonly string[];
}

/** One job, one cluster, one workstation, and everything that goes wrong between them. */
export class World {
  readonly #s: Scenario;
  readonly #bin: FakeBin;
  readonly #worker: RunWorkerClient;
  readonly #folder: string;
  readonly #workdir: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #time = new VirtualTime();
  readonly #board = new FaultBoard((kind) => this.#note(`fault ${kind}`));
  readonly #db = openDatabase({ path: ':memory:', migrations: STATE_MIGRATIONS, now: () => 1 });
  readonly #store = new RunStore(this.#db);
  readonly #processes: TaskProcesses;
  readonly #slurm: FakeSlurm;
  readonly #programs: FaultyPrograms;
  readonly #busy = new Set<Promise<unknown>>();
  readonly #violations: string[] = [];
  readonly #log: string[] = [];
  readonly #witness: Witness;
  #life: CoreLife | null = null;
  #skew: number;
  #stale: StaleFiles | null = null;
  #unreachableUntil = 0;
  #isCalm = false;
  #states: readonly string[] = [];
  #random: () => number;

  constructor(scenario: Scenario, parts: { bin: FakeBin; worker: RunWorkerClient; folder: string }) {
    this.#s = scenario;
    this.#bin = parts.bin;
    this.#worker = parts.worker;
    this.#folder = parts.folder;
    this.#workdir = join(parts.folder, 'work');
    this.#skew = scenario.skew;
    this.#random = seeded(scenario.seed);
    const env = { PATH: `${parts.bin.folder}:/usr/bin:/bin`, HOME: parts.folder, TZ: 'UTC', LC_ALL: 'C' };
    const codes = seeded(scenario.seed + 1);
    this.#processes = new TaskProcesses(env, () => (codes() < 0.15 ? 3 : 0));
    this.#slurm = new FakeSlurm({
      ...{ time: this.#time, nodes: this.#processes, random: this.#random, capacity: scenario.capacity },
      ...{ accounting: scenario.accounting, minJobAge: scenario.minJobAge },
    });
    this.#programs = new FaultyPrograms({
      ...{ time: this.#time, slurm: this.#slurm, board: this.#board },
      work: (call) => this.#processes.work(call),
    });
    this.#env = env;
    this.#witness = new Witness({
      ...{ db: this.#db, job: JOB, slurm: this.#slurm, processes: this.#processes, scenario },
      accountingLied: () => [...this.#board.struck.keys()].some((kind) => /^sacct-(?:silent|half)/.test(kind)),
      wasRefused: () => this.#board.struck.has('sbatch-invalid-partition'),
      note: (what) => this.#note(what),
      violate: (what) => this.#violate(what),
    });
  }

  async run(): Promise<Report> {
    const realRandom = Math.random;
    Math.random = seeded(this.#s.seed + 2);
    try {
      await this.#live();
    } finally {
      Math.random = realRandom;
      this.#life?.kill();
      this.#programs.letGo();
      this.#processes.killAll();
      await this.#quiet();
      this.#states = this.#witness.states();
      this.#bin.onCall = () => 'exit 1';
      this.#db.close();
      rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
    }
    return {
      faults: this.#board.struck,
      executions: this.#processes.executions.length,
      attempts: this.#witness.told,
      violations: this.#violations,
      states: this.#states,
      seconds: this.#time.seconds,
      log: this.#log,
    };
  }

  async #live(): Promise<void> {
    mkdirSync(this.#workdir, { recursive: true });
    this.#bin.onCall = (call) => this.#programs.answer(call);
    this.#processes.onExecution = (e) => this.#witness.atWork(e);
    this.#slurm.onStrangerCancelled = () => this.#violate('a job of somebody else was cancelled');
    this.#slurm.onWork = () => {
      const fault = this.#board.pull('running');
      if (fault !== null) this.#strike(fault);
    };
    this.#slurm.diesEarly = () => this.#board.take('start') !== null;
    insertJob(this.#db, join(this.#folder, 'profile'), this.#s, this.#time.now());
    this.#slurm.submit({ name: 'somebody', tasks: [1, 2, 3], concurrency: 3, script: null });
    // While the workstation sleeps, the cluster goes on, and nobody plays tricks.
    this.#time.in(5, () => this.#boot());
    const later = (seconds: number, act: () => void): void => void this.#time.after(seconds * 1000, act);
    for (const fault of this.#s.faults) later(fault.at, () => this.#begin(fault));
    for (const { at, runs } of this.#s.cancels) later(at, () => this.#cancel(runs));
    for (const { at } of this.#s.reruns) later(at, () => this.#rerun());
    later(FAULTY_SECONDS, () => this.#calm());
    for (;;) {
      await this.#quiet();
      if (this.#violations.length > 0) return;
      if (this.#isCalm && this.#isOver()) break;
      if (this.#time.elapsed() / 1000 > FAULTY_SECONDS + CALM_SECONDS || !(await this.#time.step())) {
        this.#violate(`runs found no end: ${this.#witness.states().join(' ')}`);
        return;
      }
    }
    this.#witness.checkEnds();
  }

  // --- the workstation ----------------------------------------------------------------------------------------------

  #boot(): void {
    this.#note('core starts');
    const life: CoreLife = new CoreLife({
      ...{ db: this.#db, time: this.#time, scenario: this.#s, workdir: this.#workdir, worker: this.#worker },
      busy: (work) => this.#whileBusy(work),
      killed: (where, script) => this.#isKilled(where, script),
      onDeath: () => {
        this.#note('core killed');
        if (!this.#isOverForGood) this.#time.in(1 + this.#random() * 120, () => this.#boot());
      },
      onWrite: () => this.#witness.written(),
      host: {
        env: this.#env,
        breaks: (kind, script) => this.#breakOf(kind, script),
        around: () => this.#around(),
      },
    });
    this.#life = life;
    void life.service.resume();
  }

  get #isOverForGood(): boolean {
    return this.#violations.length > 0;
  }

  #cancel(runs: readonly number[] | null): void {
    const life = this.#life;
    if (life === null || life.isDead) return;
    const chosen = runs?.filter((run) => run <= this.#s.runs) ?? null;
    if (chosen?.length === 0) return;
    this.#note(`cancel ${chosen?.join(',') ?? 'all'}`);
    this.#witness.cancelled(chosen);
    void life.service.cancel(`c${this.#time.seconds}`, JOB, chosen ?? undefined);
  }

  #rerun(): void {
    const life = this.#life;
    if (life === null || life.isDead) return;
    const ended = Array.from({ length: this.#s.runs }, (_, i) => i + 1).filter((run) =>
      isEnded(this.#store.get(JOB, run)!.state),
    );
    if (ended.length === 0) return;
    this.#note(`rerun ${ended.slice(0, 3).join(',')}`);
    void life.service.rerun(`r${this.#time.seconds}`, JOB, ended.slice(0, 3));
  }

  #isKilled(where: 'before' | 'after' | 'write', script: string): boolean {
    if (where === 'write') return this.#board.takeInTime('write') !== null;
    if (where === 'before') return this.#board.takeInTime('command-before') !== null;
    if (isSubmit(script) && this.#board.take('submit-after') !== null) return true;
    return this.#board.takeInTime('command-after') !== null;
  }

  #breakOf(kind: 'run' | 'exec', script: string): ReturnType<typeof breakOf> | null {
    if (this.#time.seconds < this.#unreachableUntil) throw new RemoteError('unreachable', 'No way to the host.');
    const submit = isSubmit(script);
    if (submit && this.#board.take('submit-script') !== null) {
      this.#bin.write('mkdir', '#!/bin/sh\necho "mkdir: cannot create directory: Disk quota exceeded" >&2\nexit 1\n');
      return null;
    }
    const fault =
      (submit ? this.#board.take('submit-connection') : null) ??
      (kind === 'exec' ? this.#board.take('transfer') : this.#board.take('connection'));
    return fault === null ? null : breakOf(fault);
  }

  #around(): () => void {
    this.#bin.setNow(this.#time.epoch + this.#skew);
    const back = this.#stale?.show();
    return () => {
      back?.();
      this.#bin.remove('mkdir');
    };
  }

  // --- faults -------------------------------------------------------------------------------------------------------

  #begin(fault: Fault): void {
    const slot = slotOf(fault.kind);
    if (slot === null) return this.#strikeNow(fault);
    this.#board.arm(slot, fault);
    if (slot === 'running' && this.#running().length > 0) this.#strike(this.#board.pull('running')!);
    else if (slot === 'pending') this.#strikePending();
  }

  #strike(fault: Fault): void {
    // A moment later: the task has just begun, or is being looked at.
    this.#time.in(1 + (fault.n % 17), () => {
      const running = this.#running();
      const task = running[fault.n % Math.max(1, running.length)];
      // It has just ended: the fault waits for the next one.
      if (task === undefined) return this.#isCalm ? undefined : this.#board.arm('running', fault);
      this.#board.strike(fault.kind);
      this.#note(`${fault.kind} ${task.job.id}_${task.index}`);
      return strikeTask(this.#slurm, task, fault);
    });
  }

  #running(): FakeTask[] {
    return this.#slurm.tasks().filter((t) => t.state === 'RUNNING' && t.job.script !== null && t.stop !== null);
  }

  #strikePending(): void {
    const waiting = this.#slurm
      .tasks()
      .filter((t) => t.state === 'PENDING' && t.reason === 'None' && t.restarts === 0 && t.job.script !== null);
    if (waiting.length === 0) return;
    const fault = this.#board.take('pending')!;
    const task = waiting[fault.n % waiting.length]!;
    this.#note(`${fault.kind} ${task.job.id}_${task.index}`);
    if (fault.kind === 'hold') {
      this.#slurm.hold(task, fault.n % 2 ? 'JobHeldUser' : 'JobHeldAdmin');
      this.#time.in(30 + (fault.n % 400), () => this.#slurm.release());
    } else this.#slurm.takeAway(task);
  }

  #strikeNow({ kind, n }: Fault): void {
    const until = (seconds: number, end: () => void): void => void this.#time.in(seconds, end);
    switch (kind) {
      case 'dbd-down':
        this.#slurm.dbdIsDown = true;
        until(30 + (n % 600), () => this.#slurm.repairAccounting());
        break;
      case 'accounting-late':
        this.#slurm.lag = 30 + (n % 400);
        until(60 + (n % 300), () => void (this.#slurm.lag = 0));
        break;
      case 'ids-reused':
        if (this.#slurm.reuseIds() === 0) return;
        break;
      case 'nfs-late':
        this.#stale = new StaleFiles(join(this.#workdir, 'jobs'), join(this.#folder, 'aside'));
        until(5 + (n % 85), () => void (this.#stale = null));
        break;
      case 'clock-jump':
        this.#skew += n * 10 - 5000;
        break;
      case 'unreachable':
        this.#unreachableUntil = this.#time.seconds + 10 + (n % 300);
        break;
      case 'core-killed':
        if (this.#life?.isDead !== false) return;
        this.#life.kill();
        break;
      case 'sleep': {
        const seconds = n % 4 === 0 ? 3600 + n * 10 : 30 + n;
        this.#time.sleep(seconds);
        this.#unreachableUntil = this.#time.seconds + seconds;
        until(seconds, () => this.#life?.wake());
        break;
      }
      default:
        throw new Error(`nobody strikes ${kind}`);
    }
    this.#board.strike(kind);
  }

  /** Everything works again. */
  #calm(): void {
    this.#note('calm');
    this.#isCalm = true;
    this.#board.clear();
    this.#programs.letGo();
    this.#slurm.repairAccounting();
    this.#slurm.release();
    this.#stale = null;
  }

  // --- what must hold -----------------------------------------------------------------------------------------------

  #isOver(): boolean {
    const calmSeconds = this.#time.elapsed() / 1000 - FAULTY_SECONDS;
    const isQuiet = !this.#slurm.tasks().some((t) => t.job.script !== null && !FINAL.has(t.state));
    return isQuiet && this.#witness.isSettled(calmSeconds > UNKNOWN_SECONDS);
  }

  // --- time ---------------------------------------------------------------------------------------------------------

  #whileBusy<T>(work: Promise<T>): Promise<T> {
    const done: Promise<boolean> = work.then(
      () => this.#busy.delete(done),
      () => this.#busy.delete(done),
    );
    this.#busy.add(done);
    return work;
  }

  /** Resolves when nothing is under way that would go on by itself. */
  async #quiet(): Promise<void> {
    for (let calm = 0; calm < 3;) {
      await Promise.all(this.#busy);
      await new Promise((resolve) => setImmediate(resolve));
      const files = process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'));
      calm = this.#busy.size > 0 || files ? 0 : calm + 1;
    }
  }

  #note(what: string): void {
    this.#log.push(`${this.#time.seconds.toFixed(0)} s: ${what}`);
  }

  #violate(what: string): void {
    this.#note(`VIOLATION ${what}`);
    this.#violations.push(what);
  }
}
