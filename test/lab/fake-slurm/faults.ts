import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Break } from './shaky-host.ts';
import { doing } from './fake-bin.ts';
import type { Call, Doing } from './fake-bin.ts';
import type { Slot } from './fault-board.ts';
import type { Fault, FaultKind } from './scenario.ts';
import { sacct, sbatch, scancel, scontrol, sinfo, squeue } from './slurm-answers.ts';
import type { Answer } from './slurm-answers.ts';
import type { FakeSlurm, FakeTask } from './slurm-model.ts';
import type { FaultBoard } from './fault-board.ts';
import type { WorldTime } from './virtual-time.ts';

/** Faults that wait for a program, a command or a task of their kind; the others strike at their time. */
const SLOTS: Readonly<Partial<Record<FaultKind, Slot>>> = {
  'quota-at-try': 'submit-script',
  'quota-at-output': 'setsid',
  'quota-at-code': 'setsid',
  'squeue-fails': 'squeue',
  'squeue-fails-quietly': 'squeue',
  'squeue-silent': 'squeue',
  'squeue-half': 'squeue',
  'squeue-overtaken': 'squeue',
  'sacct-fails': 'sacct',
  'sacct-silent': 'sacct',
  'sacct-half': 'sacct',
  'scancel-fails': 'scancel',
  'node-fail-requeue': 'running',
  'node-fail': 'running',
  'preempt-requeue': 'running',
  'preempt-cancel': 'running',
  'out-of-memory': 'running',
  'out-of-memory-all': 'running',
  timeout: 'running',
  'wrapper-killed': 'running',
  'foreign-cancel': 'running',
  suspend: 'running',
  'preempt-pending': 'pending',
  hold: 'pending',
  'dies-before-claim': 'start',
  'cut-before': 'connection',
  'cut-after': 'connection',
  'cut-within': 'connection',
  'cut-and-killed': 'connection',
  'submit-cut-before': 'submit-connection',
  'submit-cut-after': 'submit-connection',
  'submit-cut-within': 'submit-connection',
  'submit-cut-and-killed': 'submit-connection',
  'transfer-cut': 'transfer',
  'core-killed-before-command': 'command-before',
  'core-killed-after-command': 'command-after',
  'core-killed-at-submit': 'submit-after',
  'core-killed-at-write': 'write',
};

/** Where a fault waits; null = it strikes at its time. */
export function slotOf(kind: FaultKind): Slot | null {
  return kind.startsWith('sbatch-') ? 'sbatch' : (SLOTS[kind] ?? null);
}

/** The script that asks the scheduler. */
export function isSubmit(script: string): boolean {
  return /^if mkdir try\.\d+/m.test(script);
}

export function breakOf({ kind, n }: Fault): Break {
  if (kind.endsWith('before')) return { how: 'before', n };
  if (kind.endsWith('after')) return { how: 'after', n };
  if (kind.endsWith('killed')) return { how: 'killed', n: n % 40 };
  if (kind === 'transfer-cut')
    return n % 2 === 0 ? { how: 'killed', n: n % 20 } : { how: n % 4 === 1 ? 'after' : 'bytes', n };
  return { how: 'bytes', n };
}

interface Parts {
  readonly time: WorldTime;
  readonly slurm: FakeSlurm;
  readonly board: FaultBoard;
  readonly work: (call: Call) => Promise<Doing>;
}

const SOCKET = 'sbatch: error: Batch job submission failed: Socket timed out on send/recv operation\n';
const CONTACT = 'Unable to contact slurm controller (connect failure)\n';

/** Slurm's programs, as good as their faults let them be. */
export class FaultyPrograms {
  readonly #p: Parts;
  /** Submissions that hang; each is let go by a call. */
  readonly #hanging = new Set<() => void>();
  readonly #lied = new Set<string>();

  constructor(parts: Parts) {
    this.#p = parts;
  }

