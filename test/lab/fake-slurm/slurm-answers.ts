import { compressTasks, expandTasks } from '../../../shared/domain/scheduler/task-ranges.ts';
import type { Account, FakeSlurm, FakeTask } from './slurm-model.ts';
import { FINAL } from './slurm-model.ts';

/** What a command prints and ends with. */
export interface Answer {
  readonly out?: string;
  readonly err?: string;
  readonly code?: number;
}

/** `--name=value`, `--name value`, `-n value` → value; null when it is not there. */
export function optionOf(args: readonly string[], ...names: readonly string[]): string | null {
  for (const [i, arg] of args.entries()) {
    for (const name of names) {
      if (arg === name) return args[i + 1] ?? '';
      if (name.startsWith('--') && arg.startsWith(`${name}=`)) return arg.slice(name.length + 1);
    }
  }
  return null;
}

const time = (seconds: number | null): string => (seconds === null ? 'Unknown' : String(seconds));

/** As squeue(1) prints elapsed time: `M:SS`. */
function spent(task: FakeTask, now: number): string {
  const seconds = task.started === null || task.state === 'PENDING' ? 0 : (task.ended ?? now) - task.started;
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** squeue with `-o`, `-t all`, `-j`, `-n`, `-u`. */
export function squeue(slurm: FakeSlurm, args: readonly string[]): Answer {
  const all = optionOf(args, '-t', '--states') === 'all';
  const ids = optionOf(args, '-j', '--jobs')?.split(',');
  const name = optionOf(args, '-n', '--name');
  const format = optionOf(args, '-o', '--format') ?? '%i';
  const known = slurm.tasks().filter((t) => !t.purged);
  if (
    ids !== undefined &&
    new Set(ids).size === 1 &&
    ids.length === 1 &&
    !known.some((t) => String(t.job.id) === ids[0])
  )
    return { err: 'slurm_load_jobs error: Invalid job id specified\n', code: 1 };
  const shown = known.filter(
    (t) =>
      (all || !FINAL.has(t.state)) &&
      (ids === undefined || ids.includes(String(t.job.id))) &&
      (name === null || t.job.name === name),
  );
  const lines: string[] = [];
  const line = (t: FakeTask, indices: string): void => {
    const fields: Record<string, string> = {
      '%F': String(t.job.id),
      '%A': String(t.job.id),
      '%K': indices,
      '%i': `${t.job.id}_${indices}`,
      '%T': t.state,
      '%r': t.reason,
      '%V': time(t.submitted),
      '%S': t.started === null ? 'N/A' : time(t.started),
      '%M': spent(t, slurm.now),
      '%N': t.state === 'PENDING' ? '' : t.node,
      '%j': t.job.name,
      '%u': 'root',
    };
    lines.push(format.replaceAll(/%[A-Za-z]/g, (letter) => fields[letter] ?? '?'));
  };
  for (const job of new Set(shown.map((t) => t.job))) {
    const mine = shown.filter((t) => t.job === job);
    // Pending tasks that have never run stand in one line.
    for (const reason of new Set(mine.filter(isFresh).map((t) => t.reason))) {
      const group = mine.filter((t) => isFresh(t) && t.reason === reason);
      const tasks = compressTasks(group.map((t) => t.index).toSorted((a, b) => a - b));
      const limit = job.concurrency < job.tasks.size ? `%${job.concurrency}` : '';
      line(group[0]!, group.length === 1 ? tasks : `${tasks}${limit}`);
    }
    for (const task of mine) if (!isFresh(task)) line(task, String(task.index));
  }
  return { out: lines.map((l) => `${l}\n`).join('') };
}

function isFresh(task: FakeTask): boolean {
  return task.state === 'PENDING' && task.restarts === 0;
}

/** sacct with `-X -n -P --delimiter -o`, `-j` or `--name` with `-S`. */
export function sacct(slurm: FakeSlurm, args: readonly string[]): Answer {
  if (!slurm.hasAccounting) return { err: 'Slurm accounting storage is disabled\n', code: 1 };
  if (slurm.dbdIsDown) return { err: DBD_DOWN, code: 1 };
  const ids = optionOf(args, '-j', '--jobs')?.split(',');
  const name = optionOf(args, '--name');
  const since = optionOf(args, '-S', '--starttime');
  const delimiter = optionOf(args, '--delimiter') ?? '|';
  const fields = (optionOf(args, '-o', '--format') ?? '').split(',');
  const from = since === null ? 0 : Date.parse(`${since}${since.length > 10 ? '' : 'T00:00:00'}Z`) / 1000;
  const newest = new Map<number, FakeTask['job']>();
  for (const { job } of slurm.accounting.values()) newest.set(job.id, job);
  const shown = [...slurm.accounting.values()].filter(
    (a) =>
      (ids === undefined || ids.includes(String(a.job.id))) &&
      (name === null || a.job.name === name) &&
      // Of jobs that share an id, the last one hides the others.
      newest.get(a.job.id) === a.job &&
      (a.ended ?? slurm.now) >= from,
  );
  const pending = new Map<FakeTask['job'], Account[]>();
  const lines: string[] = [];
  const line = (a: Account, id: string): void => {
    const values: Record<string, string> = {
      JobID: id,
      JobIDRaw: String(a.job.id),
      State: a.state === 'CANCELLED' ? `CANCELLED by ${a.cancelledBy}` : a.state,
      ExitCode: a.exit,
      Submit: time(a.submitted),
      Start: time(a.started),
      End: time(a.ended),
      ElapsedRaw: String(a.started === null ? 0 : (a.ended ?? slurm.now) - a.started),
      NodeList: a.node === '' ? 'None assigned' : a.node,
      JobName: a.job.name,
    };
    lines.push(fields.map((f) => values[f] ?? '').join(delimiter));
  };
  for (const a of shown) {
    if (a.state !== 'PENDING') line(a, `${a.job.id}_${a.index}`);
    else pending.set(a.job, [...(pending.get(a.job) ?? []), a]);
  }
  for (const [job, group] of pending) {
    const tasks = compressTasks(group.map((a) => a.index).toSorted((x, y) => x - y));
    line(group[0]!, group.length === 1 ? `${job.id}_${tasks}` : `${job.id}_[${tasks}%${job.concurrency}]`);
  }
  return { out: lines.map((l) => `${l}\n`).join('') };
}

const DBD_DOWN = `sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection to host:localhost:6819: Connection refused
sacct: error: Sending PersistInit msg: Connection refused
sacct: error: Problem talking to the database: Connection refused
`;

/** scancel [--name=NAME] ID or ID_[RANGES], by our own user. */
export function scancel(slurm: FakeSlurm, args: readonly string[]): Answer {
  const name = optionOf(args, '--name', '-n');
  for (const arg of args) {
    const m = /^(\d+)(?:_(.+))?$/.exec(arg);
    if (m === null) continue;
    const indices = m[2] === undefined ? null : expandTasks(m[2]);
    const found = slurm.tasks().filter((t) => String(t.job.id) === m[1] && !t.purged);
    if (found.length === 0)
      return { err: `scancel: error: Kill job error on job id ${m[1]}: Invalid job id specified\n`, code: 1 };
    for (const task of found) {
      if (name !== null && task.job.name !== name) continue;
      if (indices === null || indices.includes(task.index)) slurm.cancel(task, 1000);
    }
  }
  return {};
}

/** sbatch --parsable of an array; only what is accepted. */
export function sbatch(slurm: FakeSlurm, args: readonly string[]): Answer & { readonly id: number } {
  const [list = '', limit = '0'] = (optionOf(args, '--array') ?? '1').split('%');
  const tasks = expandTasks(list) ?? [1];
  const job = slurm.submit({
    name: optionOf(args, '--job-name') ?? 'sbatch',
    tasks,
    concurrency: Number(limit) || tasks.length,
    script: args.at(-1)!,
  });
  return { id: job.id, out: `${job.id}\n` };
}

const config = (accounting: boolean): string => `Configuration data as of 2026-01-05T08:00:00
AccountingStorageType   = accounting_storage/${accounting ? 'slurmdbd' : 'none'}
ClusterName             = fake
MaxArraySize            = 4
MaxJobCount             = 10000
MinJobAge               = 300 sec
SLURM_VERSION           = 22.05.8
`;

/** scontrol show config, scontrol ping. */
export function scontrol(slurm: FakeSlurm, args: readonly string[]): Answer {
  if (args.includes('config')) return { out: config(slurm.hasAccounting) };
  if (args.includes('ping')) return { out: 'Slurmctld(primary) at fake is UP\n' };
  return { err: 'invalid entity\n', code: 1 };
}

/** sinfo -o '%R|%a|%l|%c|%m|%G|%D': one partition. */
export function sinfo(): Answer {
  return { out: 'main|up|1-00:00:00|8|16000|(null)|3\n' };
}
