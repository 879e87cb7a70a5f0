import { gridEngineState } from './gridengine-states.ts';
import { expandTasks } from './task-ranges.ts';
import type { CommandOutput, Reading, TaskRecord } from './types.ts';

/** Stands between the list of jobs and what is told of single ones. */
const DETAILS = 'slipway-details';

/** All jobs of the user, with whole names and times in UTC. */
export const QUEUE_COMMAND = `TZ=UTC0 LC_ALL=C qstat -u "$(id -un)" -xml`;

/**
 * The same, and why those of ours wait of which no task runs or a task is in error: only `qstat -j` tells that, and only of the jobs that it is asked for. It
 * may fail without harm: a job may have ended in between.
 */
export const QUEUE_WITH_REASONS_COMMAND = String.raw`x=$(${QUEUE_COMMAND}) || { rc=$?; printf '%s\n' "$x"; exit "$rc"; }
printf '%s\n' "$x"
ids=$(printf '%s\n' "$x" | awk '
/<job_list state=/ { pending = index($0, "pending"); ours = 0 }
/<JB_job_number>/ { gsub(/[^0-9]/, ""); id = $0 }
/<JB_name>sw-/ { ours = 1 }
/<state>/ { gsub(/<[^>]*>/, ""); error = index($0, "E") }
/<\/job_list>/ { if (!pending) runs[id] = 1; else if (ours) { waits[id] = 1; if (error) errors[id] = 1 } }
END { for (i in waits) if (!(i in runs) || i in errors) { printf "%s%s", comma, i; comma = "," } }')
[ -z "$ids" ] || { echo ${DETAILS}; LC_ALL=C qstat -j "$ids" 2>/dev/null | grep -E '^(job_number|error reason|scheduling info|  )'; }
:`;

/** Reads what `QUEUE_COMMAND` or `QUEUE_WITH_REASONS_COMMAND` printed. */
export function parseQueue({ stdout, stderr, code }: CommandOutput): Reading {
  const said = stderr.trim().split('\n').filter(Boolean);
  if (code !== 0)
    return {
      kind: 'failed',
      message: `qstat ended with code ${code}${said.length === 0 ? '' : `: ${said.join(' ')}`}`,
    };
  const at = stdout.lastIndexOf(`\n${DETAILS}\n`);
  const xml = at < 0 ? stdout : stdout.slice(0, at);
  const details = readDetails(at < 0 ? '' : stdout.slice(at));
  // Some failures leave the exit code at 0; an empty queue is a whole document too.
  if (!/<\/job_info>\s*$/.test(xml))
    return { kind: 'failed', message: `qstat told no list of jobs. ${said.join(' ')}`.trim() };
  const records: TaskRecord[] = [];
  for (const [, body] of xml.matchAll(/<job_list\b[^>]*>([\s\S]*?)<\/job_list>/g)) {
    const fields = new Map<string, string>();
    for (const [, name, text] of body!.matchAll(/<([A-Za-z_]+)>([^<]*)<\/\1>/g)) fields.set(name!, unescape(text!));
    records.push(...recordsOf(fields, details));
  }
  return { kind: 'read', records };
}

function recordsOf(fields: ReadonlyMap<string, string>, details: Details): TaskRecord[] {
  const id = /^\d{1,10}$/.exec(fields.get('JB_job_number') ?? '')?.[0];
  const letters = fields.get('state') ?? '';
  const state = gridEngineState(letters);
  const list = fields.get('tasks') ?? '';
  const tasks = list === '' ? [] : expandTasks(list);
  if (id === undefined || state === null || tasks === null) return [];
  const queue = fields.get('queue_name') ?? '';
  const record: TaskRecord = {
    id,
    tasks,
    name: fields.get('JB_name') ?? '',
    state,
    rawState: letters,
    reason: null,
    submittedAt: utc(fields.get('JB_submission_time')),
    startedAt: utc(fields.get('JAT_start_time')),
    endedAt: null,
    elapsedSeconds: null,
    nodes: /@(\S+)$/.exec(queue)?.[1] ?? null,
    exitCode: null,
    signal: null,
    maxRssBytes: null,
    cancelledBy: null,
  };
  if (state === 'pending') {
    const reason = details.waits.get(id) ?? null;
    const error = /in error state/i.test(reason ?? '') ? details.firstErrors.get(id) : undefined;
    // Tasks in error count as running for `-tc`: those that are left wait until somebody clears them.
    return [error === undefined ? { ...record, reason } : { ...record, state: 'held', reason: `error: ${error}` }];
  }
  if (state !== 'held') return [record];
  if (!letters.includes('E')) {
    const reason = details.waits.get(id) ?? '';
    return [{ ...record, reason: /dependenc/i.test(reason) ? reason : 'hold' }];
  }
  // Each task has its own error: those of the same one stand together.
  const byError = new Map<string, number[]>();
  for (const task of tasks.length === 0 ? [1] : tasks) {
    const error = details.errors.get(`${id}.${task}`) ?? '';
    byError.set(error, [...(byError.get(error) ?? []), task]);
  }
  return [...byError].map(([error, some]) => ({
    ...record,
    tasks: tasks.length === 0 ? [] : some,
    reason: `error: ${error}`.trim(),
  }));
}

