import { shellQuote } from '../shell-quote.ts';
import { parseMemory } from '../units.ts';
import { accountedState } from './gridengine-states.ts';
import type { CommandOutput, Reading, TaskRecord } from './types.ts';

/** Lines of `qacct -j` that are read. */
const KEYS = [
  'hostname',
  'jobname',
  'jobnumber',
  'taskid',
  'slots',
  'qsub_time',
  'start_time',
  'end_time',
  'failed',
  'exit_status',
  'ru_wallclock',
  'maxvmem',
  'category',
  'deleted_by',
];
/** Precedes the exit code of a qacct that failed. */
const FAILED = 'slipway-qacct';

/** Prints what the accounting has of jobs, by id or name, times in UTC. Only the lines that count: an array of thousands has as many records of fifty lines. */
export function accountingCommand(jobs: readonly string[]): string {
  return `for j in ${jobs.map(shellQuote).join(' ')}; do
  { TZ=UTC0 LC_ALL=C qacct -j "$j" 2>&1 || echo "${FAILED} $?"; } | grep -E '^(=====|error|no jobs|${FAILED}|(${KEYS.join('|')}) )|No such file|annot '
done
:`;
}

/** Reads what `accountingCommand` printed. */
export function parseAccounting({ stdout, stderr, code }: CommandOutput): Reading {
  const records: TaskRecord[] = [];
  let said = stderr.trim();
  let fields: Map<string, string> | null = null;
  const finish = (): void => {
    const record = fields === null ? null : recordOf(fields);
    if (record !== null) records.push(record);
    fields = null;
  };
  for (const raw of stdout.split('\n')) {
    const line = raw.trimEnd();
    if (line.startsWith('=====')) {
      finish();
      fields = new Map();
      continue;
    }
    const failed = new RegExp(`^${FAILED} (\\d+)$`).exec(line);
    if (failed !== null) {
      finish();
      // A job that has no record is an empty answer.
      if (/job (id|name) .* not found/.test(said)) {
        said = '';
        continue;
      }
      if (/No such file|no jobs running since startup/.test(said))
        return { kind: 'disabled', message: 'Grid Engine has no accounting file here.' };
      return { kind: 'failed', message: `qacct ended with code ${failed[1]}${said === '' ? '' : `: ${said}`}` };
    }
    const field = /^(\w+)\s+(.*)$/.exec(line);
    if (fields !== null && field !== null && KEYS.includes(field[1]!)) fields.set(field[1]!, field[2]!.trim());
    else if (line !== '') said = line;
  }
  finish();
  if (code !== 0) return { kind: 'failed', message: `qacct ended with code ${code}${said === '' ? '' : `: ${said}`}` };
  return { kind: 'read', records };
}

function recordOf(fields: ReadonlyMap<string, string>): TaskRecord | null {
  const id = /^\d{1,10}$/.exec(fields.get('jobnumber') ?? '')?.[0];
  const task = fields.get('taskid') ?? 'undefined';
  const failed = /^(\d{1,3})\s*(?::\s*(.*))?$/.exec(fields.get('failed') ?? '');
  const exit = /^(\d{1,3})\b/.exec(fields.get('exit_status') ?? '')?.[1];
  if (id === undefined || failed === null || exit === undefined) return null;
  if (task !== 'undefined' && !/^\d{1,7}$/.test(task)) return null;
  const startedAt = utc(fields.get('start_time'));
  const endedAt = utc(fields.get('end_time'));
  const wallclock = /^(\d+)(?:\.\d+)?s?$/.exec(fields.get('ru_wallclock') ?? '')?.[1];
  const elapsedSeconds =
    startedAt !== null && endedAt !== null ? endedAt - startedAt : wallclock === undefined ? null : Number(wallclock);
  const limits = requestsOf(fields.get('category') ?? '');
  const virtual = limits.get('h_vmem');
  const perSlot = virtual === undefined ? null : parseMemory(virtual);
  const exitStatus = Number(exit);
  const deletedBy = fields.get('deleted_by') ?? 'NONE';
  const state = accountedState({
    failed: Number(failed[1]),
    exitStatus,
    elapsedSeconds,
    timeLimitSeconds: timeOf(limits.get('h_rt')),
    maxVirtualBytes: parseMemory(fields.get('maxvmem') ?? ''),
    virtualLimitBytes:
      perSlot === null ? null : perSlot * Math.max(1, Number.parseInt(fields.get('slots') ?? '', 10) || 1),
    deletedBy: /^(NONE|undefined)?$/i.test(deletedBy) ? null : deletedBy,
  });
  if (state === null) return null;
  const signal = exitStatus > 128 && exitStatus < 160 ? exitStatus - 128 : 0;
  return {
    id,
    tasks: task === 'undefined' ? [] : [Number(task)],
    name: fields.get('jobname') ?? '',
    state,
    rawState:
      failed[1] === '0' ? `exit status ${exitStatus}` : `failed ${failed[1]}${failed[2] ? `: ${failed[2]}` : ''}`,
    reason: null,
    submittedAt: utc(fields.get('qsub_time')),
    startedAt,
    endedAt,
    elapsedSeconds,
    nodes: fields.get('hostname') ?? null,
    exitCode: signal > 0 ? 0 : exitStatus,
    signal,
    maxRssBytes: null,
    cancelledBy: null,
  };
}

/** The hard requests of a category: `-U staff -l h_rt=100,h_vmem=150M -pe smp 2`. */
function requestsOf(category: string): Map<string, string> {
  const found = new Map<string, string>();
  const hard = category.replace(/-soft -l \S+/g, '');
  for (const [, list] of hard.matchAll(/(?:^|\s)-l (\S+)/g)) {
    for (const part of list!.split(',')) {
      const at = part.indexOf('=');
      if (at > 0) found.set(part.slice(0, at), part.slice(at + 1));
    }
  }
  return found;
}

/** Seconds of `100` and `1:0:0` (any part may be empty). */
export function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const m = /^(\d{0,6}):(\d{0,3}):(\d{0,3})$/.exec(text);
  return m === null ? null : Number(m[1]) * 3600 + Number(m[2]) * 60 + Number(m[3]);
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Epoch seconds of `Thu Nov 26 06:48:36 2026` or (Univa, Altair) `11/26/2026 06:48:36.123`, read as UTC; null for `-/-`. */
function utc(text: string | undefined): number | null {
  const long = /^\w{3} (\w{3}) +(\d{1,2}) (\d\d):(\d\d):(\d\d) (\d{4})$/.exec(text ?? '');
  const short = /^(\d\d)\/(\d\d)\/(\d{4}) (\d\d):(\d\d):(\d\d)(?:\.\d+)?$/.exec(text ?? '');
  let at = Number.NaN;
  if (long !== null) {
    const [, month, day, h, m, s, year] = long as unknown as string[];
    const index = MONTHS.indexOf(month!);
    if (index >= 0) at = Date.UTC(Number(year), index, Number(day), Number(h), Number(m), Number(s));
  } else if (short !== null) {
    const [, month, day, year, h, m, s] = short as unknown as string[];
    at = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(h), Number(m), Number(s));
  }
  return Number.isFinite(at) && at > 0 ? Math.floor(at / 1000) : null;
}