  async answer(call: Call): Promise<Doing> {
    const { slurm } = this.#p;
    switch (call.program) {
      case 'work':
        return this.#p.work(call);
      case 'setsid':
        return this.#setsid(call);
      case 'sbatch':
        return this.#sbatch(call);
      case 'squeue':
        return doing(await this.#squeue(call.args));
      case 'sacct':
        return doing(this.#sacct(call.args));
      case 'scancel':
        return doing(
          this.#p.board.take('scancel') === null
            ? scancel(slurm, call.args)
            : { err: `scancel: error: ${CONTACT}`, code: 1 },
        );
      case 'scontrol':
        return doing(scontrol(slurm, call.args));
      case 'sinfo':
        return doing(sinfo());
      default:
        return doing({ err: `${call.program}: not here\n`, code: 1 });
    }
  }

  /** Nothing hangs any more: what hung is killed. */
  letGo(): void {
    for (const go of [...this.#hanging]) go();
  }

  #setsid({ cwd, args }: Call): Doing {
    const fault = this.#p.board.take('setsid');
    // A folder of that name: the file cannot be written, as on a full disk.
    const block = (name: string): void => void mkdirSync(join(cwd, `try.${args.at(-1)}`, name), { recursive: true });
    if (fault !== null) block('rc.new');
    if (fault?.kind === 'quota-at-output') block('out');
    return 'exec /usr/bin/setsid "$@"';
  }

  async #sbatch({ args, gone }: Call): Promise<Doing> {
    const { slurm, board } = this.#p;
    if (args.includes('--version')) return doing({ out: 'slurm 22.05.8\n' });
    if (args.includes('--test-only'))
      return doing({ err: 'sbatch: Job 1 to start at 1767600000 using 1 processors\n' });
    const fault = board.take('sbatch');
    const accept = (): Answer => sbatch(slurm, args);
    if (fault === null) return doing(accept());
    switch (fault.kind) {
      case 'sbatch-accepted-killed-before-answer':
        accept();
        return 'kill -9 $$';
      case 'sbatch-accepted-all-killed':
        accept();
        return 'kill -9 0';
      case 'sbatch-accepted-killed-after-answer':
        return doing(accept(), 'kill -9 0');
      case 'sbatch-accepted-timeout':
        accept();
        return doing({ err: SOCKET, code: 1 });
      case 'sbatch-refused-timeout':
        return doing({ err: SOCKET, code: 1 });
      case 'sbatch-accepted-late-answer': {
        const answer = accept();
        return (await this.#hang(fault.n % 400, gone)) ? doing(answer) : 'kill -9 0';
      }
      case 'sbatch-late-accepted':
        return (await this.#hang(fault.n % 500, gone)) ? doing(accept()) : 'kill -9 0';
      case 'sbatch-hangs':
        await this.#hang(Infinity, gone);
        return 'kill -9 $$';
      case 'sbatch-no-controller':
        return doing({ err: `sbatch: error: Batch job submission failed: ${CONTACT}`, code: 1 });
      case 'sbatch-qos-limit':
        return doing({ err: `sbatch: error: QOSMaxSubmitJobPerUserLimit\n${VIOLATES}`, code: 1 });
      case 'sbatch-assoc-limit':
        return doing({ err: `sbatch: error: AssocMaxSubmitJobLimit\n${VIOLATES}`, code: 1 });
      case 'sbatch-spool-full':
        return doing({
          err: 'sbatch: error: Batch job submission failed: I/O error writing script/environment to file\n',
          code: 1,
        });
      case 'sbatch-accepted-odd-words':
        accept();
        return doing({ err: ODD[fault.n % ODD.length]!, code: 1 });
      case 'sbatch-accepted-after-retries':
        return doing({
          ...accept(),
          err: 'sbatch: error: Slurm temporarily unable to accept job, sleeping and retrying\n',
        });
      default:
        return doing({
          err: 'sbatch: error: invalid partition specified: never\nsbatch: error: Batch job submission failed: Invalid partition name specified\n',
          code: 1,
        });
    }
  }

  /** Resolves to true after so many seconds, to false when it was killed before. */
  #hang(seconds: number, gone: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (heard: boolean): void => {
        if (!this.#hanging.delete(go)) return;
        resolve(heard);
      };
      const go = (): void => end(false);
      this.#hanging.add(go);
      void gone.then(go);
      if (seconds !== Infinity) this.#p.time.in(seconds, () => end(true));
    });
  }

  /** Not twice in a row: a program that is silent again and again, with exit code 0, is one that knows nothing. */
  #shy(program: 'squeue' | 'sacct'): Fault | null {
    if (this.#lied.delete(program)) return null;
    const fault = this.#p.board.take(program);
    if (fault !== null && /silent|half/.test(fault.kind)) this.#lied.add(program);
    return fault;
  }

  async #squeue(args: readonly string[]): Promise<Answer> {
    const { slurm, time } = this.#p;
    const fault = this.#shy('squeue');
    switch (fault?.kind) {
      case 'squeue-fails':
        return { err: `slurm_load_jobs error: ${CONTACT}`, code: 1 };
      case 'squeue-fails-quietly':
        return { err: 'slurm_load_jobs error: Socket timed out on send/recv operation\n' };
      case 'squeue-silent':
        return {};
      case 'squeue-half': {
        const { out = '' } = squeue(slurm, args);
        return { out: out.slice(0, Math.floor((out.length * fault.n) / 1000)) };
      }
      case 'squeue-overtaken': {
        // What it shows is old when it is read.
        const answer = squeue(slurm, args);
        await time.overtake();
        return answer;
      }
      default:
        return squeue(slurm, args);
    }
  }