interface Details {
  /** Why a job waits, by id. */
  readonly waits: ReadonlyMap<string, string>;
  /** What went wrong with a task, by `ID.TASK`. */
  readonly errors: ReadonlyMap<string, string>;
  /** By id, for jobs with a task in error. */
  readonly firstErrors: ReadonlyMap<string, string>;
}

function readDetails(text: string): Details {
  const waits = new Map<string, string>();
  const errors = new Map<string, string>();
  const firstErrors = new Map<string, string>();
  const messages = new Map<string, string[]>();
  let id = '';
  let inMessages = false;
  for (const line of text.split('\n')) {
    const number = /^job_number:\s+(\d+)/.exec(line);
    if (number !== null) id = number[1]!;
    const error = /^error reason\s+(\d+):\s+(.*)$/.exec(line);
    if (error !== null) {
      const text = plainError(error[2]!);
      errors.set(`${id}.${error[1]}`, text);
      if (!firstErrors.has(id)) firstErrors.set(id, text);
    }
    const first = /^scheduling info:\s*(.*)$/.exec(line)?.[1];
    const more: string | undefined = inMessages ? /^\s{4,}(\S.*)$/.exec(line)?.[1] : undefined;
    const message: string | undefined = first ?? more;
    inMessages = message !== undefined;
    if (message === undefined || message === '') continue;
    const list = messages.get(id) ?? [];
    list.push(message.trim());
    messages.set(id, list);
  }
  for (const [job, list] of messages) {
    const reason = tellingMessage(list);
    if (reason !== null) waits.set(job, reason);
  }
  return { waits, errors, firstErrors };
}

/** Without the time and the process that told it: `11/26/2026 06:52:23 [0:2746]: error: can't …`. */
function plainError(text: string): string {
  return text
    .replace(/^[\d/]+ [\d:.]+ \[\d+:\d+\]:\s*/, '')
    .replace(/^error:\s*/, '')
    .trim();
}

/** What a message is about, the most telling first. The scheduler tells something of every queue, mostly that it is full. */
const TELLING = [
  /limit|quota|permission|not allowed|project/i,
  /execution time|dependenc|hold|calendar|too long/i,
  /because it offers|cannot run (?:at host|globally)/i,
  /full|overload/i,
  /disabled|suspended|not available/i,
];
/** Says nothing of why the queue that was asked for does not start it. */
const SILENT = /messages? available|turned off|not available for every job|hard queue list|All queues dropped/i;

function tellingMessage(messages: readonly string[]): string | null {
  const useful = messages.filter((message) => !SILENT.test(message));
  for (const pattern of TELLING) {
    const found = useful.find((message) => pattern.test(message));
    if (found !== undefined) return found;
  }
  return useful[0] ?? null;
}

/** Epoch seconds of `2026-11-26T06:51:13` (Univa adds milliseconds), read as UTC. */
function utc(text: string | undefined): number | null {
  const m = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d+)?$/.exec(text ?? '');
  if (m === null) return null;
  const [, year, month, day, h, min, s] = m.map(Number) as [number, number, number, number, number, number, number];
  const at = Date.UTC(year, month - 1, day, h, min, s) / 1000;
  return at > 0 ? at : null;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function unescape(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name]!).trim();
}
