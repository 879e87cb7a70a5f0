/** Grid Engine (Son of Grid Engine 8.1.9; Univa and Altair where they are alike). Facts: qsub(1), qstat(1), qacct(1), qdel(1), sge_status(5). */
import { shellQuote } from '../shell-quote.ts';
import { accountingCommand, parseAccounting } from './gridengine-accounting.ts';
import { parseQueue, QUEUE_COMMAND, QUEUE_WITH_REASONS_COMMAND } from './gridengine-queue.ts';
import { gridEngineReasonInWords } from './gridengine-reasons.ts';
import { classifyQsub, NO_ENVIRONMENT } from './gridengine-submit-errors.ts';
import type { ArrayRequest, SchedulerAdapter, TaskResources } from './types.ts';

/** How this site wants memory to be asked for. */
export interface MemoryComplex {
  /** `h_vmem`, `mem_free`, … */
  readonly name: string;
  /** The scheduler multiplies the amount by the slots of the job. */
  readonly perSlot: boolean;
  /** The scheduler keeps account of it. One that is not is only compared with what a node has free now. */
  readonly consumable: boolean;
}

/** What a look at a Grid Engine found that decides how jobs are asked for. */
export interface GridEngineFacts {
  /** Null: memory is not asked for. */
  readonly memory: MemoryComplex | null;
  /** By queue, the parallel environment that gives a run its cores on one node. */
  readonly environments: Readonly<Record<string, string>>;
  /** Absolute path of bash; null = there is none. */
  readonly bash: string | null;
}

const MIB = 1_048_576;
/** Variables without which its commands do not find the master. */
export const GRID_ENGINE_VARIABLES = [
  'SGE_ROOT',
  'SGE_CELL',
  'SGE_QMASTER_PORT',
  'SGE_EXECD_PORT',
  'SGE_CLUSTER_NAME',
] as const;

/** A clean environment, in case the site's defaults hand the environment on (`-V`): the job script makes its own by a login shell. */
const CLEAN = `env -i HOME="$HOME" USER="\${USER:-$(id -un)}" LOGNAME="\${LOGNAME:-$(id -un)}" SHELL=/bin/sh PATH="$PATH" LANG="\${LANG:-C}" ${GRID_ENGINE_VARIABLES.map((name) => `\${${name}:+${name}="$${name}"}`).join(' ')}`;

export function createGridEngine(facts: GridEngineFacts): SchedulerAdapter {
  /** qsub's options for what a task needs; null = several cores cannot be had on one node. `dry`: load values are not known to a dry run, so they are left out. */
  const resources = (r: TaskResources, dry: boolean): string[] | null => {
    const environment = r.partition === null ? Object.values(facts.environments)[0] : facts.environments[r.partition];
    if (r.cores > 1 && environment === undefined) return null;
    const { memory } = facts;
    const bytes = memory === null || r.memoryBytes === null ? null : r.memoryBytes / (memory.perSlot ? r.cores : 1);
    return [
      '-l',
      `h_rt=${Math.max(1, Math.ceil(r.walltimeSeconds))}`,
      ...(bytes === null || (dry && !memory!.consumable)
        ? []
        : ['-l', `${memory!.name}=${Math.max(1, Math.ceil(bytes / MIB))}M`]),
      ...(r.constraint === null ? [] : ['-l', r.constraint]),
      ...(r.cores > 1 ? ['-pe', environment!, String(r.cores)] : []),
      ...(r.partition === null ? [] : ['-q', r.partition]),
      ...(r.account === null ? [] : ['-P', r.account]),
    ];
  };
  const qsub = (options: readonly string[] | null): string =>
    options === null
      ? `echo ${shellQuote(NO_ENVIRONMENT)} >&2; exit 1`
      : `${CLEAN} qsub ${options.map(shellQuote).join(' ')}`;
  const shell = facts.bash === null ? ['/bin/sh'] : [facts.bash, '-l'];
  return {
    kind: 'gridengine',
    title: 'Grid Engine',
    directives: () => '',
    variables: {
      id: '$JOB_ID',
      index: '$SGE_TASK_ID',
      // 1 for every time but the first.
      restarts: '${RESTARTED:-0}',
      notice: 'USR2',
      // It would start a run anew, or hold it in error.
      reservedExitCodes: [99, 100],
    },
    numbering: 'dense',
    // The default of flush_time is 15 s.
    accountingLagSeconds: 30,
    submit: ({ token, tasks, resources: r, script, logs }: ArrayRequest) => {
      const what = resources(r, false);
      const range = `${tasks[0] ?? 1}-${tasks.at(-1) ?? 1}`;
      const options = what && [
        ...['-terse', '-N', token, '-t', range, '-tc', String(r.concurrency)],
        // By the working folder, since a path with a comma or a colon is no path for -o.
        ...['-cwd', '-o', '$TASK_ID.out', '-j', 'y', '-r', 'y', '-notify'],
        ...what,
        // Started as a program: which shell a script is given to depends on the queue.
        ...['-b', 'y', '-shell', 'n', ...shell, script],
      ];
      return `cd ${shellQuote(logs)} || exit\n${qsub(options)}`;
    },
    parseSubmit: ({ stdout }) => /(?:^|\n)(\d+)(?:\.\d+-\d+:\d+)?\s*$/.exec(stdout)?.[1] ?? null,
    classifySubmit: classifyQsub,
    test: ({ resources: r }) => {
      const what = resources(r, true);
      return qsub(what && ['-w', 'v', ...what, '-b', 'y', '/bin/true']);
    },
    parseTest: (output) =>
      output.code === 0 ? { ok: true, startsAt: null } : { ok: false, failure: classifyQsub(output) },
    queue: () => QUEUE_WITH_REASONS_COMMAND,
    parseQueue,
    // Grid Engine remembers the last ended jobs of all users, but not how they ended.
    queueByIds: () => QUEUE_COMMAND,
    history: (ids) => accountingCommand(ids),
    parseHistory: parseAccounting,
    queueByName: () => QUEUE_COMMAND,
    historyByName: (token) => accountingCommand([token]),
    cancel: (id, tasks, token) => (tasks === null ? `qdel ${shellQuote(token)}` : cancelTasks(id, tasks, token)),
    taskId: (id, task) => `${id}.${task}`,
    parseCancel: ({ stdout, stderr, code }) => {
      const heard = code === 0 || /does not exist|do not exist/i.test(`${stderr}\n${stdout}`);
      return { ok: heard, message: heard ? null : stderr.trim() || stdout.trim() };
    },
    reasonInWords: gridEngineReasonInWords,
  };
}

/** By name qdel takes one range of tasks only; by id it takes many, so it is looked first whether the id is still that of our job. */
function cancelTasks(id: string, tasks: readonly number[], token: string): string {
  return `j=$(LC_ALL=C qstat -j ${shellQuote(id)} 2>&1)
if printf '%s\\n' "$j" | grep -qx 'job_name: *${token}'; then qdel ${shellQuote(taskList(id, tasks))}
else
  case $j in *job_name:*) echo 'the job does not exist any more' ;; *) printf '%s\\n' "$j" ;; esac >&2
  exit 1
fi`;
}

/** qdel takes one range for each mention of a job: `7.1-3,7.9`. */
function taskList(id: string, tasks: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < tasks.length;) {
    let j = i;
    while (tasks[j + 1] === tasks[j]! + 1) j++;
    parts.push(`${id}.${tasks[i]}${i === j ? '' : `-${tasks[j]}`}`);
    i = j + 1;
  }
  return parts.join(',');
}
