/** Slurm, by its usual commands. Exact forms and traps: sbatch(1), squeue(1), sacct(1), scancel(1) of 20.11 to 26. */
import { shellQuote } from '../shell-quote.ts';
import { slurmReasonInWords } from './slurm-reasons.ts';
import { cancelledBy, slurmState } from './slurm-states.ts';
import { classifySbatch } from './slurm-submit-errors.ts';
import { compressTasks, expandTasks } from './task-ranges.ts';
import type { ArrayRequest, CommandOutput, Reading, SchedulerAdapter, TaskRecord } from './types.ts';

/** The times as epoch seconds, the pending indices of an array whole (they are cut at 64 bytes otherwise). */
const ENVIRONMENT = 'SLURM_TIME_FORMAT=%s SLURM_BITSTR_LEN=0';
/** Base id, index, state, reason, submitted, started, elapsed, nodes, name; the name is free text and stands last. */
const SQUEUE_FORMAT = '%F|%K|%T|%r|%V|%S|%M|%N|%j';
const SACCT_FIELDS = 'JobID,State,ExitCode,Submit,Start,End,ElapsedRaw,NodeList,JobName';
const IDS_AT_ONCE = 50;
const UNIT = '\u001f';
/** Stands alone on its line: in a list of `a; b && c` a failed `b` would not count. */
const DELIMITER = "d=$(printf '\\037')";

function squeue(options: string): string {
  return `${ENVIRONMENT} squeue -h ${options} -o ${shellQuote(SQUEUE_FORMAT)}`;
}

/** Needs `DELIMITER` before it. */
function sacct(options: string): string {
  return `${ENVIRONMENT} sacct -X -n -P --delimiter="$d" -o ${SACCT_FIELDS} ${options}`;
}

/** sbatch's options for an array, without the script. */
function optionsOf({ token, tasks, resources: r, logs }: ArrayRequest): string[] {
  const minutes = Math.max(1, Math.ceil(r.walltimeSeconds / 60));
  const oneNode = r.cores <= r.nodeCores ? ['--nodes=1'] : [];
  return [
    `--job-name=${token}`,
    `--array=${compressTasks(tasks)}%${r.concurrency}`,
    `--output=${logs}/%a.out`,
    '--open-mode=append',
    '--requeue',
    ...oneNode,
    // Tasks, not cores per task: mpirun in the run's own command counts tasks.
    `--ntasks=${r.cores}`,
    `--time=${minutes}`,
    ...(r.memoryBytes === null ? [] : [`--mem=${Math.max(1, Math.ceil(r.memoryBytes / 1048576))}M`]),
    ...(r.partition === null ? [] : [`--partition=${r.partition}`]),
    ...(r.constraint === null ? [] : [`--constraint=${r.constraint}`]),
    ...(r.account === null ? [] : [`--account=${r.account}`]),
    ...(r.qos === null ? [] : [`--qos=${r.qos}`]),
  ];
}

/** A clean environment: the job script makes its own by a login shell. `--export=NONE` would make Slurm fetch the user's by a slow side way. */
const CLEAN =
  'env -i HOME="$HOME" USER="${USER:-$(id -un)}" LOGNAME="${LOGNAME:-$(id -un)}" SHELL=/bin/sh PATH="$PATH" LANG="${LANG:-C}" ${SLURM_CONF:+SLURM_CONF="$SLURM_CONF"}';

export function createSlurm(): SchedulerAdapter {
  return {
    kind: 'slurm',
    title: 'Slurm',
    directives: () => '',
    variables: {
      id: '${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}',
      index: '${SLURM_ARRAY_TASK_ID:-1}',
      restarts: '${SLURM_RESTART_COUNT:-0}',
      notice: null,
      reservedExitCodes: [],
    },
    numbering: 'by-run',
    accountingLagSeconds: 0,
    submit: (request) =>
      `${CLEAN} sbatch --parsable --export=ALL ${optionsOf(request).map(shellQuote).join(' ')} ${shellQuote(request.script)}`,
    parseSubmit: ({ stdout }) => /(?:^|\n)(\d+)(?:;\S*)?\s*$/.exec(stdout)?.[1] ?? null,
    classifySubmit: classifySbatch,
    test: (request) =>
      `${CLEAN} SLURM_TIME_FORMAT=%s sbatch --test-only ${optionsOf(request).map(shellQuote).join(' ')} --wrap=true`,
    parseTest: (output) => {
      if (output.code !== 0) return { ok: false, failure: classifySbatch(output) };
      const at = /to start at (\d{9,11})\b/.exec(output.stderr + output.stdout)?.[1];
      return { ok: true, startsAt: at === undefined ? null : Number(at) };
    },
    queue: () => squeue('-u "$(id -un)"'),
    parseQueue: parseSqueue,
    // One unknown id alone makes squeue fail; in a list it is passed over.
    queueByIds: (ids) => squeue(`-t all -j ${shellQuote([...ids, ids[0] ?? '1'].join(','))}`),
    history: (ids) => {
      const parts: string[] = [];
      for (let i = 0; i < ids.length; i += IDS_AT_ONCE)
        parts.push(sacct(`-j ${shellQuote(ids.slice(i, i + IDS_AT_ONCE).join(','))}`));
      return [DELIMITER, parts.join(' && ')].join('\n');
    },
    parseHistory: parseSacct,
    queueByName: (token) => squeue(`-t all -n ${shellQuote(token)}`),
    historyByName: (token, since) =>
      `s=$(date -d @${Math.max(0, Math.floor(since))} +%Y-%m-%dT%H:%M:%S 2>/dev/null) || s=2020-01-01\n${DELIMITER}\n${sacct(`-S "$s" --name=${shellQuote(token)}`)}`,
    cancel: (id, tasks, token) =>
      `scancel --name=${shellQuote(token)} ${shellQuote(tasks === null ? id : `${id}_[${compressTasks(tasks)}]`)}`,
    taskId: (id, task) => `${id}_${task}`,
    parseCancel: ({ stderr, code }) => {
      const heard = code === 0 || /Invalid job id|already completing|already completed/i.test(stderr);
      return { ok: heard, message: heard ? null : stderr.trim() };
    },
    reasonInWords: slurmReasonInWords,
  };
}