  #sacct(args: readonly string[]): Answer {
    const { slurm } = this.#p;
    const fault = this.#shy('sacct');
    const answer = sacct(slurm, args);
    switch (fault?.kind) {
      case 'sacct-fails':
        return { err: 'sacct: error: slurmdbd: Getting response to message type: DBD_GET_JOBS_COND\n', code: 1 };
      case 'sacct-silent':
        return answer.code === undefined ? {} : answer;
      case 'sacct-half':
        return {
          ...answer,
          out: (answer.out ?? '').slice(0, Math.floor(((answer.out ?? '').length * fault.n) / 1000)),
        };
      default:
        return answer;
    }
  }
}

const VIOLATES =
  "sbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n";
const ODD = [
  'sbatch: error: slurm_receive_msg: Header lengths are longer than data received\n',
  'sbatch: error: Batch job submission failed: Unspecified error\n',
  'sbatch: error: _fetch_child: failed to fetch remote configs\n',
  'Killed\n',
] as const;

/** What strikes a task that runs. */
export function strikeTask(slurm: FakeSlurm, task: FakeTask, { kind, n }: Fault): Promise<void> | void {
  const strike = slurm.strike.bind(slurm, task);
  switch (kind) {
    case 'node-fail-requeue':
      return strike({ word: 'NODE_FAIL', cause: 'node', exit: '1:0', by: 'kill', requeue: true });
    case 'node-fail':
      return strike({ word: 'NODE_FAIL', cause: 'node', exit: '1:0', by: 'kill', requeue: false });
    case 'preempt-requeue':
      return strike({ word: 'PREEMPTED', cause: 'preempted', exit: '0:0', by: n % 2 ? 'term' : 'kill', requeue: true });
    case 'preempt-cancel':
      return strike({
        word: 'PREEMPTED',
        cause: 'preempted',
        exit: '0:15',
        by: n % 2 ? 'term' : 'kill',
        requeue: false,
      });
    case 'out-of-memory':
      return strike({
        word: 'OUT_OF_MEMORY',
        cause: 'out-of-memory',
        exit: '0:125',
        by: 'kill-command',
        requeue: false,
      });
    case 'out-of-memory-all':
      return strike({ word: 'OUT_OF_MEMORY', cause: 'out-of-memory', exit: '0:125', by: 'kill', requeue: false });
    case 'timeout':
      return strike({ word: 'TIMEOUT', cause: 'timeout', exit: '0:0', by: n % 3 ? 'term' : 'kill', requeue: false });
    case 'wrapper-killed':
      return strike({ word: 'FAILED', cause: 'wrapper-killed', exit: '', by: 'kill-wrapper', requeue: false });
    case 'foreign-cancel':
      return slurm.cancel(task, 1001);
    default:
      return slurm.suspend(task, 20 + (n % 200));
  }
}