function failed(program: string, { stderr, stdout, code }: CommandOutput): Reading | null {
  const text = `${stderr}\n${stdout}`;
  if (program === 'sacct' && /accounting storage is disabled/i.test(text))
    return { kind: 'disabled', message: 'Slurm keeps no accounting here.' };
  const words = stderr.trim().split('\n').at(-1) ?? '';
  if (code !== 0)
    return { kind: 'failed', message: `${program} ended with code ${code}${words === '' ? '' : `: ${words}`}` };
  // Some failures leave the exit code at 0.
  if (/slurm_load_jobs error|Socket timed out|Unable to contact slurm controller|Connection refused/i.test(stderr))
    return { kind: 'failed', message: `${program}: ${words}` };
  return null;
}

function epoch(text: string): number | null {
  return /^\d{9,11}$/.test(text) ? Number(text) : null;
}

/** `1-02:03:04`, `02:03:04`, `03:04` → seconds. */
function elapsed(text: string): number | null {
  const m = /^(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)$/.exec(text.trim());
  if (m === null) return null;
  const [, d, h, min, s] = m;
  return Number(d ?? 0) * 86_400 + Number(h ?? 0) * 3600 + Number(min) * 60 + Number(s);
}

function parseSqueue(output: CommandOutput): Reading {
  // A list of ids that are all forgotten is an empty answer, not a failure.
  if (output.code !== 0 && /Invalid job id specified/i.test(output.stderr)) return { kind: 'read', records: [] };
  const bad = failed('squeue', output);
  if (bad !== null) return bad;
  const records: TaskRecord[] = [];
  for (const line of output.stdout.split('\n')) {
    const m = /^(\d+)\|([^|]*)\|([A-Z_]+)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|(.*)$/.exec(line.trim());
    if (m === null) continue;
    const [, id, index, state, reason, submitted, started, spent, nodes, name] = m as unknown as string[];
    const tasks = index === 'N/A' || index === '' ? [] : expandTasks(index!);
    if (tasks === null) continue;
    const why = reason === 'None' || reason === '' ? null : reason!;
    records.push({
      id: id!,
      tasks,
      name: name!,
      state: slurmState(state!, why),
      rawState: state!,
      reason: why,
      submittedAt: epoch(submitted!),
      startedAt: epoch(started!),
      endedAt: null,
      elapsedSeconds: elapsed(spent!),
      nodes: nodes === '' ? null : nodes!,
      exitCode: null,
      signal: null,
      maxRssBytes: null,
      cancelledBy: null,
    });
  }
  return { kind: 'read', records };
}

function parseSacct(output: CommandOutput): Reading {
  const bad = failed('sacct', output);
  if (bad !== null) return bad;
  const records: TaskRecord[] = [];
  for (const line of output.stdout.split('\n')) {
    const fields = line.split(UNIT);
    if (fields.length !== 9) continue;
    const [jobId, state, exit, submitted, started, ended, spent, nodes, name] = fields as unknown as string[];
    const id = /^(\d+)(?:_(\S+))?$/.exec(jobId!.trim());
    if (id === null) continue;
    const tasks = id[2] === undefined ? [] : expandTasks(id[2]);
    if (tasks === null) continue;
    const code = /^(\d+):(\d+)$/.exec(exit!);
    records.push({
      id: id[1]!,
      tasks,
      name: name!,
      state: slurmState(state!),
      rawState: state!,
      reason: null,
      submittedAt: epoch(submitted!),
      startedAt: epoch(started!),
      endedAt: epoch(ended!),
      elapsedSeconds: /^\d+$/.test(spent!) ? Number(spent) : null,
      nodes: nodes === '' || nodes === 'None assigned' ? null : nodes!,
      exitCode: code === null ? null : Number(code[1]),
      signal: code === null ? null : Number(code[2]),
      maxRssBytes: null,
      cancelledBy: cancelledBy(state!),
    });
  }
  return { kind: 'read', records };
}
